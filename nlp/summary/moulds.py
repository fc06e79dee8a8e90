"""Sentences cast in one mould: lines of a list or a log that differ in little but a name and some figures.

"Stop 3: Old Mill, open from 9 am to 5 pm." and "Stop 4: Castle, open from 10 am to 6 pm." say different things, so no
likeness of meaning holds them apart, yet a summary made of such lines says one thing again and again.
"""

import re
from itertools import pairwise

from nlp.text import UNIT, fold

Mould = frozenset[tuple[str, str]]

_SHARED = 0.30  # of pairs; of 4,669 pairs of sentences in the training articles of `benchmarks/summaries` 8 do
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*|[零〇一二三四五六七八九十百千万亿两]+")
_START = ""


def mould(sentence: str) -> Mould:
    """The pairs of neighbouring words and Chinese characters of a sentence, with every figure taken for the same."""
    units = [_START, *UNIT.findall(_FIGURE.sub(" 0 ", fold(sentence)))]
    return frozenset(pairwise(units))


def same_mould(one: Mould, other: Mould) -> bool:
    """True where two sentences share 30 % of their pairs (Dice's coefficient)."""
    return 2 * len(one & other) >= _SHARED * (len(one) + len(other)) > 0
