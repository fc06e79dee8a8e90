"""What the bot did day by day, for charts: numbers only, nothing here tells who said what."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import Routed, Trend
from storage.repositories.feedback import SAID

_MOST = 50_000  # messages that are looked at


class Trends:
    """Series over the messages since a moment."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def routed(self, since: datetime, until: datetime | None = None) -> list[Routed]:
        """Every routed message from a moment on, up to another, oldest first; of very many the newest."""
        message, route, answer = schema.Message, schema.Route, schema.Answer
        statement = (
            select(
                message.created_at,
                route.language,
                route.intent,
                route.topic,
                route.in_scope,
                answer.confidence,
                answer.timings,
            )
            .join(route, route.message_id == message.id)
            .join(answer, answer.message_id == message.id)
            .where(message.created_at >= since)
        )
        if until is not None:
            statement = statement.where(message.created_at < until)
        rows = await self._session.execute(statement.order_by(message.id.desc()).limit(_MOST))
        return [
            Routed(at, language, intent, topic, in_scope, confidence, sum(map(float, timings.values())))
            for at, language, intent, topic, in_scope, confidence, timings in rows
        ][::-1]

    async def votes(self, since: datetime) -> list[Trend]:
        """Likes and dislikes that people gave from a moment on, by day, oldest first."""
        day = func.date(schema.Feedback.updated_at)
        rows = await self._session.execute(
            select(day, schema.Feedback.value, func.count(schema.Feedback.id))
            .where(schema.Feedback.updated_at >= since, schema.Feedback.channel.in_(SAID))
            .group_by(day, schema.Feedback.value)
            .order_by(day)
        )
        return [Trend(str(on), value > 0, count) for on, value, count in rows]
