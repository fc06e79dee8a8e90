"""Whether a version fares worse with people than the one before it: what sends a roll-out back.

Shares are compared by Fisher's exact test (1935), one-sided: the chance that two equal versions differ so much to the
new one's disadvantage. Few messages prove nothing, so nothing is said before there are enough of them.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

Trouble = Literal["votes", "scope", "latency", "errors"]
_LEVEL = 0.01  # of each test; the watch looks again and again
_LEAST = 30  # messages of each version
_RISE = 0.05  # of a share, below which a difference is not worth going back for, however sure it is
_SLOWER = 1.5  # times the 95th percentile
_SLOWER_MS = 20.0  # and at least so much more, so that a tenth of nothing alarms nobody


@dataclass(frozen=True, slots=True)
class Fare:
    """How a version fared: so many messages, votes (`down` of `votes`), messages out of scope, the 95th percentile of
    the milliseconds to route one, and `failed` of `handled` updates."""

    messages: int
    votes: int
    down: int
    strange: int
    p95_ms: float
    failed: int = 0
    handled: int = 0


def trouble(new: Fare, old: Fare) -> Trouble | None:
    """Why the new version should go back, the gravest reason first; None where nothing speaks against it."""
    if _worse(new.failed, new.handled, old.failed, old.handled):
        return "errors"
    if _worse(new.down, new.votes, old.down, old.votes, least=_LEAST // 3):
        return "votes"
    if min(new.messages, old.messages) < _LEAST:
        return None
    if _worse(new.strange, new.messages, old.strange, old.messages):
        return "scope"
    slower = new.p95_ms > _SLOWER * old.p95_ms and new.p95_ms - old.p95_ms > _SLOWER_MS
    return "latency" if slower else None


def _worse(new: int, new_total: int, old: int, old_total: int, least: int = _LEAST) -> bool:
    if new_total < least or not old_total:
        return False
    risen = new / new_total - old / old_total >= _RISE
    return risen and fisher(new, new_total, old, old_total) < _LEVEL


def fisher(new: int, new_total: int, old: int, old_total: int) -> float:
    """The one-sided p value in (0, 1] that `new` of `new_total` is no larger a share than `old` of `old_total`."""
    hits, total = new + old, new_total + old_total
    ways = math.comb(total, new_total)
    tail = sum(
        math.comb(hits, k) * math.comb(total - hits, new_total - k) for k in range(new, min(hits, new_total) + 1)
    )
    return tail / ways


def p50(milliseconds: tuple[float, ...]) -> float:
    """The median; 0 of none."""
    return float(np.median(milliseconds)) if milliseconds else 0.0


def p95(milliseconds: tuple[float, ...]) -> float:
    """The 95th percentile; 0 of none."""
    return float(np.percentile(milliseconds, 95)) if milliseconds else 0.0
