"""Messages and what the bot made of them: routes, answers, sources, deliveries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, true, update
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
from storage.schema import now


class Answers:
    """The log of the conversation."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, message: NewMessage, route: NewRoute | None, answer: NewAnswer) -> Answer:
        """Store a message, its route, its answer, the sources and the deliveries, all or nothing."""
        stored = schema.Message(
            chat_id=message.chat_id,
            thread_id=message.thread_id,
            telegram_id=message.telegram_id,
            user_id=message.user_id,
            update_id=message.update_id,
            text=message.text,
            understood=message.understood,
        )
        self._session.add(stored)
        await self._session.flush()
        if route is not None:
            self._session.add(_route_row(stored.id, route))
        row = schema.Answer(
            message_id=stored.id,
            kind=answer.kind.value,
            language=answer.language,
            text=answer.text,
            confidence=answer.confidence,
            versions=dict(answer.versions),
            timings=dict(answer.timings),
        )
        self._session.add(row)
        await self._session.flush()
        self._session.add_all(_source_row(row.id, source) for source in answer.sources)
        self._session.add_all(_article_row(row.id, number, article) for number, article in enumerate(answer.articles))
        self._session.add_all(
            schema.Delivery(answer_id=row.id, part=part, chat_id=message.chat_id, payload=dict(payload))
            for part, payload in enumerate(answer.payloads)
        )
        await self._session.flush()
        return _answer(row)

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

    async def articles(self, answer_id: int) -> list[Article]:
        """What a summary was made of, in order."""
        rows = await self._session.scalars(
            select(schema.Article).where(schema.Article.answer_id == answer_id).order_by(schema.Article.number)
        )
        return [Article(row.source, row.points, row.document) for row in rows]

    async def deliveries(self, answer_id: int) -> list[Delivery]:
        """The Telegram messages of an answer, in order, sent or not."""
        rows = await self._session.scalars(
            select(schema.Delivery).where(schema.Delivery.answer_id == answer_id).order_by(schema.Delivery.part)
        )
        return [Delivery(row.answer_id, row.part, row.chat_id, row.payload, row.telegram_id) for row in rows]

    async def mark_delivered(self, answer_id: int, part: int, telegram_id: int) -> None:
        """Remember the number that Telegram gave to one message of an answer."""
        await self._session.execute(
            update(schema.Delivery)
            .where(schema.Delivery.answer_id == answer_id, schema.Delivery.part == part)
            .values(telegram_id=telegram_id)
        )

    async def mark_sent(self, answer_id: int) -> None:
        """Remember that an answer was sent whole."""
        await self._session.execute(update(schema.Answer).where(schema.Answer.id == answer_id).values(sent_at=now()))

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
        here = (schema.Message.chat_id == chat_id, _in_thread(thread_id))
        reset = (
            select(func.coalesce(func.max(schema.Message.id), 0))
            .join(schema.Answer)
            .where(*here, schema.Answer.kind == AnswerKind.RESET.value)
        )
        rows = await self._session.execute(
            select(schema.Message, schema.Answer, schema.Route.intent)
            .join(schema.Answer, schema.Answer.message_id == schema.Message.id)
            .outerjoin(schema.Route, schema.Route.message_id == schema.Message.id)
            .where(*here, schema.Message.id > reset.scalar_subquery())
            .where(true() if since is None else schema.Message.created_at >= since)
            .order_by(schema.Message.id.desc())
            .limit(limit)
        )
        return [_turn(message, answer, intent) for message, answer, intent in rows][::-1]


def _in_thread(thread_id: int | None) -> ColumnElement[bool]:
    return schema.Message.thread_id.is_(None) if thread_id is None else schema.Message.thread_id == thread_id


def _turn(message: schema.Message, answer: schema.Answer, intent: str | None) -> Turn:
    return Turn(
        question=message.text,
        answer=answer.text,
        kind=AnswerKind(answer.kind),
        intent=intent,
        meaning=message.understood or message.text,
        answer_id=answer.id,
    )


def _answer(row: schema.Answer) -> Answer:
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


def _route_row(message_id: int, route: NewRoute) -> schema.Route:
    return schema.Route(
        message_id=message_id,
        language=route.language,
        intent=route.intent,
        intent_score=route.intent_score,
        topic=route.topic,
        topic_score=route.topic_score,
        scope_score=route.scope_score,
        in_scope=route.in_scope,
        scores=dict(route.scores),
        router_version=route.router_version,
    )


def _article_row(answer_id: int, number: int, article: Article) -> schema.Article:
    return schema.Article(
        answer_id=answer_id,
        number=number,
        source=article.source,
        points=article.points,
        document=dict(article.document),
    )


def _source_row(answer_id: int, source: Source) -> schema.Citation:
    return schema.Citation(
        answer_id=answer_id,
        number=source.number,
        chunk_id=source.chunk_id,
        title=source.title,
        place=source.place,
        quote=source.quote,
        score=source.score,
    )
