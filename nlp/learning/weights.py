"""How much of what is learned may come from one person, or from everybody who is not in charge.

Weights are made smaller until both bounds hold of the total that is left: a bound on a share of a total that shrinks with
what it cuts. For a guessed total T each person may have `share * T`; what all rows then weigh together, divided by T, only
falls as T grows, so the largest T that they reach is found by halving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PERSON_SHARE = 0.01
MEMBERS_SHARE = 0.5
_HALVINGS = 80
_NOTHING = 1e-9  # of what the rows weighed: below it, halving has found no total but zero
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Charged:
    """A row's weight >= 0, the people it is charged to, and whether an admin or reviewer stands behind it."""

    weight: float
    people: tuple[int, ...]
    trusted: bool = False


def cap(
    rows: Sequence[Charged], base: float = 0.0, person: float = PERSON_SHARE, members: float = MEMBERS_SHARE
) -> Weights:
    """The weights (n,) of the rows, none larger than before, such that two bounds hold of the total with `base`.

    Of `base` plus all weights, at most the share `person` is charged to any one person, each row wholly to each of its
    people, and at most the share `members` stands in rows that are not trusted. `base` is the weight of what nobody is
    charged for, the seeds. Where it is 0 and fewer than 1 / `person` people taught, no weights but zeros obey, and zeros
    are the answer.
    """
    rule = _Rule(rows, person, members)
    low, high = 0.0, base + float(rule.weights.sum())
    if rule.holds_at(high, base):
        return rule.at(high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rule.holds_at(middle, base) else (low, middle)
    found = rule.at(low)
    return found if base + found.sum() >= low > _NOTHING * max(1.0, high) else np.zeros_like(found)


class _Rule:
    """The bounds for a guessed total."""

    def __init__(self, rows: Sequence[Charged], person: float, members: float) -> None:
        self.weights: Weights = np.array([row.weight for row in rows], np.float64)
        self._person, self._members = person, members
        self._untrusted = np.array([not row.trusted for row in rows], bool)
        owners = sorted({one for row in rows for one in row.people})
        places = {one: place for place, one in enumerate(owners)}
        pairs = [(number, places[one]) for number, row in enumerate(rows) for one in dict.fromkeys(row.people)]
        self._rows = np.array([number for number, _ in pairs], np.int64)
        self._owners = np.array([place for _, place in pairs], np.int64)
        self._charged = np.bincount(self._owners, self.weights[self._rows], minlength=len(owners))

    def at(self, total: float) -> Weights:
        """The weights that obey the bounds where all together weigh `total`."""
        allowed = np.minimum(1.0, self._person * total / np.maximum(self._charged, 1e-300))
        factors = np.ones_like(self.weights)
        np.minimum.at(factors, self._rows, allowed[self._owners])
        weights = self.weights * factors
        untrusted = float(weights[self._untrusted].sum())
        if untrusted > self._members * total:
            weights[self._untrusted] *= self._members * total / untrusted
        return weights

    def holds_at(self, total: float, base: float) -> bool:
        """True when the rows, cut for `total`, weigh no less with `base`."""
        return base + float(self.at(total).sum()) >= total
