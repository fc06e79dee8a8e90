"""What people think: votes on answers, and labels on messages."""

from sqlalchemy import case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.repositories.sql import upsert
from storage.schema import now

SAID = ("button", "reaction")  # the channels on which people vote; all others are signs that are read


class FeedbackRepository:
    """Votes and labels; a person's latest word replaces their earlier one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def vote(
        self, answer_id: int, user_id: int, channel: str, value: int, detail: str = "", weight: float = 1.0
    ) -> None:
        """Store an opinion of an answer: `value` +1 or -1; 0 withdraws it.

        `channel` is "button" or "reaction" for what was said, else the name of a sign; `detail` is the emoji of a
        reaction, or the reason that was chosen for a dislike; `weight` >= 0 is how much it is worth as evidence. The
        versions that made the answer are stored with it.
        """
        if value == 0:
            await self._session.execute(
                delete(schema.Feedback).where(
                    schema.Feedback.answer_id == answer_id,
                    schema.Feedback.user_id == user_id,
                    schema.Feedback.channel == channel,
                )
            )
            return
        answer = await self._session.get_one(schema.Answer, answer_id)
        said = {
            "value": value,
            "detail": detail,
            "weight": weight,
            "versions": answer.versions,
            "updated_at": now(),
        }
        statement = upsert(self._session, schema.Feedback).values(
            answer_id=answer_id, user_id=user_id, channel=channel, **said
        )
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["answer_id", "user_id", "channel"], set_=said)
        )

    async def votes(self, answer_id: int) -> tuple[int, int]:
        """How many people like and dislike an answer; a person who used both channels counts once, by the latest."""
        ranked = (
            select(
                schema.Feedback.value,
                func.row_number()
                .over(partition_by=schema.Feedback.user_id, order_by=schema.Feedback.updated_at.desc())
                .label("place"),
            )
            .where(schema.Feedback.answer_id == answer_id, schema.Feedback.channel.in_(SAID))
            .subquery()
        )
        up = func.coalesce(func.sum(case((ranked.c.value > 0, 1), else_=0)), 0)
        down = func.coalesce(func.sum(case((ranked.c.value < 0, 1), else_=0)), 0)
        row = (await self._session.execute(select(up, down).where(ranked.c.place == 1))).one()
        return row[0], row[1]

    async def of_answer(self, answer_id: int) -> list[tuple[int, int, str]]:
        """Every vote on an answer as (user, value, detail), oldest first; the detail of a dislike is its reason."""
        rows = await self._session.execute(
            select(schema.Feedback.user_id, schema.Feedback.value, schema.Feedback.detail)
            .where(schema.Feedback.answer_id == answer_id)
            .order_by(schema.Feedback.id)
        )
        return [(user, value, detail) for user, value, detail in rows]

    async def label(
        self, message_id: int, user_id: int, source: str, intent: str | None = None, topic: str | None = None
    ) -> None:
        """Store what a message really was, as a person says."""
        said = {"intent": intent, "topic": topic, "source": source, "created_at": now()}
        statement = upsert(self._session, schema.Label).values(message_id=message_id, user_id=user_id, **said)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["message_id", "user_id"], set_=said)
        )

    async def labels(self) -> list[tuple[int, int, str | None, str | None, str]]:
        """All labels as (message, user, intent, topic, source), oldest first."""
        rows = await self._session.execute(
            select(
                schema.Label.message_id,
                schema.Label.user_id,
                schema.Label.intent,
                schema.Label.topic,
                schema.Label.source,
            ).order_by(schema.Label.id)
        )
        return [(message, user, intent, topic, source) for message, user, intent, topic, source in rows]
