"""How well known texts and out-of-scope texts are told apart, over all thresholds and at the one that is used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.metrics import auroc
from nlp.types import Route

_POINTS = 200  # of the curve: more cannot be seen

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScopeOutcome:
    """Shares in [0, 1] of known texts kept and out-of-scope texts refused, over `thresholds` of the scope score.

    `kept_now` and `refused_now` are those of the router's own decision; `refused_at_95` is the share refused where
    95 % of the known texts are kept.
    """

    known: int
    strange: int
    auroc: float
    thresholds: tuple[float, ...]
    kept: tuple[float, ...]
    refused: tuple[float, ...]
    kept_now: float
    refused_now: float
    refused_at_95: float


def judge_scope(known: Sequence[Route], strange: Sequence[Route]) -> ScopeOutcome | None:
    """The trade-off between keeping `known` texts and refusing `strange` ones; None where there are no strange ones."""
    if not strange:
        return None
    inside, outside = (np.array([route.scope_score for route in routes]) for routes in (known, strange))
    thresholds = np.unique(np.quantile(np.concatenate([inside, outside]), np.linspace(0, 1, _POINTS)))
    return ScopeOutcome(
        known=len(known),
        strange=len(strange),
        auroc=auroc(inside, outside),
        thresholds=tuple(map(float, thresholds)),
        kept=tuple(float((inside >= t).mean()) for t in thresholds),
        refused=tuple(float((outside < t).mean()) for t in thresholds),
        kept_now=float(np.mean([route.in_scope for route in known])),
        refused_now=float(np.mean([not route.in_scope for route in strange])),
        refused_at_95=float((outside < np.quantile(inside, 0.05)).mean()),
    )
