"""What is stored of one person, as a whole: told, handed out, and taken away."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import SHARED, AnswerKind, Forgotten, Held
from storage.repositories.documents import Documents

_BATCH = 500
_SENDERS = (("message", "from"), ("edited_message", "from"), ("callback_query", "from"), ("message_reaction", "user"))


class Privacy:
    """One person's rows in every table."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, user_id: int) -> Held:
        """How much is stored of a person."""
        return Held(
            messages=await self._count(schema.Message.user_id == user_id),
            votes=await self._count(schema.Feedback.user_id == user_id),
            labels=await self._count(schema.Label.user_id == user_id),
            talk=await self._count(schema.Talk.user_id == user_id),
            documents=await self._count(schema.Document.added_by == user_id),
        )

    async def _count(self, mine: ColumnElement[bool]) -> int:
        return await self._session.scalar(select(func.count()).where(mine)) or 0

    async def everything(self, user_id: int) -> dict[str, list[dict[str, Any]]]:
        """All rows that a person's words and opinions are in, by table, as they are stored."""
        mine = select(schema.Message.id).where(schema.Message.user_id == user_id)
        replies = select(schema.Answer.id).where(schema.Answer.message_id.in_(mine))
        wanted: list[tuple[type[schema.Base], ColumnElement[bool]]] = [
            (schema.User, schema.User.id == user_id),
            (schema.Message, schema.Message.user_id == user_id),
            (schema.Route, schema.Route.message_id.in_(mine)),
            (schema.Answer, schema.Answer.message_id.in_(mine)),
            (schema.Citation, schema.Citation.answer_id.in_(replies)),
            (schema.Article, schema.Article.answer_id.in_(replies)),
            (schema.Feedback, schema.Feedback.user_id == user_id),
            (schema.Label, schema.Label.user_id == user_id),
            (schema.Correction, schema.Correction.user_id == user_id),
            (schema.Talk, schema.Talk.user_id == user_id),
            (schema.Document, schema.Document.added_by == user_id),
        ]
        return {table.__tablename__: await self._rows(table, matches) for table, matches in wanted}

    async def _rows(self, table: type[schema.Base], matches: ColumnElement[bool]) -> list[dict[str, Any]]:
        found = await self._session.execute(select(*table.__table__.columns).where(matches))
        return [dict(row) for row in found.mappings()]

    async def texts(self, user_id: int) -> list[str]:
        """All that a person has written to the bot."""
        return list(await self._session.scalars(select(schema.Message.text).where(schema.Message.user_id == user_id)))

    async def questions(self, user_id: int) -> list[str]:
        """The distinct questions that a person has asked and nobody else has, as they were understood."""
        meaning = func.coalesce(schema.Message.understood, schema.Message.text)
        theirs = select(meaning).where(schema.Message.user_id != user_id)
        asked = select(meaning).where(schema.Message.user_id == user_id, meaning.not_in(theirs)).distinct()
        return [str(text) for text in await self._session.scalars(asked)]

    async def forget(self, user_id: int, *, keep_shared: bool, addresses: Collection[str] = ()) -> Forgotten:
        """Delete what a person has said, sent and thought, and what was made of it.

        Number and role stay, so that who was let in is let in; the name goes until they write again, and consent is
        withdrawn. Of what others were answered, the text goes where it quotes what is deleted. `keep_shared` leaves
        the documents that the person has added for everybody; `addresses` are of shared documents that go too.
        """
        messages = list(await self._session.scalars(_ids(schema.Message.id, schema.Message.user_id == user_id)))
        versions = await self._taught(messages)
        documents = await self._documents(user_id, keep_shared=keep_shared, addresses=addresses)
        await self._redact_quotes(documents)
        await self._redact_digests(user_id)
        for document in documents:
            await Documents(self._session).remove(document)
        await self._delete_rows(user_id)
        await self._blank_updates(user_id)
        await self._blank_person(user_id)
        return Forgotten(tuple(messages), tuple(documents), tuple(versions))

    async def _taught(self, messages: Sequence[int]) -> list[str]:
        """The versions that some messages taught, newest first."""
        found: dict[str, int] = {}
        for batch in _batches(messages):
            rows = await self._session.execute(
                select(schema.TrainingRun.version, schema.TrainingRun.id)
                .join(schema.TrainingExample)
                .where(schema.TrainingExample.message_id.in_(batch), schema.TrainingRun.version.is_not(None))
                .distinct()
            )
            found |= {str(version): number for version, number in rows}
        return sorted(found, key=lambda version: -found[version])

    async def _documents(self, user_id: int, *, keep_shared: bool, addresses: Collection[str]) -> list[int]:
        own = schema.Document.added_by == user_id
        if keep_shared:
            own &= schema.Document.scope != SHARED
        private = or_(schema.Document.scope == f"chat:{user_id}", schema.Document.scope.like(f"chat:{user_id}:%"))
        taught = (schema.Document.scope == SHARED) & schema.Document.uri.in_(addresses)
        return list(await self._session.scalars(_ids(schema.Document.id, or_(own, private, taught))))

    async def _redact_quotes(self, documents: Sequence[int]) -> None:
        """Empty the answers that quote some documents: they stay as rows, so that what counts them goes on counting."""
        for batch in _batches(documents):
            chunks = select(schema.Chunk.id).where(schema.Chunk.document_id.in_(batch))
            answers = select(schema.Citation.answer_id).where(schema.Citation.chunk_id.in_(chunks))
            await self._redact(list(await self._session.scalars(answers.distinct())))

    async def _redact_digests(self, user_id: int) -> None:
        """Empty the summaries, in the groups where a person has talked, that name them."""
        name = await self._session.scalar(select(schema.User.name).where(schema.User.id == user_id))
        groups = select(schema.Talk.chat_id).where(schema.Talk.user_id == user_id).distinct()
        if not name:
            return
        found = await self._session.scalars(
            select(schema.Answer.id)
            .join(schema.Message)
            .where(
                schema.Answer.kind == AnswerKind.SUMMARY.value,
                schema.Message.chat_id.in_(groups),
                schema.Answer.text.contains(name, autoescape=True),
            )
        )
        await self._redact(list(found))

    async def _redact(self, answers: Sequence[int]) -> None:
        for batch in _batches(answers):
            await self._session.execute(update(schema.Answer).where(schema.Answer.id.in_(batch)).values(text=""))
            await self._session.execute(
                update(schema.Delivery)
                .where(schema.Delivery.answer_id.in_(batch), schema.Delivery.telegram_id.is_not(None))
                .values(payload={})
            )
            for table in (schema.Citation, schema.Article, schema.Correction):
                await self._session.execute(delete(table).where(table.answer_id.in_(batch)))

    async def _delete_rows(self, user_id: int) -> None:
        for table in (schema.Feedback, schema.Label, schema.Correction, schema.Talk, schema.Message):
            await self._session.execute(delete(table).where(table.user_id == user_id))

    async def _blank_updates(self, user_id: int) -> None:
        """Empty what the inbox still holds of finished updates; what is under way, or waits, is dealt with first."""
        payload = schema.Update.payload
        theirs = [payload[kind][sender]["id"].as_integer() == user_id for kind, sender in _SENDERS]
        await self._session.execute(
            update(schema.Update)
            .where(schema.Update.finished_at.is_not(None), or_(schema.Update.lane == f"chat:{user_id}", *theirs))
            .values(payload={})
        )

    async def _blank_person(self, user_id: int) -> None:
        """What names a person goes, and that they were asked or told something."""
        ended = schema.Mark.name.endswith(f":{user_id}", autoescape=True)
        await self._session.execute(delete(schema.Mark).where(ended))
        nobody = {"name": "", "language": None, "telegram_language": None, "consent": False}
        await self._session.execute(update(schema.User).where(schema.User.id == user_id).values(**nobody))
        await self._session.execute(update(schema.Chat).where(schema.Chat.id == user_id).values(title=""))

    async def expire(self, before: Any) -> Sequence[int]:
        """Delete messages from before a moment, with all that was made of them; returns their numbers.

        Those that somebody has labelled stay, where their author lets them teach: they are what the bot has learned.
        """
        labelled = exists().where(schema.Label.message_id == schema.Message.id)
        lets = exists().where(schema.User.id == schema.Message.user_id, schema.User.consent.is_(True))
        old = list(
            await self._session.scalars(
                _ids(schema.Message.id, (schema.Message.created_at < before) & ~(labelled & lets))
            )
        )
        for batch in _batches(old):
            await self._session.execute(delete(schema.Message).where(schema.Message.id.in_(batch)))
        return old


def _ids(column: Any, matches: ColumnElement[bool]) -> Select[Any]:
    return select(column).where(matches).order_by(column)


def _batches(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH))
