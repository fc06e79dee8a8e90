"""Replies are stored before they are sent and marked afterwards: a crash loses none and repeats at most one part.

A part may be sent twice only when the process dies after Telegram has taken it and before that is written down.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import tracing
from bot.dialogue import Button, Incoming, Reply
from bot.limiter import Rank, ranked, seconds
from bot.metrics import Replied, unheard
from bot.points import reached
from bot.replies import citations, source_buttons, vote_buttons
from bot.richtext import split, to_html, to_plain
from nlp.types import Route
from storage.database import Database, Transaction
from storage.errors import FenceLost
from storage.records import Answer, NewAnswer, NewMessage, NewRoute
from storage.records import Delivery as Part

_log = logging.getLogger(__name__)
_ATTEMPTS = 125  # about an hour of network trouble; the update itself is tried again after that
_FIRST_DELAY = 0.5  # seconds before the second attempt, doubled each time
_DELAY_MOST = 30.0
_REFUSAL = "Forbidden:"  # how Telegram itself begins when it refuses
_SETTLED = timedelta(minutes=2)  # after which whoever has said something no longer sends it
_STALE = timedelta(days=1)  # after which nobody waits for what the bot meant to say by itself


class Delivery:
    """Logs and sends replies."""

    def __init__(self, database: Database, bot: Bot, replied: Replied = unheard) -> None:
        """`replied` is told of each reply that is stored."""
        self._database = database
        self._bot = bot
        self._replied = replied

    async def send(self, incoming: Incoming, reply: Reply) -> None:
        """Store a message with its reply in one transaction, then send the reply."""
        async with self._database.write() as tx:
            answer, parts = await _record(tx, incoming, reply, new_route(reply))
        reached("answer.recorded")
        self._replied(reply)
        await self._push(answer, parts)

    async def send_once(self, name: str, at: datetime, every: timedelta, incoming: Incoming, reply: Reply) -> bool:
        """As `send`, at a moment, unless what goes by this name was sent less than `every` before; whether it was sent.

        That it was sent and what was sent are stored together, so that a crash neither loses nor repeats it.
        """
        async with self._database.write() as tx:
            if not await tx.marks.claim(name, at, every):
                return False
            answer, parts = await _record(tx, incoming, reply, None)
        await self._push(answer, parts, Rank.LATE)
        return True

    async def unsent(self) -> list[Answer]:
        """What the bot said by itself in private before it was last stopped and has not sent whole."""
        async with self._database.read() as tx:
            return await tx.answers.unsent(datetime.now(UTC) - _STALE)

    async def sweep(self) -> None:
        """Send what other processes said by themselves and have left unsent for a while; until cancelled."""
        while True:
            try:
                settled = datetime.now(UTC) - _SETTLED
                await self.finish([answer for answer in await self.unsent() if answer.created_at < settled])
            except Exception:
                _log.exception("what was left unsent could not be sent, trying again")
            await asyncio.sleep(_SETTLED.total_seconds())

    async def finish(self, answers: Iterable[Answer]) -> None:
        """Send what is left of what the bot said by itself."""
        for answer in answers:
            async with self._database.read() as tx:
                parts = await tx.answers.deliveries(answer.id)
            await self._push(answer, parts, Rank.LATE)

    async def resume(self, update_id: int) -> bool:
        """Send what is left of the reply to an update; false when it has none yet."""
        async with self._database.read() as tx:
            answer = await tx.answers.of_update(update_id)
            parts = [] if answer is None else await tx.answers.deliveries(answer.id)
        if answer is None:
            return False
        if not answer.sent:
            await self._push(answer, parts)
        return True

    async def _push(self, answer: Answer, parts: Sequence[Part], rank: Rank = Rank.ANSWER) -> None:
        left = [part for part in parts if part.telegram_id is None]
        with tracing.part("send", parts=len(left)):
            sent = await self._send_all(left, rank)
        if not left or not sent:
            async with self._database.write() as tx:
                await tx.answers.mark_sent(answer.id)
        reached("answer.marked")

    async def _send_all(self, parts: Sequence[Part], rank: Rank) -> bool:
        """Send parts in order, the last of which ends an answer; false where the person does not want to hear it."""
        for part in parts:
            reached("part.sending")
            message = await self._send(part, rank)
            if message is None:
                return False
            reached("part.sent")
            await self._mark(part, message.message_id, last=part is parts[-1])
            reached("part.marked")
        return True

    async def _mark(self, part: Part, telegram_id: int, *, last: bool) -> None:
        """Write down that a part was sent, however long that takes: otherwise it would be sent again."""
        delay = _FIRST_DELAY
        while True:
            try:
                async with self._database.write() as tx:
                    await tx.answers.mark_delivered(part.answer_id, part.part, telegram_id)
                    if last:
                        await tx.answers.mark_sent(part.answer_id)
                return
            except FenceLost:
                raise
            except Exception:
                _log.exception("answer %d part %d is sent and not marked yet, trying again", part.answer_id, part.part)
                await asyncio.sleep(delay)
                delay = min(delay * 2, _DELAY_MOST)

    async def _send(self, part: Part, rank: Rank) -> Message | None:
        """Send one part, waiting as Telegram asks; None when the person does not want to hear from the bot."""
        delay = _FIRST_DELAY
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._send_once(part, rank)
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except BadRequest:
                raise
            except TelegramError as error:
                if _is_refusal(error):
                    _log.info("answer %d cannot be delivered: %s", part.answer_id, type(error).__name__)
                    return None
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(delay)
                delay = min(delay * 2, _DELAY_MOST)
        raise NetworkError("Telegram kept asking to wait")

    async def _send_once(self, part: Part, rank: Rank) -> Message:
        payload = part.payload
        options: dict[str, Any] = {
            "reply_markup": keyboard(payload["buttons"]),
            "message_thread_id": payload["thread_id"],
            "reply_parameters": reply_parameters(payload["reply_to"]),
            "link_preview_options": LinkPreviewOptions(is_disabled=True),
            **ranked(self._bot, rank),
        }
        try:
            return await self._bot.send_message(part.chat_id, payload["html"], ParseMode.HTML, **options)
        except BadRequest as error:
            if "parse" not in error.message.lower():
                raise
            _log.warning("answer %d part %d was not valid HTML, sending it plain", part.answer_id, part.part)
            return await self._bot.send_message(part.chat_id, payload["plain"], **options)


async def _record(
    tx: Transaction, incoming: Incoming, reply: Reply, route: NewRoute | None
) -> tuple[Answer, list[Part]]:
    """A reply, stored, and its Telegram messages, which are still to be sent."""
    new = new_answer(incoming, reply)
    answer = await tx.answers.record(new_message(incoming, reply), route, new)
    chat = incoming.place.chat_id
    return answer, [Part(answer.id, number, chat, payload, None) for number, payload in enumerate(new.payloads)]


def _is_refusal(error: TelegramError) -> bool:
    """True where Telegram says that the bot may not write there; what stands before it may say "Forbidden" too."""
    return isinstance(error, ChatMigrated) or (isinstance(error, Forbidden) and error.message.startswith(_REFUSAL))


def reply_parameters(telegram_id: int | None) -> ReplyParameters | None:
    """The message to quote, if it is still there."""
    return None if telegram_id is None else ReplyParameters(telegram_id, allow_sending_without_reply=True)


def keyboard(rows: list[list[list[str]]]) -> InlineKeyboardMarkup | None:
    """Buttons, stored as rows of [label, data]."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def rows_of(buttons: Iterable[Iterable[Button]]) -> list[list[list[str]]]:
    """Buttons as they are stored."""
    return [[[button.label, button.data] for button in row] for row in buttons]


def new_message(incoming: Incoming, reply: Reply | None = None) -> NewMessage:
    """A message as it is stored, with what its reply took it for."""
    return NewMessage(
        chat_id=incoming.place.chat_id,
        text=incoming.text,
        user_id=incoming.person.id,
        thread_id=incoming.place.thread_id,
        telegram_id=incoming.telegram_id,
        update_id=incoming.update_id,
        understood=reply.understood if reply else None,
    )


def new_route(reply: Reply) -> NewRoute | None:
    """The route behind a reply as it is stored, if there was one."""
    if reply.route is None:
        return None
    route = reply.route
    return NewRoute(
        language=route.language,
        intent=route.intent.label,
        intent_score=route.intent.score,
        topic=route.topic.label if route.topic else None,
        topic_score=route.topic.score if route.topic else None,
        scope_score=route.scope_score,
        in_scope=route.in_scope,
        scores=_scores(route),
        router_version=str(reply.versions.get("router", "")),
    )


def _scores(route: Route) -> Mapping[str, Mapping[str, float]]:
    return {
        "intents": {p.label: round(p.score, 4) for p in route.intents},
        "topics": {p.label: round(p.score, 4) for p in route.topics},
    }


def new_answer(incoming: Incoming, reply: Reply) -> NewAnswer:
    """A reply as it is stored, cut into the Telegram messages that it takes."""
    return NewAnswer(
        kind=reply.kind,
        language=reply.language,
        text=reply.plain,
        payloads=tuple(payloads(incoming, reply)),
        confidence=reply.answer.confidence if reply.answer else None,
        versions=reply.versions,
        timings=reply.timings,
        sources=citations(reply.answer) if reply.answer else (),
        articles=reply.articles,
    )


def payloads(incoming: Incoming, reply: Reply) -> list[dict[str, Any]]:
    """The Telegram messages of a reply: buttons under the last, quoting the question in groups."""
    rows = [*reply.buttons, *source_buttons(reply.answer), *([vote_buttons()] if reply.votable else [])]
    buttons = rows_of(rows)
    parts = split(reply.text)
    reply_to = incoming.telegram_id if incoming.place.is_group else None
    return [
        {
            "html": to_html(part),
            "plain": to_plain(part),
            "buttons": buttons if number == len(parts) else [],
            "thread_id": incoming.place.thread_id,
            "reply_to": reply_to if number == 1 else None,
        }
        for number, part in enumerate(parts, 1)
    ]
