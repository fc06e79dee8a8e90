"""What a gate says: whether what was learned may serve, and each figure for and against it.

A candidate may serve if it is better where it must be, and nowhere worse, each by more than a margin. That it is
better, a paired bootstrap over the same items has to show (Efron & Tibshirani 1993, "Introduction to the Bootstrap").
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nlp.errors import DataError

MARGIN = 0.005  # by which a share may be lower, and must be higher to be called better: half a point
DOUBT = 0.05  # chance that a candidate which is no better is taken for better
FEWEST = 10  # items without which nothing is known
_DRAWS = 2000
_AT_ONCE = 1_000_000  # numbers drawn together, which bounds the memory

Floats = NDArray[np.float64]
Outcome = Literal["better", "as_good", "worse", "unknown"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of what serves and of the candidate over the same `items`; higher is better.

    `where` says on which set and in which language. `doubt` in [0, 1] is the share of resamples of the items in which
    the candidate is no better. `outcome` is "unknown" where there are too few items.
    """

    measure: str
    where: str
    items: int
    before: float
    after: float
    doubt: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ruling:
    """`serves` is what the gate decides; `reason` is "better", "worse" (some figure is), or "no_gain"."""

    serves: bool
    reason: Literal["better", "worse", "no_gain"]
    figures: tuple[Figure, ...]

    def as_dict(self) -> dict[str, float]:
        """The candidate's figures under flat names, as a manifest keeps its scores."""
        return {f"{figure.where} {figure.measure}": figure.after for figure in self.figures}

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe: lists, dictionaries, strings, numbers."""
        return {**asdict(self), "figures": [asdict(figure) for figure in self.figures]}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The ruling that `to_dict` described.

        Raises:
            DataError: it did not.
        """
        try:
            return cls(bool(raw["serves"]), raw["reason"], tuple(Figure(**figure) for figure in raw["figures"]))
        except (KeyError, TypeError) as error:
            raise DataError(f"this is not what a gate said ({error}): judge the candidate again") from error


def compare(measure: str, where: str, before: Floats, after: Floats, margin: float = MARGIN) -> Figure:
    """Scores (n,) of the same items, higher is better, as a figure."""
    if not len(before):
        return Figure(measure, where, 0, 0.0, 0.0, 1.0, "unknown")
    gains = after - before
    doubt = _doubt(gains)
    outcome: Outcome = "as_good"
    if len(gains) < FEWEST:
        outcome = "unknown"
    elif gains.mean() < -margin:
        outcome = "worse"
    elif gains.mean() > margin and doubt < DOUBT:
        outcome = "better"
    return Figure(measure, where, len(gains), float(before.mean()), float(after.mean()), doubt, outcome)


def _doubt(gains: Floats) -> float:
    """The share of resamples of the items whose mean gain is not above zero."""
    if not gains.any():
        return 1.0
    chance = np.random.default_rng(0)
    block = max(1, _AT_ONCE // len(gains))
    sizes = [min(block, _DRAWS - start) for start in range(0, _DRAWS, block)]
    means = [gains[chance.integers(0, len(gains), (size, len(gains)))].mean(axis=1) for size in sizes]
    return float((np.concatenate(means) <= 0).mean())


def rule(figures: Sequence[Figure], deciding: Sequence[Figure]) -> Ruling:
    """May serve if no figure is worse, and one of the `deciding` ones, which are among them, is better."""
    if any(figure.outcome == "worse" for figure in figures):
        return Ruling(serves=False, reason="worse", figures=tuple(figures))
    better = any(figure.outcome == "better" for figure in deciding)
    return Ruling(serves=better, reason="better" if better else "no_gain", figures=tuple(figures))
