"""What of the found passages is worth reading: those that say again what a better one says are left out.

Chosen by words rather than by vectors: two passages that differ in a number or in a "not" are near in any encoder's
eyes, and both must be read. On SQuAD 1.1 train no pair of distinct passages is taken for a repetition, so recall there
is what it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.lexical import distinct_terms
from nlp.types import Hit, Passage

SPARE = 5  # how many more than are read should be asked for
_SAME = 0.95  # share of their distinct terms that two passages have in common to say the same
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class _Said:
    """The distinct terms of a passage, and its numbers in their order."""

    words: frozenset[str]
    numbers: tuple[str, ...]

    def repeats(self, other: "_Said") -> bool:
        """True for the same numbers in nearly the same words."""
        both, common = len(self.words | other.words), len(self.words & other.words)
        return self.numbers == other.numbers and common >= _SAME * both


@lru_cache(maxsize=512)  # passages that are found again
def _said(text: str) -> _Said:
    return _Said(distinct_terms(text), tuple(_NUMBER.findall(text)))


def distinct(found: Sequence[tuple[Passage, Hit]], limit: int) -> list[tuple[Passage, Hit]]:
    """The first `limit` passages, best first, without those that repeat a better one."""
    chosen: list[tuple[Passage, Hit]] = []
    said: list[_Said] = []
    for passage, hit in found:
        here = _said(passage.text)
        if not any(here.repeats(other) for other in said):
            chosen.append((passage, hit))
            said.append(here)
        if len(chosen) == limit:
            break
    return chosen
