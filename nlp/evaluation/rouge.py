"""ROUGE: how much of a reference summary a summary holds (Lin 2004, "ROUGE: A Package for Automatic Evaluation").

Units are words, folded (letter case, compatibility and traditional characters), without stemming, and single Chinese
characters. ROUGE-N is the F1 of shared n-grams, ROUGE-L that of the longest common subsequence of the whole texts.
Against several references each measure counts the one that it agrees with best.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.text import HAN, fold

_UNIT = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 of ROUGE-1, ROUGE-2 and ROUGE-L, each in [0, 1]."""

    one: float
    two: float
    longest: float


def rouge(summary: str, references: Sequence[str]) -> Rouge:
    """The scores of a summary against one or more references, the best of them for each measure."""
    ours = units(summary)
    scores = [_scores(ours, units(reference)) for reference in references]
    return Rouge(*(max(column) for column in zip(*scores, strict=True)))


def units(text: str) -> list[str]:
    """What is compared: folded words and single Chinese characters, in order."""
    return _UNIT.findall(fold(text))


def _scores(ours: Sequence[str], theirs: Sequence[str]) -> tuple[float, float, float]:
    longest = common_length(ours, theirs)
    return (_shared(ours, theirs, 1), _shared(ours, theirs, 2), _f1(longest, len(ours), len(theirs)))


def _shared(ours: Sequence[str], theirs: Sequence[str], size: int) -> float:
    one, other = _grams(ours, size), _grams(theirs, size)
    return _f1((one & other).total(), one.total(), other.total())


def _grams(found: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(found[i : i + size]) for i in range(len(found) - size + 1))


def _f1(common: int, ours: int, theirs: int) -> float:
    return 2 * common / (ours + theirs) if common else 0.0


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, bit-parallel (Hyyrö 2004): a column of the table is one integer."""
    places: defaultdict[str, int] = defaultdict(int)
    for place, unit in enumerate(one):
        places[unit] |= 1 << place
    every = (1 << len(one)) - 1
    column = every
    for unit in other:
        matched = column & places.get(unit, 0)
        column = ((column + matched) | (column - matched)) & every
    return len(one) - column.bit_count()
