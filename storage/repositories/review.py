"""Messages as reviewers see them, what they were labelled as, and what was asked in vain."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.consent import teachers
from storage.records import AnswerKind, Candidate, Label, Reviewed, Unanswered

REVIEW = "review"  # the source of labels, and the channel of votes, that reviewers give
_DEEDS = ("translate", "write", "summarize")  # intents that no document could answer
_MEANING = func.coalesce(schema.Message.understood, schema.Message.text)


class Reviewing:
    """What reviewers are shown and have said. Only messages of people who may be learned from are handed out:
    `assumed` is as for `storage.consent.may_teach`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def pool(self, reviewer: int, limit: int, *, assumed: bool) -> list[Candidate]:
        """The newest messages that were routed, newest first."""
        given = (
            select(schema.Label.id)
            .where(schema.Label.message_id == schema.Message.id, schema.Label.source == REVIEW)
            .correlate(schema.Message)
        )
        rows = await self._session.execute(
            select(
                schema.Message,
                schema.Route,
                given.where(schema.Label.user_id == reviewer).exists().label("mine"),
                given.where(schema.Label.user_id != reviewer).exists().label("others"),
            )
            .join(schema.Route, schema.Route.message_id == schema.Message.id)
            .join(schema.User, schema.User.id == schema.Message.user_id)
            .where(teachers(assumed=assumed), schema.Message.text != "")
            .order_by(schema.Message.id.desc())
            .limit(limit)
        )
        return [
            Candidate(
                message_id=message.id,
                user_id=message.user_id or 0,
                text=message.text,
                language=route.language,
                intents=route.scores.get("intents", {}),
                mine=mine,
                others=others,
                created_at=message.created_at,
            )
            for message, route, mine, others in rows
        ]

    async def message(self, message_id: int, *, assumed: bool) -> Reviewed | None:
        """One message with its route and answer; None when it is gone, or its author may not be learned from."""
        row = (
            await self._session.execute(
                select(schema.Message, schema.Route, schema.Answer)
                .join(schema.Route, schema.Route.message_id == schema.Message.id)
                .join(schema.Answer, schema.Answer.message_id == schema.Message.id)
                .join(schema.User, schema.User.id == schema.Message.user_id)
                .where(schema.Message.id == message_id, teachers(assumed=assumed))
            )
        ).one_or_none()
        return None if row is None else _reviewed(*row)

    async def label(self, message_id: int, user_id: int) -> Label | None:
        """What a person says that a message was, if they do."""
        row = await self._session.scalar(
            select(schema.Label).where(schema.Label.message_id == message_id, schema.Label.user_id == user_id)
        )
        return None if row is None else _label(row)

    async def latest(self, reviewer: int) -> Label | None:
        """The label that a reviewer has given last."""
        row = await self._session.scalar(
            select(schema.Label)
            .where(schema.Label.user_id == reviewer, schema.Label.source == REVIEW)
            .order_by(schema.Label.created_at.desc(), schema.Label.id.desc())
            .limit(1)
        )
        return None if row is None else _label(row)

    async def verdict(self, answer_id: int, reviewer: int) -> int:
        """What a reviewer thinks of an answer: +1, -1, or 0 where they have not said."""
        found = await self._session.scalar(
            select(schema.Feedback.value).where(
                schema.Feedback.answer_id == answer_id,
                schema.Feedback.user_id == reviewer,
                schema.Feedback.channel == REVIEW,
            )
        )
        return found or 0

    async def names(self) -> tuple[list[str], list[str]]:
        """The intents and the topics that people have used in labels, by name."""
        intents = await self._session.scalars(select(schema.Label.intent).distinct())
        topics = await self._session.scalars(select(schema.Label.topic).distinct())
        return sorted(name for name in intents if name), sorted(name for name in topics if name)

    async def fresh(self) -> int:
        """How many labels have come since the last training that was finished was begun."""
        begun = select(func.max(schema.TrainingRun.started_at)).where(schema.TrainingRun.status == "done")
        since = await self._session.scalar(begun)
        count = select(func.count()).select_from(schema.Label)
        return await self._session.scalar(count.where(schema.Label.created_at > since) if since else count) or 0

    async def opinions(self) -> list[tuple[int, int, str]]:
        """What reviewers say of the messages that two or more of them have labelled, as (message, reviewer, intent)."""
        reviewed = (schema.Label.source == REVIEW, schema.Label.intent.is_not(None))
        twice = (
            select(schema.Label.message_id).where(*reviewed).group_by(schema.Label.message_id).having(func.count() >= 2)
        )
        rows = await self._session.execute(
            select(schema.Label.message_id, schema.Label.user_id, schema.Label.intent)
            .where(*reviewed, schema.Label.message_id.in_(twice))
            .order_by(schema.Label.message_id, schema.Label.user_id)
        )
        return [(message, reviewer, intent or "") for message, reviewer, intent in rows]

    async def unanswered(self, since: datetime) -> list[Unanswered]:
        """Questions since a moment that the documents did not answer and nobody has taught, oldest first.

        Those of people who have declined that their messages teach are not among them.
        """
        rows = await self._session.execute(
            select(schema.Message, _MEANING, schema.Route.language)
            .join(schema.Answer, schema.Answer.message_id == schema.Message.id)
            .join(schema.Route, schema.Route.message_id == schema.Message.id)
            .join(schema.User, schema.User.id == schema.Message.user_id)
            .where(teachers(assumed=True), schema.Message.created_at >= since, schema.Message.text != "")
            .where(_in_vain(), ~exists().where(schema.Correction.answer_id == schema.Answer.id))
            .order_by(schema.Message.id)
        )
        return [Unanswered(row.id, row.user_id or 0, text, language, row.created_at) for row, text, language in rows]


def _in_vain() -> ColumnElement[bool]:
    """Of an answer with its route, whether it left a question open."""
    missing = exists().where(
        schema.Feedback.answer_id == schema.Answer.id, schema.Feedback.detail == "missing", schema.Feedback.value < 0
    )
    return or_(
        schema.Answer.kind == AnswerKind.REFUSAL.value,
        and_(schema.Answer.kind == AnswerKind.OUT_OF_SCOPE.value, schema.Route.intent.not_in(_DEEDS)),
        missing,
    )


def _reviewed(message: schema.Message, route: schema.Route, answer: schema.Answer) -> Reviewed:
    return Reviewed(
        message_id=message.id,
        text=message.text,
        meaning=message.understood or message.text,
        language=route.language,
        intent=route.intent,
        intent_score=route.intent_score,
        topic=route.topic,
        topic_score=route.topic_score,
        scores=route.scores,
        answer_id=answer.id,
        kind=AnswerKind(answer.kind),
        answer=answer.text,
    )


def _label(row: schema.Label) -> Label:
    return Label(row.message_id, row.user_id, row.intent, row.topic, row.source, row.weight, row.golden)
