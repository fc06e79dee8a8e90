"""Measures of quality, each from its definition, on plain arrays."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.text import fold, han_runs

Array = NDArray[np.floating]


def accuracy(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """The share of equal labels."""
    return sum(p == e for p, e in zip(predicted, expected, strict=True)) / len(expected)


def macro_f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """The mean over the expected labels of each label's F1."""
    scores = []
    for label in sorted(set(expected)):
        hits = sum(p == e == label for p, e in zip(predicted, expected, strict=True))
        total = sum(p == label for p in predicted) + sum(e == label for e in expected)
        scores.append(2 * hits / total)
    return sum(scores) / len(scores)


def auroc(positive: Array, negative: Array) -> float:
    """The probability that a positive scores above a negative, ties counted half (Mann-Whitney)."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    equal = np.searchsorted(ordered, positive, side="right") - below
    return float((below + equal / 2).mean() / len(negative))


def expected_calibration_error(confidence: Array, right: NDArray[np.bool_], bins: int = 15) -> float:
    """The mean gap between confidence and accuracy over equal-width bins, weighed by their size (Guo et al. 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """The share of questions whose right passage is among the first k; ranks count from 1, None is not found."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Sequence[int | None], k: int) -> float:
    """The mean reciprocal rank of the right passage, zero beyond rank k."""
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks)


_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}，。、；：？！“”‘’（）《》〈〉「」『』【】…—·～]")


def normalize_answer(text: str) -> str:
    """The form in which answers are compared: SQuAD's (case, punctuation, articles), also for Chinese punctuation."""
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub(" ", fold(text))).split())


def answer_tokens(text: str) -> list[str]:
    """The units in which overlap is counted: words, and single Chinese characters (as CMRC 2018 does)."""
    tokens: list[str] = []
    for word in normalize_answer(text).split():
        runs = "".join(han_runs(word))
        tokens += list(word) if runs else [word]
    return tokens


def exact_match(predicted: str, golds: Sequence[str]) -> float:
    """1 when the prediction equals any gold answer in normal form, else 0."""
    return float(any(normalize_answer(predicted) == normalize_answer(gold) for gold in golds))


def overlap_f1(predicted: str, golds: Sequence[str]) -> float:
    """The best F1 of shared tokens with any gold answer (Rajpurkar et al. 2016)."""
    return max((_pair_f1(answer_tokens(predicted), answer_tokens(gold)) for gold in golds), default=0.0)


def _pair_f1(predicted: list[str], gold: list[str]) -> float:
    shared = sum((Counter(predicted) & Counter(gold)).values())
    return 2 * shared / (len(predicted) + len(gold)) if shared else 0.0


def contains_answer(sentence: str, golds: Sequence[str]) -> bool:
    """True when the sentence contains a gold answer, both in normal form."""
    inside = normalize_answer(sentence)
    return any(normalize_answer(gold) in inside for gold in golds if gold)
