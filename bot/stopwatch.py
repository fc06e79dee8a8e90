"""Times the stages of one job."""

import time

from bot import tracing


class Stopwatch:
    """Laps in milliseconds, by name; each is a span where its job is traced."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.milliseconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Name the time since the last lap; laps of one name add up."""
        now = time.perf_counter()
        self.milliseconds[name] = round(self.milliseconds.get(name, 0.0) + (now - self._last) * 1000, 2)
        tracing.lap(name, now - self._last)
        self._last = now
