"""Flood limits: how fast the bot may send and edit before it is told to wait."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from bot.simulator.errors import too_many_requests
from bot.simulator.model import Chat, Message


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server allows, and how long it keeps things. The defaults are close to Telegram's."""

    sends_per_second: float = 30  # over all chats
    private_burst: float = 20  # messages to one person at once
    private_sends_per_second: float = 1  # after the burst
    group_sends_per_minute: float = 20
    edit_burst: float = 5  # edits of one message at once
    edits_per_second: float = 1  # after the burst
    query_seconds: float = 60  # a pressed button can be answered
    draft_seconds: float = 30  # a draft stays without a message or another draft
    update_seconds: float = 24 * 3600  # an update is kept for the bot
    webhook_retry_seconds: float = 1  # before the second try; doubled up to a minute after each failure


_HIGH = 1e9
UNLIMITED = Limits(_HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH)
"""No flood limit that a test could reach; the rest as usual."""


@dataclass(frozen=True, slots=True)
class _Bucket:
    """`capacity` actions at once, then `rate` of them a second."""

    key: Hashable
    capacity: float
    rate: float


class FloodGate:
    """Counts what the bot does. `clock` gives seconds."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._levels: dict[Hashable, tuple[float, float]] = {}  # what is left, and since when

    def send(self, chat: Chat) -> None:
        """Count a message to `chat`.

        Raises:
            ApiError: it would be one too many.
        """
        limits = self._limits
        if chat.is_private:
            here = _Bucket(chat.id, limits.private_burst, limits.private_sends_per_second)
        else:
            here = _Bucket(chat.id, limits.group_sends_per_minute, limits.group_sends_per_minute / 60)
        self._take(_Bucket("everywhere", limits.sends_per_second, limits.sends_per_second), here)

    def edit(self, message: Message) -> None:
        """Count an edit of `message`.

        Raises:
            ApiError: it would be one too many.
        """
        limits = self._limits
        key = (message.chat_id, message.message_id)
        self._take(_Bucket(key, limits.edit_burst, limits.edits_per_second))

    def _take(self, *buckets: _Bucket) -> None:
        """One action out of each bucket, or out of none when one is empty."""
        wait = max((1 - self._left(bucket)) / bucket.rate for bucket in buckets)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        for bucket in buckets:
            self._levels[bucket.key] = (self._left(bucket) - 1, self._clock())

    def _left(self, bucket: _Bucket) -> float:
        left, since = self._levels.get(bucket.key, (bucket.capacity, self._clock()))
        return min(bucket.capacity, left + (self._clock() - since) * bucket.rate)
