"""What people were answered before: what a sign in a later message is about."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import AnswerKind, Previous
from storage.repositories.sql import table

_MESSAGES, _ANSWERS = table(schema.Message), table(schema.Answer)
_ASKED = (AnswerKind.ANSWER.value, AnswerKind.REFUSAL.value)


class Earlier:
    """Earlier messages with their answers."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def previous(self, user_id: int, chat_id: int, thread_id: int | None, but: int | None) -> Previous | None:
        """The latest message of a person in a conversation that was replied to with more than a notice.

        `but` is the row of the inbox whose message is left out.
        """
        given = {"user": user_id, "chat": chat_id, "thread": thread_id, "but": but}
        statement = _previous(in_thread=thread_id is not None, other=but is not None)
        return _read((await self._session.execute(statement, given)).one_or_none())

    async def answered_to(self, answer_id: int, user_id: int) -> Previous | None:
        """The message of a person that an answer replies to; None where it replies to somebody else."""
        return await self._latest(schema.Answer.id == answer_id, schema.Message.user_id == user_id)

    async def same_question(self, question: str, before: int) -> int | None:
        """The number of the newest answer to a question, as it was understood, that is older than the answer `before`.

        A question that was not asked before has none.
        """
        found = await self._latest(
            func.coalesce(schema.Message.understood, schema.Message.text) == question,
            schema.Answer.kind.in_(_ASKED),
            schema.Answer.id < before,
        )
        return found.answer_id if found else None

    async def _latest(self, *which: ColumnElement[bool]) -> Previous | None:
        return _read((await self._session.execute(_latest().where(*which))).one_or_none())


@cache
def _previous(*, in_thread: bool, other: bool) -> Select[Any]:
    thread, update = _MESSAGES.c.thread_id, _MESSAGES.c.update_id
    return (
        _latest()
        .where(_MESSAGES.c.user_id == bindparam("user"), _MESSAGES.c.chat_id == bindparam("chat"))
        .where(thread == bindparam("thread") if in_thread else thread.is_(None))
        .where(update.is_distinct_from(bindparam("but")) if other else true())
        .where(_ANSWERS.c.kind != AnswerKind.NOTICE.value)
    )


def _latest() -> Select[Any]:
    return (
        select(_ANSWERS.c.id, _ANSWERS.c.kind, _MESSAGES.c.text, _MESSAGES.c.understood, _MESSAGES.c.created_at)
        .join_from(_MESSAGES, _ANSWERS, _ANSWERS.c.message_id == _MESSAGES.c.id)
        .order_by(_ANSWERS.c.id.desc())
        .limit(1)
    )


def _read(row: Any) -> Previous | None:
    if row is None:
        return None
    return Previous(row.id, row.text, row.understood or row.text, AnswerKind(row.kind), row.created_at)
