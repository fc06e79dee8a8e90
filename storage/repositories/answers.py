"""Messages and what the bot made of them: routes, answers, sources, deliveries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import (
    Answer,
    AnswerKind,
    Article,
    Delivery,
    NewAnswer,
    NewMessage,
    NewRoute,
    Source,
    Turn,
)
from storage.repositories.sql import table
from storage.schema import now

_MESSAGES, _ROUTES, _ANSWERS = table(schema.Message), table(schema.Route), table(schema.Answer)
_CITATIONS, _ARTICLES, _DELIVERIES = table(schema.Citation), table(schema.Article), table(schema.Delivery)
_NEW_MESSAGE = insert(_MESSAGES).returning(_MESSAGES.c.id)
_NEW_ANSWER = insert(_ANSWERS).returning(_ANSWERS)
_OF_ANSWER = select(_DELIVERIES).where(_DELIVERIES.c.answer_id == bindparam("answer")).order_by(_DELIVERIES.c.part)
_DELIVERED = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.answer_id == bindparam("answer"), _DELIVERIES.c.part == bindparam("which"))
    .values(telegram_id=bindparam("number"))
)
_SENT = update(_ANSWERS).where(_ANSWERS.c.id == bindparam("answer")).values(sent_at=bindparam("at"))
_TITLES = (
    select(_CITATIONS.c.answer_id, _CITATIONS.c.title)
    .where(_CITATIONS.c.answer_id.in_(bindparam("answers", expanding=True)))
    .order_by(_CITATIONS.c.answer_id, _CITATIONS.c.number)
)


class Answers:
    """The log of the conversation."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, message: NewMessage, route: NewRoute | None, answer: NewAnswer) -> Answer:
        """Store a message, its route, its answer, the sources and the deliveries, all or nothing."""
        execute = self._session.execute
        number = (await execute(_NEW_MESSAGE, _values(message))).scalar_one()
        if route is not None:
            await execute(insert(_ROUTES), {**_values(route), "scores": dict(route.scores), "message_id": number})
        stored = (await execute(_NEW_ANSWER, _answer_values(number, answer))).one()
        parts = [{"chat_id": message.chat_id, "part": i, "payload": dict(p)} for i, p in enumerate(answer.payloads)]
        read = [{**_values(one), "document": dict(one.document), "number": i} for i, one in enumerate(answer.articles)]
        below = ((_CITATIONS, list(map(_values, answer.sources))), (_ARTICLES, read), (_DELIVERIES, parts))
        for rows, new in below:
            if new:
                await execute(insert(rows), [{"answer_id": stored.id, **values} for values in new])
        return _answer(stored)

    async def of_update(self, update_id: int) -> Answer | None:
        """The answer that an update got already, if it did."""
        return await self._one(select(schema.Answer).join(schema.Message).where(schema.Message.update_id == update_id))

    async def of_telegram_message(self, chat_id: int, telegram_id: int) -> Answer | None:
        """The answer behind a message of the bot: the newest, as another bot account may use the same numbers."""
        return await self._one(
            select(schema.Answer)
            .join(schema.Delivery)
            .where(schema.Delivery.chat_id == chat_id, schema.Delivery.telegram_id == telegram_id)
            .order_by(schema.Answer.id.desc())
            .limit(1)
        )

    async def get(self, answer_id: int) -> Answer | None:
        """An answer by its number."""
        return await self._one(select(schema.Answer).where(schema.Answer.id == answer_id))

    async def latest(self, chat_id: int, thread_id: int | None, kinds: Sequence[AnswerKind]) -> Answer | None:
        """The newest answer of certain kinds in a conversation."""
        return await self._one(
            select(schema.Answer)
            .join(schema.Message)
            .where(
                schema.Message.chat_id == chat_id,
                _in_thread(thread_id),
                schema.Answer.kind.in_([kind.value for kind in kinds]),
            )
            .order_by(schema.Answer.id.desc())
            .limit(1)
        )

    async def _one(self, statement: Select[schema.Answer]) -> Answer | None:
        row = (await self._session.scalars(statement)).one_or_none()
        return None if row is None else _answer(row)

    async def sources(self, answer_id: int) -> list[Source]:
        """The sources of an answer, by number."""
        rows = await self._session.scalars(
            select(schema.Citation).where(schema.Citation.answer_id == answer_id).order_by(schema.Citation.number)
        )
        return [Source(row.number, row.title, row.place, row.quote, row.score, row.chunk_id) for row in rows]

    async def titles(self, answer_ids: Collection[int]) -> Mapping[int, list[str]]:
        """The titles of the sources of some answers, by number; of one without sources, nothing."""
        found = defaultdict(list)
        for answer, title in await self._session.execute(_TITLES, {"answers": list(answer_ids)}):
            found[answer].append(title)
        return found

    async def articles(self, answer_id: int) -> list[Article]:
        """What a summary was made of, in order."""
        rows = await self._session.scalars(
            select(schema.Article).where(schema.Article.answer_id == answer_id).order_by(schema.Article.number)
        )
        return [Article(row.source, row.points, row.document) for row in rows]

    async def deliveries(self, answer_id: int) -> list[Delivery]:
        """The Telegram messages of an answer, in order, sent or not."""
        rows = await self._session.execute(_OF_ANSWER, {"answer": answer_id})
        return [Delivery(row.answer_id, row.part, row.chat_id, row.payload, row.telegram_id) for row in rows]

    async def mark_delivered(self, answer_id: int, part: int, telegram_id: int) -> None:
        """Remember the number that Telegram gave to one message of an answer."""
        await self._session.execute(_DELIVERED, {"answer": answer_id, "which": part, "number": telegram_id})

    async def mark_sent(self, answer_id: int) -> None:
        """Remember that an answer was sent whole."""
        await self._session.execute(_SENT, {"answer": answer_id, "at": now()})

    async def question_of(self, answer_id: int) -> NewMessage | None:
        """The message that an answer replies to."""
        row = (
            await self._session.scalars(select(schema.Message).join(schema.Answer).where(schema.Answer.id == answer_id))
        ).one_or_none()
        if row is None:
            return None
        return NewMessage(
            row.chat_id, row.text, row.user_id, row.thread_id, row.telegram_id, row.update_id, row.understood
        )

    async def unsent(self, since: datetime) -> list[Answer]:
        """What the bot said by itself since a moment in private chats and has not sent whole, oldest first."""
        rows = await self._session.scalars(
            select(schema.Answer)
            .join(schema.Message)
            .join(schema.Chat, schema.Chat.id == schema.Message.chat_id)
            .where(schema.Answer.sent_at.is_(None), schema.Message.update_id.is_(None), schema.Chat.kind == "private")
            .where(schema.Answer.created_at >= since)
            .order_by(schema.Answer.id)
        )
        return [_answer(row) for row in rows]

    async def history(
        self, chat_id: int, thread_id: int | None, limit: int, since: datetime | None = None
    ) -> list[Turn]:
        """The latest turns of a conversation, oldest first; a forum topic is a conversation of its own.

        Nothing before the latest reset is among them, nor before the moment `since`.
        """
        given = {"chat": chat_id, "thread": thread_id, "since": since, "most": limit}
        turns: list[Turn] = []
        statement = _history(in_thread=thread_id is not None, bounded=since is not None)
        for row in await self._session.execute(statement, given):
            if row.kind == AnswerKind.RESET:
                break
            turns.append(_turn(row))
        return turns[::-1]


@cache
def _history(*, in_thread: bool, bounded: bool) -> Select[Any]:
    """The latest messages of a conversation with their answers, newest first."""
    thread = _MESSAGES.c.thread_id
    return (
        select(
            _MESSAGES.c.text.label("question"),
            _MESSAGES.c.understood,
            _ANSWERS.c.id,
            _ANSWERS.c.kind,
            _ANSWERS.c.text,
            _ROUTES.c.intent,
        )
        .join_from(_MESSAGES, _ANSWERS, _ANSWERS.c.message_id == _MESSAGES.c.id)
        .outerjoin(_ROUTES, _ROUTES.c.message_id == _MESSAGES.c.id)
        .where(_MESSAGES.c.chat_id == bindparam("chat"))
        .where(thread == bindparam("thread") if in_thread else thread.is_(None))
        .where(_MESSAGES.c.created_at >= bindparam("since") if bounded else true())
        .order_by(_MESSAGES.c.id.desc())
        .limit(bindparam("most"))
    )


def _in_thread(thread_id: int | None) -> ColumnElement[bool]:
    return schema.Message.thread_id.is_(None) if thread_id is None else schema.Message.thread_id == thread_id


def _turn(row: Any) -> Turn:
    return Turn(
        question=row.question,
        answer=row.text,
        kind=AnswerKind(row.kind),
        intent=row.intent,
        meaning=row.understood or row.question,
        answer_id=row.id,
    )


def _answer(row: Any) -> Answer:
    return Answer(
        id=row.id,
        message_id=row.message_id,
        kind=AnswerKind(row.kind),
        language=row.language,
        text=row.text,
        confidence=row.confidence,
        versions=row.versions,
        sent=row.sent_at is not None,
        created_at=row.created_at,
    )


def _values(record: Any) -> dict[str, Any]:
    """A record whose fields are named like the columns of its table."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def _answer_values(message_id: int, answer: NewAnswer) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "kind": answer.kind.value,
        "language": answer.language,
        "text": answer.text,
        "confidence": answer.confidence,
        "versions": dict(answer.versions),
        "timings": dict(answer.timings),
    }
