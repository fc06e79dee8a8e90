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
from storage.records import AnswerKind, Author, JudgedAnswer, LabelledMessage

_VOTED = (AnswerKind.ANSWER.value, AnswerKind.REFUSAL.value)


class Samples:
    """Reads the raw material of learning, whole."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def labelled(self) -> list[LabelledMessage]:
        """Every label with its message, oldest label first."""
        label, message, route = schema.Label, schema.Message, schema.Route
        rows = await self._session.execute(
            select(label, message, route.language, route.intent_score, schema.User.role)
            .join(message, message.id == label.message_id)
            .outerjoin(route, route.message_id == message.id)
            .outerjoin(schema.User, schema.User.id == label.user_id)
            .order_by(label.id)
        )
        people, conversations = await self._authors(), await self._conversations()
        return [
            LabelledMessage(
                label_id=said.id,
                message_id=of.id,
                text=of.text,
                language=language,
                intent=said.intent,
                topic=said.topic,
                source=said.source,
                weight=said.weight,
                golden=said.golden,
                labelled_by=said.user_id,
                labeller_role=role or "stranger",
                labelled_at=said.created_at,
                author=people.get(of.user_id or 0),
                conversation=conversations.name(of),
                said_at=of.created_at,
                confidence=confidence,
            )
            for said, of, language, confidence, role in rows
        ]

    async def judged(self) -> list[JudgedAnswer]:
        """Every answer that was voted on or corrected, oldest first."""
        answer, message, opinion = schema.Answer, schema.Message, schema.Feedback
        votes = (
            select(opinion.answer_id, func.sum(opinion.value * opinion.weight).label("sum"))
            .group_by(opinion.answer_id)
            .subquery()
        )
        corrections = await self._corrections()
        rows = await self._session.execute(
            select(answer, message, votes.c.sum)
            .join(message, message.id == answer.message_id)
            .outerjoin(votes, votes.c.answer_id == answer.id)
            .where(
                answer.kind.in_(_VOTED),
                votes.c.sum.is_not(None) | answer.id.in_(select(schema.Correction.answer_id)),
            )
            .order_by(answer.id)
        )
        found = [(said, of, float(votes or 0)) for said, of, votes in rows]
        cited = await self._citations([said.id for said, _, _ in found])
        people, conversations = await self._authors(), await self._conversations()
        return [
            JudgedAnswer(
                answer_id=said.id,
                message_id=of.id,
                question=of.understood or of.text,
                text=said.text,
                kind=said.kind,
                language=said.language,
                confidence=said.confidence,
                opinion=total,
                correction=corrections.get(said.id),
                citations=tuple(cited[said.id]),
                author=people.get(of.user_id or 0),
                conversation=conversations.name(of),
                said_at=of.created_at,
            )
            for said, of, total in found
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

    async def _citations(self, answers: Collection[int]) -> dict[int, list[str]]:
        """Quotes by answer, in their order."""
        found: dict[int, list[str]] = defaultdict(list)
        ordered = sorted(answers)
        for start in range(0, len(ordered), 1000):
            rows = await self._session.scalars(
                select(schema.Citation)
                .where(schema.Citation.answer_id.in_(ordered[start : start + 1000]))
                .order_by(schema.Citation.answer_id, schema.Citation.number)
            )
            for row in rows:
                found[row.answer_id].append(row.quote)
        return found

    async def _authors(self) -> dict[int, Author]:
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


class _Conversations:
    """Names the exchange that a message belongs to, from the messages that began each anew."""

    def __init__(self, resets: dict[tuple[int, int | None], list[int]]) -> None:
        self._resets = resets

    def name(self, message: schema.Message) -> str:
        """Chat, topic, day and how often it was begun anew before."""
        before = bisect_left(self._resets.get((message.chat_id, message.thread_id), []), message.id)
        thread = "" if message.thread_id is None else message.thread_id
        return f"{message.chat_id}:{thread}:{message.created_at.date().isoformat()}:{before}"
