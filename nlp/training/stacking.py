"""How far to trust each of several scorers, so that one setting serves every set: rows held out have the last word.

A simple form of stacking (Wolpert 1992, "Stacked Generalization"): shares are those that do well nearly everywhere,
unless others name so many more of the held-out rows rightly that chance does not explain it.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nlp.training.targets import MISSING, Targets

_USUAL = (0.8, 0.65)  # beside the first scorer's 1: good on validation rows of CLINC150, BANKING77 and MASSIVE alike
_OTHERS = ((0.0, 0.8, 2.5, 8.0, 25.0), (0.0, 0.3, 0.65, 1.3))  # to choose from: what tells most differs with the texts
_DEVIATIONS = 2.0  # standard deviations of the gain by chance that other shares must surpass

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


def stack(logits: Sequence[Floats], targets: Targets) -> list[float]:
    """What to multiply the logits (n, c) of up to three scorers by before they are added up; 1 for the first."""
    others, worth = len(logits) - 1, _worths(targets)
    usual = right_answers(_mixed(logits, _USUAL[:others]), targets)
    best, most = _USUAL[:others], 0.0
    for shares in product(*_OTHERS[:others]):
        right = right_answers(_mixed(logits, shares), targets)
        gained = float(worth[right & ~usual].sum()) - float(worth[usual & ~right].sum())
        surplus = gained - _DEVIATIONS * float((worth[right != usual] ** 2).sum()) ** 0.5
        if surplus > most:
            best, most = shares, surplus
    return [1.0, *best]


def _mixed(logits: Sequence[Floats], shares: Sequence[float]) -> Floats:
    mixed: Floats = np.sum([np.float32(s) * part for s, part in zip((1.0, *shares), logits, strict=True)], axis=0)
    return mixed


def _worths(targets: Targets) -> Floats:
    """How much each answer of `right_answers` counts."""
    return np.concatenate([targets.worths()[index != MISSING] for index in targets.indices])


def right_answers(logits: Floats, targets: Targets) -> Flags:
    """Whether logits (n, c) name each label of each head rightly, head by head; rows without one are left out."""
    flags, start = [], 0
    for labels, index in zip(targets.labels, targets.indices, strict=True):
        best = logits[:, start : start + len(labels)].argmax(axis=1)
        flags.append((best == index)[index != MISSING])
        start += len(labels)
    return np.concatenate(flags)
