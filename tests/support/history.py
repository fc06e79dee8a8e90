"""Messages that were routed and answered some time ago."""

from datetime import datetime

from sqlalchemy import update

from storage import schema
from storage.database import Database
from storage.records import AnswerKind, NewAnswer, NewMessage, NewRoute


async def answered_at(database: Database, at: datetime, intent: str, count: int, vote: int = 0) -> None:
    """So many messages of one intent at a moment, each answered, and voted on where `vote` is not 0."""
    async with database.write() as tx:
        await tx.people.see_user(1, "Ada", "en")
        await tx.people.see_chat(1, "private", "")
        for number in range(count):
            route = NewRoute("en", intent, 0.9, None, None, 0.9, True, {}, "v1")
            answer = NewAnswer(
                AnswerKind.ANSWER, "en", "ok", ({"html": "ok"},), 0.6, timings={"route": 2.0, "read": 3.0}
            )
            stored = await tx.answers.record(NewMessage(1, f"message {number}", 1), route, answer)
            if vote:
                await tx.feedback.vote(stored.id, 1, "button", vote)
    async with database.engine.begin() as connection:
        unmoved = schema.Message.text.like("message %")
        await connection.execute(update(schema.Message).where(unmoved).values(created_at=at, text=f"{intent} then"))
