"""Whether a difference between two systems on the same rows is more than chance.

Only rows that one system has right and the other wrong tell anything: `gained` are those that the new one alone has
right, `lost` those that the old one alone has right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_EXACT = 1_000  # differing rows up to which the binomial sum is taken exactly
_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Paired:
    """Two systems on the same `rows`: how many the new one alone has right, and how many the old one alone."""

    rows: int
    gained: int
    lost: int

    @property
    def difference(self) -> float:
        """The accuracy of the new one less that of the old one, in [-1, 1]; 0 without rows."""
        return (self.gained - self.lost) / self.rows if self.rows else 0.0


def compare(new: Sequence[bool] | NDArray[np.bool_], old: Sequence[bool] | NDArray[np.bool_]) -> Paired:
    """How two systems did on the same rows, of which each knows whether it was right.

    Raises:
        ValueError: the two differ in length.
    """
    first, second = np.asarray(new, bool), np.asarray(old, bool)
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} answers cannot be paired with {len(second)}: give the same rows to both")
    return Paired(len(first), int((first & ~second).sum()), int((~first & second).sum()))


def mcnemar(gained: int, lost: int) -> float:
    """The two-sided p value of McNemar's test (1947), in (0, 1]: the chance of so uneven a split of equal systems.

    Exact, from the binomial distribution, up to 1,000 differing rows; chi-square with Edwards' continuity correction
    (1948) beyond.
    """
    differing, more = gained + lost, max(gained, lost)
    if differing <= _EXACT:
        return min(1.0, 2 * _ways(differing, more) / (1 << differing))
    corrected = max(0, abs(gained - lost) - 1) ** 2 / differing
    return math.erfc(math.sqrt(corrected / 2))


def _ways(tosses: int, least: int) -> int:
    """In how many ways so many tosses of a coin show heads `least` times or more."""
    total, ways = 0, math.comb(tosses, least)
    for heads in range(least, tosses + 1):
        total += ways
        ways = ways * (tosses - heads) // (heads + 1)
    return total


def bootstrap_interval(
    paired: Paired, confidence: float = 0.95, samples: int = _SAMPLES, seed: int = 0
) -> tuple[float, float]:
    """The percentile interval of the accuracy difference by the paired bootstrap (Efron & Tibshirani 1993, ch. 13).

    Rows are drawn with replacement, each with both of its answers. As a row adds 1, 0 or -1, the counts of a drawn
    sample are multinomial, and are drawn as such.
    """
    if not paired.rows:
        return 0.0, 0.0
    same = paired.rows - paired.gained - paired.lost
    shares = np.array([paired.gained, paired.lost, same]) / paired.rows
    drawn = np.random.default_rng(seed).multinomial(paired.rows, shares, size=samples)
    differences = (drawn[:, 0] - drawn[:, 1]) / paired.rows
    low, high = np.quantile(differences, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def lower_bound(paired: Paired, confidence: float = 0.95) -> float:
    """What the difference is not below, at this one-sided confidence (Bonett & Price 2012, adjusted Wald).

    Unlike the bootstrap it knows that few rows prove little even where no row differs; -1 without rows.
    """
    if not paired.rows:
        return -1.0
    total = paired.rows + 2
    up, down = (paired.gained + 1) / total, (paired.lost + 1) / total
    spread = math.sqrt((up + down - (up - down) ** 2) / total)
    return max(-1.0, up - down - NormalDist().inv_cdf(confidence) * spread)


def share_interval(right: float, rows: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (1927) of the share `right` in [0, 1] of so many rows; (0, 1) without rows."""
    if not rows:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    scale = 1 + z * z / rows
    middle = (right + z * z / (2 * rows)) / scale
    half = z / scale * math.sqrt(right * (1 - right) / rows + z * z / (4 * rows * rows))
    return max(0.0, middle - half), min(1.0, middle + half)


def holm(p_values: Sequence[float], level: float) -> list[bool]:
    """Which of several tests are significant together at `level`: Holm's step-down rule (1979)."""
    found = [False] * len(p_values)
    for passed, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[place] > level / (len(p_values) - passed):
            break
        found[place] = True
    return found
