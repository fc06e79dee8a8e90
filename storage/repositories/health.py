"""How a version of the router fares with people: what the watch over a roll-out reads."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import Health
from storage.repositories.feedback import SAID

_FAILED = ("failed", "dead")


class HealthRepository:
    """Counts over the messages that one version routed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, router: str, since: datetime | None = None, most: int = 2000) -> Health:
        """The newest messages, at most so many, that a version of the router has routed since a moment."""
        message, route, answer = schema.Message, schema.Route, schema.Answer
        statement = (
            select(answer.id, route.in_scope, answer.timings)
            .join(message, message.id == answer.message_id)
            .join(route, route.message_id == message.id)
            .where(route.router_version == router)
        )
        if since is not None:
            statement = statement.where(message.created_at >= since)
        rows = list(await self._session.execute(statement.order_by(message.id.desc()).limit(most)))
        up, down = await self._votes([row[0] for row in rows])
        return Health(
            messages=len(rows),
            votes_up=up,
            votes_down=down,
            out_of_scope=sum(not in_scope for _, in_scope, _ in rows),
            route_ms=tuple(float(timings["route"]) for _, _, timings in rows if "route" in timings),
        )

    async def _votes(self, answers: list[int]) -> tuple[int, int]:
        """People who like and dislike these answers, each answer's voter once."""
        up = down = 0
        for start in range(0, len(answers), 500):
            rows = await self._session.execute(
                select(func.sum(schema.Feedback.value))
                .where(
                    schema.Feedback.answer_id.in_(answers[start : start + 500]),
                    schema.Feedback.channel.in_(SAID),
                )
                .group_by(schema.Feedback.answer_id, schema.Feedback.user_id)
            )
            totals = [total for (total,) in rows]
            up += sum(total > 0 for total in totals)
            down += sum(total < 0 for total in totals)
        return up, down

    async def failures(self, since: datetime, until: datetime | None = None) -> tuple[int, int]:
        """How many updates failed for good, and how many were dealt with at all, from a moment on, up to another."""
        update = schema.Update
        within: list[ColumnElement[bool]] = [update.finished_at >= since]
        if until is not None:
            within.append(update.finished_at < until)
        total = await self._session.scalar(select(func.count(update.id)).where(*within)) or 0
        failed = select(func.count(update.id)).where(*within, update.outcome.in_(_FAILED))
        return await self._session.scalar(failed) or 0, total
