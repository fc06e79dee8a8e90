"""The numbers of a report on a router: per class, per language, per confidence, and what was taken for what."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.metrics import accuracy, expected_calibration_error, macro_f1
from nlp.training.data import Example
from nlp.types import Prediction, Route

BINS = 20
_EXAMPLES_SHOWN = 3

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """One test row: what was expected of one head, and what it said, best first."""

    example: Example
    expected: str
    ranked: tuple[Prediction, ...]
    route: Route

    @property
    def predicted(self) -> str:
        """The most probable label."""
        return self.ranked[0].label

    @property
    def confidence(self) -> float:
        """The probability of the most probable label, in [0, 1]."""
        return self.ranked[0].score

    @property
    def right(self) -> bool:
        """True when the most probable label is the expected one."""
        return self.predicted == self.expected


@dataclass(frozen=True)
class ClassScore:
    """Precision, recall and F1 in [0, 1] of one label; `support` rows expect it, `predicted` rows got it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True)
class Confusion:
    """How often one label was taken for another, of how many rows that expect it, with some of their texts."""

    expected: str
    predicted: str
    count: int
    support: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Bin:
    """The answers with a confidence between `low` and `high`: how many, how many right, and their mean confidence."""

    low: float
    high: float
    rows: int
    right: int
    confidence: float


@dataclass(frozen=True)
class LanguageScore:
    """Figures of the test rows in one language."""

    language: str
    rows: int
    accuracy: float
    macro_f1: float
    ece: float


@dataclass(frozen=True)
class HeadOutcome:
    """Everything a report says of one head, "intent" or "topic". `unknown` names labels that training never saw."""

    name: str
    rows: tuple[Judged, ...]
    labels: tuple[str, ...]
    matrix: Counts
    classes: tuple[ClassScore, ...]
    confusions: tuple[Confusion, ...]
    bins: tuple[Bin, ...]
    languages: tuple[LanguageScore, ...]
    unknown: tuple[str, ...]
    accuracy: float
    accuracy_at_3: float
    macro_f1: float
    ece: float

    @property
    def wrong(self) -> list[Judged]:
        """The rows with a wrong answer, the surest first."""
        return sorted((row for row in self.rows if not row.right), key=lambda row: -row.confidence)


def judge(test: Sequence[Example], routes: Sequence[Route], known: Sequence[Sequence[str]]) -> list[HeadOutcome]:
    """The outcome of each head: intents, and topics where the router knows them and the test rows name them.

    `known` holds the labels of each head.
    """
    pairs = list(zip(test, routes, strict=True))
    outcomes = [_outcome("intent", [Judged(e, e.intent, r.intents, r) for e, r in pairs], known[0])]
    topics = [Judged(e, e.topic, r.topics, r) for e, r in pairs if e.topic and r.topics]
    if topics:
        outcomes.append(_outcome("topic", topics, known[1]))
    return outcomes


def _outcome(name: str, rows: list[Judged], known: Sequence[str]) -> HeadOutcome:
    labels = sorted({row.expected for row in rows} | {row.predicted for row in rows})
    matrix = _matrix(rows, labels)
    expected, predicted = [row.expected for row in rows], [row.predicted for row in rows]
    return HeadOutcome(
        name=name,
        rows=tuple(rows),
        labels=tuple(labels),
        matrix=matrix,
        classes=_classes(matrix, labels),
        confusions=_confusions(rows),
        bins=_bins(rows),
        languages=_languages(rows),
        unknown=tuple(sorted(set(expected) - set(known))),
        accuracy=accuracy(predicted, expected),
        accuracy_at_3=float(np.mean([row.expected in [p.label for p in row.ranked[:3]] for row in rows])),
        macro_f1=macro_f1(predicted, expected),
        ece=_ece(rows),
    )


def _matrix(rows: Sequence[Judged], labels: Sequence[str]) -> Counts:
    """Counts (c, c): rows are expected labels, columns predicted ones."""
    place = {label: i for i, label in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)), np.int64)
    for row in rows:
        matrix[place[row.expected], place[row.predicted]] += 1
    return matrix


def _classes(matrix: Counts, labels: Sequence[str]) -> tuple[ClassScore, ...]:
    """Scores of each label that occurs in the test rows or was given to one, the worst F1 first."""
    hits, support, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    precision, recall = hits / np.maximum(predicted, 1), hits / np.maximum(support, 1)
    f1 = 2 * hits / (support + predicted)
    scores = [
        ClassScore(label, float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]), int(predicted[i]))
        for i, label in enumerate(labels)
    ]
    return tuple(sorted(scores, key=lambda score: (score.f1, -score.support, score.label)))


def _confusions(rows: Sequence[Judged]) -> tuple[Confusion, ...]:
    """All pairs of expected and predicted labels that differ, the most frequent first."""
    support = Counter(row.expected for row in rows)
    texts: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for row in rows:
        if not row.right:
            texts[row.expected, row.predicted].append(row)
    found = [
        Confusion(
            *pair,
            len(wrong),
            support[pair[0]],
            tuple(row.example.text for row in sorted(wrong, key=lambda row: -row.confidence)[:_EXAMPLES_SHOWN]),
        )
        for pair, wrong in texts.items()
    ]
    return tuple(sorted(found, key=lambda c: (-c.count, -c.count / c.support, c.expected, c.predicted)))


def _bins(rows: Sequence[Judged]) -> tuple[Bin, ...]:
    confidence = np.array([row.confidence for row in rows])
    right = np.array([row.right for row in rows])
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(
            b / BINS,
            (b + 1) / BINS,
            int((place == b).sum()),
            int(right[place == b].sum()),
            float(confidence[place == b].mean()) if (place == b).any() else (b + 0.5) / BINS,
        )
        for b in range(BINS)
    )


def _languages(rows: Sequence[Judged]) -> tuple[LanguageScore, ...]:
    parts: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        parts[row.route.language].append(row)
    return tuple(
        LanguageScore(
            language,
            len(part),
            accuracy([row.predicted for row in part], [row.expected for row in part]),
            macro_f1([row.predicted for row in part], [row.expected for row in part]),
            _ece(part),
        )
        for language, part in sorted(parts.items())
    )


def _ece(rows: Sequence[Judged]) -> float:
    return expected_calibration_error(np.array([row.confidence for row in rows]), np.array([row.right for row in rows]))
