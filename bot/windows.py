"""How much of something one person may have within a time."""

from collections import OrderedDict, deque
from collections.abc import Hashable

MINUTE, DAY = 60.0, 86_400.0


class Window:
    """At most `most` uses by each person within `seconds`; times are in seconds on any one clock."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._uses: OrderedDict[int, deque[tuple[float, Hashable]]] = OrderedDict()  # whose use is oldest comes first

    def take(self, person: int, now: float, what: Hashable = None) -> float:
        """Count a use at `now`: 0, or the seconds until there may be one, which is then not counted.

        The same `what` is counted once, however often it is tried.
        """
        self._forget(now)
        uses = self._uses.setdefault(person, deque())
        while uses and uses[0][0] <= now - self._seconds:
            uses.popleft()
        if what is not None and any(known == what for _, known in uses):
            return 0.0
        if len(uses) >= self._most:
            return uses[0][0] + self._seconds - now
        uses.append((now, what))
        self._uses.move_to_end(person)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop whoever has used nothing for a while, so that nothing grows."""
        while self._uses and next(iter(self._uses.values()))[-1][0] <= now - self._seconds:
            self._uses.popitem(last=False)
