"""Learning from votes when the documents answer: the reader's confidence is calibrated anew, gently.

In each language the log-odds of being right become a + b * the log-odds of the confidence (Platt 1999), with a prior
around a = 0 and b = 1, which is to say around the reader as it is, that counts like a number of votes. The threshold
goes where being right is as likely as not, within the bounds of `nlp.thresholds`.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.model_store import DataSnapshot, Manifest
from nlp.reader import log_odds
from nlp.text import detect_language
from nlp.thresholds import ANSWERS_FROM, ARCHITECTURE, HIGHEST, KIND, LOWEST, Thresholds
from nlp.types import LANGUAGES, Language

_INFORMATION = 0.25  # of one vote, where being right is as likely as not: its curvature
_FARTHEST = 6.0  # log-odds beyond which a confidence says no more
_ROUNDS = 50
_LEAST_SLOPE = 0.1  # below it, confidence hardly tells right from wrong, and moving the threshold mends nothing

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question with the reader's confidence in [0, 1] that the documents answer it, and whether they do.

    `right` is True where the answer was, or where a refusal was wrong; False where the answer was wrong, or where the
    refusal was right. `weight` >= 0 counts beside a vote of weight 1; `origin` names the row.
    """

    question: str
    confidence: float
    right: bool
    weight: float = 1.0
    origin: str = ""

    @property
    def language(self) -> Language:
        """The language of the question."""
        return detect_language(self.question)


@dataclass(frozen=True)
class ThresholdConfig:
    """`prior` is how many votes the reader's own confidence counts for, in each language."""

    prior: float = 100.0


DEFAULT = ThresholdConfig()


def fit_thresholds(reviewed: Sequence[Reviewed], config: ThresholdConfig = DEFAULT) -> Thresholds:
    """A threshold for each language that was voted on."""
    found: dict[Language, float] = {}
    for language in LANGUAGES:
        rows = [row for row in reviewed if row.language == language and row.weight > 0]
        if rows:
            found[language] = _threshold(rows, config.prior)
    return Thresholds(found)


def _threshold(rows: Sequence[Reviewed], prior: float) -> float:
    odds = np.clip([log_odds(row.confidence) for row in rows], -_FARTHEST, _FARTHEST)
    right, weights = np.array([row.right for row in rows], float), np.array([row.weight for row in rows])
    shift, slope = _calibrate(odds, right, weights, prior * _INFORMATION)
    if slope < _LEAST_SLOPE:
        return ANSWERS_FROM
    even = 1 / (1 + math.exp(max(-_FARTHEST, min(_FARTHEST, shift / slope))))
    return min(max(even, LOWEST), HIGHEST)


def _calibrate(odds: Floats, right: Floats, weights: Floats, precision: float) -> tuple[float, float]:
    """The most likely shift and slope under the prior, by Newton's method; the posterior is concave."""
    rows = np.stack([np.ones_like(odds), odds], axis=1)
    middle = np.array([0.0, 1.0])
    found = middle.copy()
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-(rows @ found)))
        slope = rows.T @ (weights * (right - likely)) - precision * (found - middle)
        curvature = (rows.T * (weights * likely * (1 - likely))) @ rows + precision * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        found += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def describe_thresholds(
    reviewed: Sequence[Reviewed],
    config: ThresholdConfig = DEFAULT,
    *,
    sources: Sequence[str] = (),
    scores: Mapping[str, float] | None = None,
    parent: str | None = None,
) -> Manifest:
    """What stored thresholds say of themselves, without version and files."""
    rows = sorted(f"{r.question}\x1f{r.confidence:.6g}\x1f{r.right}\x1f{r.weight:.6g}" for r in reviewed)
    digest = hashlib.sha256("\x1e".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
    data = DataSnapshot(digest, len(rows), tuple(sources))
    return Manifest(KIND, ARCHITECTURE, {"training": asdict(config)}, data, 0, scores or {}, parent)
