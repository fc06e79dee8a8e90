"""From the scores of held-out rows to calibrated decisions."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.router import Calibration, Head, Scope, Scores, energy, softmax
from nlp.training.checks import STRANGE_LABELS
from nlp.training.targets import Targets

Floats = NDArray[np.float32]


def calibrate(scores: Scores, targets: Targets) -> Calibration:
    """Temperatures, scope threshold and confidence threshold, from the scores of rows that taught nothing."""
    heads, start, worth = [], 0, targets.worths()
    for labels, index in zip(targets.labels, targets.indices, strict=True):
        part = scores.logits[:, start : start + len(labels)]
        known = index >= 0
        heads.append(Head(labels, _temperature(part[known], index[known], worth[known])))
        start += len(labels)
    intents, index = scores.logits[:, : len(targets.labels[0])], targets.indices[0]
    strange = np.array([label in STRANGE_LABELS for label in targets.labels[0]])[index]
    probabilities = softmax(intents / heads[0].temperature)
    scope = _scope(scores.support[~strange], worth[~strange])
    return Calibration(tuple(heads), scope, _confidence(probabilities, index, worth))


def _temperature(logits: Floats, index: NDArray[np.int64], worth: Floats) -> float:
    """The temperature of least negative log-likelihood on held-out rows."""
    candidates = np.geomspace(0.1, 5, 79)
    losses = [_log_loss(logits / candidate, index, worth) for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def _log_loss(logits: Floats, index: NDArray[np.int64], worth: Floats) -> float:
    return _mean(energy(logits) - logits[np.arange(len(index)), index], worth) if len(index) else 0.0


def _scope(known: Floats, worth: Floats) -> Scope:
    """The threshold that keeps 95 of 100 held-out texts in scope."""
    return Scope(_quantile(known, worth, 0.05), max(_deviation(known, worth), 1e-3) / 2)


def _mean(values: NDArray[Any], worth: Floats) -> float:
    """The mean by worth; of rows that are worth the same, it is numpy's own to the last bit."""
    return float(values.mean() if _alike(worth) else np.average(values, weights=worth))


def _deviation(values: Floats, worth: Floats) -> float:
    if _alike(worth):
        return float(values.std())
    return math.sqrt(_mean((values - _mean(values, worth)) ** 2, worth))


def _quantile(values: Floats, worth: Floats, share: float) -> float:
    if _alike(worth):
        return float(np.quantile(values, share))
    return float(np.quantile(values, share, weights=worth, method="inverted_cdf"))


def _alike(worth: Floats) -> bool:
    return bool((worth == worth[:1]).all())


def _confidence(probabilities: Floats, index: NDArray[np.int64], worth: Floats, wanted: float = 0.95) -> float:
    """The lowest probability from which at least `wanted` of the held-out answers are right, within [0.2, 0.6]."""
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == index
    for threshold in np.arange(0.2, 0.6, 0.02):
        accepted = best >= threshold
        if accepted.any() and _mean(right[accepted], worth[accepted]) >= wanted:
            return float(round(threshold, 2))
    return 0.6
