"""How fast the bot may speak: Telegram's limits for each chat by itself, so that one that must wait holds up no other.

Telegram allows about one message a second in a chat, twenty a minute in a group, and thirty a second in all to people
who have not just written; answers may be as many as there are questions. Within a chat answers go before edits, edits
before digests; of edits of one message only the newest is sent. Where Telegram asks to wait (429), that chat waits.

A chat is served by one process at a time, so its own limit holds wherever that is. What is allowed in all is divided
among the processes that answer; what one leaves unused, the others do not get.
"""

import asyncio
import heapq
import math
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import Any

from telegram import Bot
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter, ExtBot

Result = bool | dict[str, Any] | list[dict[str, Any]]
Call = Callable[..., Coroutine[Any, Any, Result]]
_FREE = ("get", "set", "delete", "answer", "log", "close")  # how the names of methods begin that speak to nobody
_PASSING = frozenset({"sendChatAction", "sendMessageDraft"})  # worth nothing later
_REMEMBERED = 4096  # chats; of those beyond, the ones that wait for nothing are dropped


class Rank(IntEnum):
    """What goes first within a chat; `LATE` is given by who sends what nobody waits for, such as a digest."""

    ANSWER = 0
    EDIT = 1
    LATE = 2


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages in `seconds`, and how many of them may come at once."""

    messages: float
    seconds: float
    burst: float


PRIVATE, GROUP, ALL = Rates(1, 1.0, 10), Rates(20, 60.0, 20), Rates(30, 1.0, 30)


class Bucket:
    """Tokens that come back with time. Times are in seconds on any clock that only goes forward."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._per_second = rates.messages / rates.seconds
        self._most = self._tokens = rates.burst
        self._filled_at = 0.0

    def divide(self, parts: int) -> None:
        """Let no more through from now on than one part of the whole."""
        self._per_second = self._rates.messages / self._rates.seconds / parts
        self._most = max(1.0, self._rates.burst / parts)

    def wait(self, now: float) -> float:
        """How long until there is a token; 0 where there is one."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._per_second)

    def take(self, now: float) -> None:
        """Use a token, whether there is one or not."""
        self._fill(now)
        self._tokens -= 1

    def is_full(self, now: float) -> bool:
        """True where nothing was taken for long."""
        self._fill(now)
        return self._tokens >= self._most

    def _fill(self, now: float) -> None:
        self._tokens = min(self._most, self._tokens + max(0.0, now - self._filled_at) * self._per_second)
        self._filled_at = now


@dataclass(order=True, slots=True)
class _Ticket:
    """A place in the line of a chat."""

    rank: Rank
    number: int
    turn: asyncio.Future[None] = field(compare=False)


@dataclass(slots=True)
class _Chat:
    """What waits to be said in a chat, the newest edit of each message, and until when nothing may be said."""

    bucket: Bucket
    silent_until: float = 0.0
    waiting: list[_Ticket] = field(default_factory=list)
    newest: dict[Any, _Ticket] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None

    def is_idle(self, now: float) -> bool:
        """True where nothing is lost by forgetting the chat."""
        return not self.waiting and not self.newest and now >= self.silent_until and self.bucket.is_full(now)


class ChatLimiter(BaseRateLimiter[Rank]):
    """The limiter for python-telegram-bot. `RetryAfter` is raised to the caller, who knows whether to try again."""

    def __init__(self, private: Rates = PRIVATE, group: Rates = GROUP, every: Rates = ALL) -> None:
        self._private, self._group = private, group
        self._all = Bucket(every)
        self._chats: dict[int | str, _Chat] = {}
        self._numbers = count()
        self.before_speaking: Callable[[], Awaitable[None]] = _at_once

    def divide(self, processes: int) -> None:
        """Keep to this process's part of what is allowed in all chats together."""
        self._all.divide(processes)

    async def initialize(self) -> None:
        """Nothing is needed."""

    async def shutdown(self) -> None:
        """Stop all timers; who still waits was cancelled by whoever has called."""
        for chat in self._chats.values():
            if chat.timer is not None:
                chat.timer.cancel()
        self._chats.clear()

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Rank | None,
    ) -> Result:
        """Call when it is this request's turn in its chat; an edit that a newer one has overtaken is not sent.

        `before_speaking` is asked last, and may raise what keeps the bot from speaking.

        Raises:
            RetryAfter: Telegram asks to wait; or it does so already, and the request is worth nothing later.
        """
        key = data.get("chat_id")
        if key is None or endpoint.startswith(_FREE):
            return await callback(*args, **kwargs)
        chat = self._chat(key)
        if endpoint in _PASSING:
            if chat.silent_until > _now():
                raise RetryAfter(math.ceil(chat.silent_until - _now()))
        elif endpoint.startswith("edit"):
            if not await self._is_newest_edit(chat, (endpoint, data.get("message_id"))):
                return True
            await self.before_speaking()
        else:
            await self._line_up(chat, Rank.ANSWER if rate_limit_args is None else rate_limit_args).turn
            await self.before_speaking()
        return await _call(chat, callback, args, kwargs)

    def _chat(self, key: int | str) -> _Chat:
        if key not in self._chats:
            if len(self._chats) >= _REMEMBERED:
                now = _now()
                self._chats = {known: chat for known, chat in self._chats.items() if not chat.is_idle(now)}
            is_group = str(key).startswith(("-", "@"))
            self._chats[key] = _Chat(Bucket(self._group if is_group else self._private))
        return self._chats[key]

    async def _is_newest_edit(self, chat: _Chat, what: Any) -> bool:
        """Wait for the turn of an edit; false where a newer one of the same message has taken its place."""
        before = chat.newest.get(what)
        ticket = chat.newest[what] = self._line_up(chat, Rank.EDIT, before.number if before else None)
        if before is not None and not before.turn.done():
            before.turn.set_result(None)
        try:
            await ticket.turn
            return chat.newest.get(what) is ticket
        finally:
            if chat.newest.get(what) is ticket:
                del chat.newest[what]

    def _line_up(self, chat: _Chat, rank: Rank, number: int | None = None) -> _Ticket:
        """A place in the line of a chat; its `turn` is over when it may speak."""
        place = next(self._numbers) if number is None else number
        ticket = _Ticket(rank, place, asyncio.get_running_loop().create_future())
        heapq.heappush(chat.waiting, ticket)
        self._advance(chat)
        return ticket

    def _advance(self, chat: _Chat) -> None:
        """Let those speak whose turn it is, and look again when the next may."""
        while chat.waiting:
            if chat.waiting[0].turn.done():  # whoever waited has gone
                heapq.heappop(chat.waiting)
                continue
            now = _now()
            wait = max(chat.silent_until - now, chat.bucket.wait(now), self._shared_wait(chat.waiting[0].rank, now))
            if wait > 0:
                if chat.timer is not None:
                    chat.timer.cancel()
                chat.timer = asyncio.get_running_loop().call_later(wait, self._advance, chat)
                return
            chat.bucket.take(now)
            ticket = heapq.heappop(chat.waiting)
            if ticket.rank is not Rank.ANSWER:
                self._all.take(now)
            ticket.turn.set_result(None)

    def _shared_wait(self, rank: Rank, now: float) -> float:
        return 0.0 if rank is Rank.ANSWER else self._all.wait(now)


async def _at_once() -> None:
    """Nothing keeps the bot from speaking."""


async def _call(chat: _Chat, callback: Call, args: Any, kwargs: dict[str, Any]) -> Result:
    try:
        return await callback(*args, **kwargs)
    except RetryAfter as error:
        chat.silent_until = max(chat.silent_until, _now() + seconds(error))
        raise


def ranked(bot: Bot, rank: Rank) -> dict[str, Any]:
    """The argument that tells the limiter of a bot the rank of a request; nothing where the bot has no limiter."""
    return {"rate_limit_args": rank} if isinstance(bot, ExtBot) and bot.rate_limiter is not None else {}


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()


def _now() -> float:
    return asyncio.get_running_loop().time()
