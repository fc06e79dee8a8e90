"""What conversations can teach: messages with their labels, answers with what people think of them.

Nothing is left out here for want of consent or trust: who may teach, and how much, is decided by who reads this.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import AnswerKind, Author, HeardMessage, JudgedAnswer, Voice

_BATCH = 1000
_VOTED = (AnswerKind.ANSWER.value, AnswerKind.REFUSAL.value)


class Samples:
    """Reads the raw material of learning, whole."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def heard(self) -> list[HeardMessage]:
        """Every message of a person that anybody has labelled, or whose answer was voted on, oldest first."""
        voices = await self._voices()
        conversations, found = await self._conversations(), []
        ordered = sorted(voices)
        for start in range(0, len(ordered), _BATCH):
            rows = await self._session.execute(
                select(schema.Message, schema.Route)
                .outerjoin(schema.Route, schema.Route.message_id == schema.Message.id)
                .where(schema.Message.id.in_(ordered[start : start + _BATCH]), schema.Message.user_id.is_not(None))
                .order_by(schema.Message.id)
            )
            found += [_heard(of, route, conversations.name(of), voices[of.id]) for of, route in rows]
        return found

    async def present(self, messages: Collection[int]) -> set[int]:
        """Those of some messages, by number, that are still stored."""
        found: set[int] = set()
        ordered = sorted(messages)
        for start in range(0, len(ordered), _BATCH):
            wanted = schema.Message.id.in_(ordered[start : start + _BATCH])
            found.update(await self._session.scalars(select(schema.Message.id).where(wanted)))
        return found

    async def _voices(self) -> dict[int, list[Voice]]:
        """Labels and votes by message, oldest first."""
        found: dict[int, list[Voice]] = defaultdict(list)
        for label in await self._session.scalars(select(schema.Label).order_by(schema.Label.id)):
            found[label.message_id].append(
                Voice(label.user_id, label.source, label.created_at, label.intent, label.topic, label.golden)
            )
        for message, votes in (await self._votes()).items():
            found[message] += votes
        return found

    async def _votes(self) -> dict[int, list[Voice]]:
        """Votes on answers by the number of the message that was answered, oldest first."""
        found: dict[int, list[Voice]] = defaultdict(list)
        votes = await self._session.execute(
            select(schema.Answer.message_id, schema.Feedback)
            .join(schema.Feedback, schema.Feedback.answer_id == schema.Answer.id)
            .order_by(schema.Feedback.id)
        )
        for message, vote in votes:
            voice = Voice(vote.user_id, vote.channel, vote.updated_at, value=vote.value, detail=vote.detail)
            found[message].append(voice)
        return found

    async def judged(self) -> list[JudgedAnswer]:
        """Every answer that was voted on or corrected, oldest first."""
        answer, message = schema.Answer, schema.Message
        votes, corrections = await self._votes(), await self._corrections()
        rows = await self._session.execute(
            select(answer, message)
            .join(message, message.id == answer.message_id)
            .where(
                answer.kind.in_(_VOTED),
                answer.id.in_(select(schema.Feedback.answer_id)) | answer.id.in_(select(schema.Correction.answer_id)),
            )
            .order_by(answer.id)
        )
        found = [(said, of) for said, of in rows]
        cited = await self._citations([said.id for said, _ in found])
        conversations = await self._conversations()
        return [
            JudgedAnswer(
                answer_id=said.id,
                message_id=of.id,
                question=of.understood or of.text,
                text=said.text,
                kind=said.kind,
                language=said.language,
                confidence=said.confidence,
                voices=tuple(votes[of.id]),
                correction=corrections.get(said.id),
                citations=tuple(row.quote for row in cited[said.id]),
                chunks=tuple(row.chunk_id for row in cited[said.id] if row.chunk_id is not None),
                author=of.user_id or 0,
                conversation=conversations.name(of),
                said_at=of.created_at,
            )
            for said, of in found
        ]

    async def count_labels(self, since: datetime | None = None) -> int:
        """How many labels were given, or changed, after a moment."""
        statement = select(func.count(schema.Label.id))
        if since is not None:
            statement = statement.where(schema.Label.created_at > since)
        return await self._session.scalar(statement) or 0

    async def count_judged(self, since: datetime | None = None) -> int:
        """How many opinions of answers were given, or changed, and how many corrections, after a moment."""
        total = 0
        for table, moment in (
            (schema.Feedback, schema.Feedback.updated_at),
            (schema.Correction, schema.Correction.created_at),
        ):
            statement = select(func.count()).select_from(table)
            if since is not None:
                statement = statement.where(moment > since)
            total += await self._session.scalar(statement) or 0
        return total

    async def _corrections(self) -> dict[int, str]:
        rows = await self._session.scalars(select(schema.Correction).order_by(schema.Correction.id))
        return {row.answer_id: row.text for row in rows}  # the latest counts

    async def _citations(self, answers: Collection[int]) -> dict[int, list[schema.Citation]]:
        """Sources by answer, in their order."""
        found: dict[int, list[schema.Citation]] = defaultdict(list)
        ordered = sorted(answers)
        for start in range(0, len(ordered), _BATCH):
            rows = await self._session.scalars(
                select(schema.Citation)
                .where(schema.Citation.answer_id.in_(ordered[start : start + _BATCH]))
                .order_by(schema.Citation.answer_id, schema.Citation.number)
            )
            for row in rows:
                found[row.answer_id].append(row)
        return found

    async def people(self) -> dict[int, Author]:
        """Everybody who ever wrote to the bot, by number."""
        day = func.date(schema.Message.created_at)
        counted = await self._session.execute(
            select(schema.Message.user_id, func.count(day.distinct()))
            .where(schema.Message.user_id.is_not(None))
            .group_by(schema.Message.user_id)
        )
        days = {row[0]: row[1] for row in counted}
        return {
            user.id: Author(user.id, user.role, user.consent, user.created_at, days.get(user.id, 0))
            for user in await self._session.scalars(select(schema.User))
        }

    async def _conversations(self) -> "_Conversations":
        rows = await self._session.execute(
            select(schema.Message.chat_id, schema.Message.thread_id, schema.Message.id)
            .join(schema.Answer, schema.Answer.message_id == schema.Message.id)
            .where(schema.Answer.kind == AnswerKind.RESET.value)
            .order_by(schema.Message.id)
        )
        resets: dict[tuple[int, int | None], list[int]] = defaultdict(list)
        for chat, thread, message in rows:
            resets[chat, thread].append(message)
        return _Conversations(resets)


def _heard(message: schema.Message, route: schema.Route | None, conversation: str, voices: list[Voice]) -> HeardMessage:
    return HeardMessage(
        id=message.id,
        text=message.text,
        author=message.user_id or 0,
        conversation=conversation,
        said_at=message.created_at,
        language=route.language if route else None,
        intent=route.intent if route else None,
        topic=route.topic if route else None,
        scores=route.scores.get("intents", {}) if route else {},
        voices=tuple(voices),
    )


class _Conversations:
    """Names the exchange that a message belongs to, from the messages that began each anew."""

    def __init__(self, resets: dict[tuple[int, int | None], list[int]]) -> None:
        self._resets = resets

    def name(self, message: schema.Message) -> str:
        """Chat, topic, day and how often it was begun anew before."""
        before = bisect_left(self._resets.get((message.chat_id, message.thread_id), []), message.id)
        thread = "" if message.thread_id is None else message.thread_id
        return f"{message.chat_id}:{thread}:{message.created_at.date().isoformat()}:{before}"
