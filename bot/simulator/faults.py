"""Planned failures, by which tests see what a bot does when Telegram or the network fails."""

from dataclasses import dataclass
from typing import Literal

from bot.simulator.errors import ApiError, too_many_requests

Drop = Literal["before", "after"]
_DESCRIPTIONS = {401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error", 502: "Bad Gateway"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: a status in place of the effect, a connection cut before or after it, or a delay."""

    status: int | None = None
    retry_after: int = 1
    drop: Drop | None = None
    delay: float = 0.0

    def error(self) -> ApiError | None:
        """The answer in place of the effect, if there is one."""
        if self.status is None:
            return None
        if self.status == 429:
            return too_many_requests(self.retry_after)
        return ApiError(self.status, _DESCRIPTIONS.get(self.status, "Bad Request: planned failure"))


class Faults:
    """Faults that wait for calls of a method, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}

    def add(
        self,
        method: str,
        times: int = 1,
        *,
        status: int | None = None,
        retry_after: int = 1,
        drop: Drop | None = None,
        delay: float = 0.0,
    ) -> None:
        """The next `times` calls of `method` fail. `delay` is in seconds and comes first."""
        fault = Fault(status, retry_after, drop, delay)
        self._waiting.setdefault(method.lower(), []).extend([fault] * times)

    def take(self, method: str) -> Fault:
        """What happens to this call; mostly nothing."""
        waiting = self._waiting.get(method.lower())
        return waiting.pop(0) if waiting else Fault()

    def clear(self) -> None:
        """Nothing fails any more."""
        self._waiting.clear()
