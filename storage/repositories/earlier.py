"""What people were answered before: what a sign in a later message is about."""

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import AnswerKind, Previous

_ASKED = (AnswerKind.ANSWER.value, AnswerKind.REFUSAL.value)


class Earlier:
    """Earlier messages with their answers."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def previous(self, user_id: int, chat_id: int, thread_id: int | None, but: int | None) -> Previous | None:
        """The latest message of a person in a conversation that was replied to with more than a notice.

        `but` is the row of the inbox whose message is left out.
        """
        other = true() if but is None else schema.Message.update_id.is_distinct_from(but)
        here = schema.Message.thread_id.is_not_distinct_from(thread_id)
        return await self._latest(
            schema.Message.user_id == user_id,
            schema.Message.chat_id == chat_id,
            here,
            other,
            schema.Answer.kind != AnswerKind.NOTICE.value,
        )

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
        row = (
            await self._session.execute(
                select(schema.Message, schema.Answer)
                .join(schema.Answer, schema.Answer.message_id == schema.Message.id)
                .where(*which)
                .order_by(schema.Answer.id.desc())
                .limit(1)
            )
        ).one_or_none()
        if row is None:
            return None
        message, answer = row
        return Previous(
            answer.id, message.text, message.understood or message.text, AnswerKind(answer.kind), message.created_at
        )
