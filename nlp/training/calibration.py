"""From the scores of held-out rows to calibrated decisions."""

import numpy as np
from numpy.typing import NDArray

from nlp.router import Calibration, Head, Scope, Scores, energy, softmax
from nlp.training.checks import STRANGE_LABELS
from nlp.training.targets import Targets

Floats = NDArray[np.float32]


def calibrate(scores: Scores, targets: Targets) -> Calibration:
    """Temperatures, scope threshold and confidence threshold, from the scores of rows that taught nothing."""
    heads, start = [], 0
    for labels, index in zip(targets.labels, targets.indices, strict=True):
        part = scores.logits[:, start : start + len(labels)]
        heads.append(Head(labels, _temperature(part[index >= 0], index[index >= 0])))
        start += len(labels)
    intents, index = scores.logits[:, : len(targets.labels[0])], targets.indices[0]
    strange = np.array([label in STRANGE_LABELS for label in targets.labels[0]])[index]
    probabilities = softmax(intents / heads[0].temperature)
    return Calibration(tuple(heads), _scope(scores.support, strange), _confidence(probabilities, index))


def _temperature(logits: Floats, index: NDArray[np.int64]) -> float:
    """The temperature of least negative log-likelihood on held-out rows."""
    candidates = np.geomspace(0.1, 5, 79)
    losses = [_log_loss(logits / candidate, index) for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def _log_loss(logits: Floats, index: NDArray[np.int64]) -> float:
    return float((energy(logits) - logits[np.arange(len(index)), index]).mean()) if len(index) else 0.0


def _scope(supports: Floats, strange: NDArray[np.bool_]) -> Scope:
    """The threshold that keeps 95 of 100 held-out texts in scope."""
    known = supports[~strange]
    return Scope(float(np.quantile(known, 0.05)), float(max(known.std(), 1e-3)) / 2)


def _confidence(probabilities: Floats, index: NDArray[np.int64], wanted: float = 0.95) -> float:
    """The lowest probability from which at least `wanted` of the held-out answers are right, within [0.2, 0.6]."""
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == index
    for threshold in np.arange(0.2, 0.6, 0.02):
        accepted = best >= threshold
        if accepted.any() and right[accepted].mean() >= wanted:
            return float(round(threshold, 2))
    return 0.6
