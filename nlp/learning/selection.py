<<<<<<< HEAD
"""Which unlabelled messages a reviewer should see first: those that teach most (active learning).

Three orders take turns: the least sure (smallest margin between the router's two best labels), the most different
(farthest first: Gonzalez 1985, Sener and Savarese 2018), and the most asked (largest group of repeats). Repeats are
shown once.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
=======
"""Which messages to label next, so that every label teaches much: the least sure, the most different, the most asked.

The margin between the two best labels says how unsure a router is (Scheffer, Decomain and Wrobel, 2001, "Active hidden
Markov models for information extraction"); taking the best one after another, each weighed by how far it is from those
taken, keeps a batch from asking the same many times (Brinker, 2003, "Incorporating diversity in active learning").
"""

from collections.abc import Sequence
>>>>>>> h6-run

import numpy as np
from numpy.typing import NDArray

<<<<<<< HEAD
from nlp.learning.folding import fold_duplicates
from nlp.text import fold, is_han

_DIMENSIONS = 256
_GRAM = 3
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A message to choose from: `margin` in [0, 1] is by how much the router's best label led, 1 where it is sure."""

    origin: str
    text: str
    margin: float


@dataclass(frozen=True, slots=True)
class Card:
    """A message to review, why it was chosen ("unsure", "different" or "asked"), and how many messages ask it."""

    origin: str
    text: str
    reason: str
    asked: int


def choose(messages: Sequence[Unlabelled], count: int, vectors: Floats | None = None) -> list[Card]:
    """At most `count` messages to review, in the order to show them, the same for the same messages in any order.

    `vectors` (n, d) are unit vectors of the messages' texts; without them character n-grams tell what differs.
    """
    order = sorted(range(len(messages)), key=lambda place: (messages[place].margin, messages[place].origin))
    groups = fold_duplicates([messages[place].text for place in order])
    first = [order[group[0]] for group in groups]  # of each group, the message that is least sure
    shown = [messages[place] for place in first]
    given = gram_vectors([message.text for message in shown]) if vectors is None else vectors[first]
    sizes = [len(group) for group in groups]
    turns: list[tuple[str, Iterator[int]]] = [
        ("unsure", iter(range(len(shown)))),
        ("different", farthest_first(given)),
        ("asked", iter(sorted(range(len(shown)), key=lambda place: (-sizes[place], place)))),
    ]
    cards: dict[int, Card] = {}
    while len(cards) < min(count, len(shown)):
        for reason, places in turns:
            place = next((place for place in places if place not in cards), None)
            if place is not None and len(cards) < count:
                cards[place] = Card(shown[place].origin, shown[place].text, reason, sizes[place])
    return list(cards.values())


def farthest_first(vectors: Floats) -> Iterator[int]:
    """The rows of unit vectors (n, d), each the one farthest from those before it, from the least typical one on."""
    if not len(vectors):
        return
    nearest = vectors @ vectors.mean(axis=0)
    for _ in range(len(vectors)):
        place = int(np.argmin(nearest))
        yield place
        nearest = np.maximum(nearest, vectors @ vectors[place])
        nearest[place] = np.inf


def gram_vectors(texts: Sequence[str]) -> Floats:
    """Unit vectors (n, 256) of hashed character n-grams: of three Latin characters, or one and two Chinese ones."""
    vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for gram in _grams(f" {fold(text)} "):
            row[zlib.crc32(gram.encode()) % _DIMENSIONS] += 1
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors


def _grams(text: str) -> Iterator[str]:
    for start in range(len(text) - 1):
        if is_han(text[start]):
            yield text[start]
            yield text[start : start + 2]
        else:
            yield text[start : start + _GRAM]
=======
from nlp.learning.likeness import Vectors

_LEAST_UNSURE = 0.05  # what a message is worth of which the router is quite sure; it may be surely wrong


def select(chances: Sequence[Sequence[float]], vectors: Vectors, asked: Sequence[int], most: int) -> list[int]:
    """The places of at most `most` messages to label, best first.

    `chances` are the leading probabilities of each message's labels, `vectors` (n, d) unit rows that say how alike
    messages are, and `asked` >= 1 how often each was asked.
    """
    worth = _unsure(chances) * (1.0 + np.log(np.maximum(np.asarray(asked, np.float64), 1.0)))
    distance = np.ones(len(worth))
    chosen: list[int] = []
    for _ in range(min(most, len(worth))):
        value = worth * distance
        value[chosen] = -1.0
        best = int(value.argmax())
        chosen.append(best)
        distance = np.minimum(distance, 1.0 - np.clip(vectors @ vectors[best], 0.0, 1.0))
    return chosen


def _unsure(chances: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """How unsure the router was of each message: 1 where two labels are equally likely, little where one is sure."""
    margins = []
    for found in chances:
        best, second, *_ = *sorted(found, reverse=True), 0.0, 0.0
        margins.append(1.0 - (best - second) if found else 1.0)
    return np.maximum(np.asarray(margins, np.float64), _LEAST_UNSURE)
>>>>>>> h6-run
