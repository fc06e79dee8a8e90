"""Which messages to label next, so that every label teaches much: the least sure, the most different, the most asked.

The margin between the two best labels says how unsure a router is (Scheffer, Decomain and Wrobel, 2001, "Active hidden
Markov models for information extraction"); taking the best one after another, each weighed by how far it is from those
taken, keeps a batch from asking the same many times (Brinker, 2003, "Incorporating diversity in active learning").
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
