"""The same question asked again: exact and near duplicates folded into one, in time that grows about as fast as the rows.

Two texts are near when the Jaccard similarity of their character shingles reaches a threshold, and they agree on every
number and every word that turns the meaning round (no, not, without; 不, 没; on and off). The pairs are found exactly,
by the prefix filter of Chaudhuri, Ganti and Kaushik (2006, "A primitive operator for similarity joins in data
cleaning"): similar sets share at least one of the few rarest members of each.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from nlp.text import HAN, fold, has_han

NEAR = 0.8  # of 769 such pairs among the training questions of CLINC150 and BANKING77, 754 have one intent
_LATIN_SIZE, _HAN_SIZE = 4, 2  # characters a shingle
_REMEMBERED = 131_072  # texts whose comparable form is kept
_SPLIT = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_FIGURES = re.compile(r"\d+(?:[.,:]\d+)*")
_FIGURE_WORDS = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|half|double|twice)\b|"
    "[零〇一二两三四五六七八九十百千万半]+"
)
_TURNING = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot|can't|[a-z]+n't|dont|doesnt|cant|wont|isnt|unable|"
    r"fail|fails|failed|except|on|off|in|out|up|down|before|after|with|enable|disable|add|remove|delete|install|uninstall|"
    r"start|stop|open|close|lock|unlock|increase|decrease|raise|lower|more|less|buy|sell|send|receive|from|to|mute|unmute|"
    r"subscribe|unsubscribe|accept|reject|allow|deny|min|max|minimum|maximum|yes)\b|"
    "不|没|無|无|非|未|别|勿|莫|否|开|关|前|后|上|下|进|出|加|减|增|删|装|卸|买|卖|收|发|多|少|大|小|高|低|左|右|升|降|借|还|来|去"
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it is compared: its normal form, its shingles, and `turns`, what two near texts have in common, in
    order: numbers, negations and words that have an opposite."""

    normal: str
    turns: tuple[str, ...]
    shingles: frozenset[str]


def _prepare(text: str) -> _Text:
    folded = fold(text)
    normalised = " ".join(_SPLIT.findall(folded))
    turns = (*_FIGURES.findall(folded), *_FIGURE_WORDS.findall(folded), *_TURNING.findall(folded))
    return _Text(normalised, turns, shingles(normalised))


def shingles(normalised: str) -> frozenset[str]:
    """The character shingles of a normalised text: four Latin characters, or two where one of them is Chinese."""
    padded = f" {normalised} "
    if normalised.isascii():
        return frozenset(padded[i : i + _LATIN_SIZE] for i in range(max(1, len(padded) - _LATIN_SIZE + 1)))
    pairs = {padded[i : i + _HAN_SIZE] for i in range(len(padded) - 1)}
    fours = {padded[i : i + _LATIN_SIZE] for i in range(max(1, len(padded) - _LATIN_SIZE + 1))}
    return frozenset({pair for pair in pairs if has_han(pair)} | {four for four in fours if not has_han(four)})


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """The share in [0, 1] of the members of two sets that both have; 1 for two empty sets."""
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if first or second else 1.0


class NearIndex:
    """Texts by number, and which of them a text repeats, exactly or nearly.

    `vocabulary` are texts that tell which shingles are rare; any will do, those to be compared make it fast.
    """

    def __init__(self, vocabulary: Iterable[str] = (), threshold: float = NEAR) -> None:
        self._threshold = threshold
        self._prepare = lru_cache(maxsize=_REMEMBERED)(_prepare)
        self._frequency = Counter(shingle for text in vocabulary for shingle in self._prepare(text).shingles)
        self._sets: list[frozenset[str]] = []
        self._exact: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        self._postings: dict[tuple[tuple[str, ...], str], list[int]] = {}

    def add(self, text: str) -> int:
        """Add a text; its number is how many were added before it."""
        number, prepared = len(self._sets), self._prepare(text)
        self._sets.append(prepared.shingles)
        self._exact.setdefault((prepared.normal, prepared.turns), []).append(number)
        for shingle in self._rarest(prepared.shingles):
            self._postings.setdefault((prepared.turns, shingle), []).append(number)
        return number

    def find(self, text: str) -> Iterator[int]:
        """The numbers of the texts that `text` repeats, exact ones first, without repeats, otherwise oldest first."""
        prepared = self._prepare(text)
        exact = self._exact.get((prepared.normal, prepared.turns), [])
        yield from exact
        posted = (self._postings.get((prepared.turns, shingle), ()) for shingle in self._rarest(prepared.shingles))
        candidates = {number for numbers in posted for number in numbers}.difference(exact)
        yield from (number for number in sorted(candidates) if self._near(prepared.shingles, self._sets[number]))

    def _near(self, first: frozenset[str], second: frozenset[str]) -> bool:
        few, many = sorted((len(first), len(second)))
        return few >= self._threshold * many and jaccard(first, second) >= self._threshold

    def _rarest(self, members: frozenset[str]) -> list[str]:
        """So many of the rarest shingles that a similar set has to share one of them."""
        count = len(members) - ceil(self._threshold * len(members) - 1e-9) + 1
        return sorted(members, key=lambda shingle: (self._frequency[shingle], shingle))[:count]


def fold_duplicates(texts: Sequence[str], threshold: float = NEAR) -> list[list[int]]:
    """The places of `texts` in groups of repeats, each group in order, groups ordered by their first place.

    A text joins the group whose first text it repeats, so no chain of small changes makes one group of two questions;
    put first what should stand for its group.
    """
    index = NearIndex(texts, threshold)
    groups: list[list[int]] = []  # the text that stands for a group has the group's number in the index
    for place, text in enumerate(texts):
        found = next(index.find(text), None)
        if found is None:
            index.add(text)
            groups.append([place])
        else:
            groups[found].append(place)
    return groups
