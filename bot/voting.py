"""Use case: what people think of answers, by buttons and by emoji reactions, and what they say a message meant."""

from collections import Counter
from collections.abc import Collection

from nlp.learning.evidence import SIGNAL_WEIGHTS, Signal
from nlp.learning.signs import worth
from storage.database import Database, Transaction
from storage.records import AnswerKind, NewMessage

LIKES = frozenset("👍❤🔥🎉👏💯🏆😍🙏🤩") | {"❤️", "❤‍🔥"}
VOTABLE = frozenset({AnswerKind.ANSWER, AnswerKind.REFUSAL, AnswerKind.SUMMARY})
DISLIKES = frozenset("👎💩🤮😡🤬🤡")


class Voting:
    """Stores opinions with exactly the answer they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.counts: Counter[int] = Counter()  # votes by button since the start, by value

    async def by_button(
        self, chat_id: int, telegram_id: int, user_id: int, value: int, reason: str = ""
    ) -> tuple[int, int] | None:
        """Store a vote of +1 or -1; the answer's likes and dislikes, or None when the message is no answer."""
        async with self._database.write() as tx:
            answer = await tx.answers.of_telegram_message(chat_id, telegram_id)
            if answer is None or answer.kind not in VOTABLE:
                return None
            return await self._vote(tx, answer.id, user_id, value, reason)

    async def by_program(
        self, chat_id: int, answer_id: int, user_id: int, value: int, reason: str = ""
    ) -> tuple[int, int] | None:
        """As `by_button`, for an answer by its number, which must be of that chat; 0 withdraws the vote."""
        async with self._database.write() as tx:
            answer, question = await tx.answers.get(answer_id), await tx.answers.question_of(answer_id)
            if answer is None or question is None or question.chat_id != chat_id or answer.kind not in VOTABLE:
                return None
            return await self._vote(tx, answer_id, user_id, value, reason)

    async def _vote(self, tx: Transaction, answer_id: int, user_id: int, value: int, reason: str) -> tuple[int, int]:
        weight = worth("button", value, reason)
        await tx.feedback.vote(answer_id, user_id, "button", value, reason, weight=weight)
        self.counts[value] += 1
        return await tx.feedback.votes(answer_id)

    async def by_reason(self, chat_id: int, telegram_id: int, user_id: int, reason: str) -> tuple[int, int] | None:
        """Store why a person dislikes an answer, which is a vote of -1; returns what `by_button` does."""
        return await self.by_button(chat_id, telegram_id, user_id, -1, reason)

    async def by_reaction(self, chat_id: int, telegram_id: int, user_id: int, emoji: Collection[str]) -> int:
        """Store what a person's reactions to a message say; no reaction, or a neutral one, withdraws the vote.

        Returns the vote: +1 or -1, or 0 where there is none.
        """
        value = value_of(emoji)
        async with self._database.write() as tx:
            answer = await tx.answers.of_telegram_message(chat_id, telegram_id)
            if answer is None or answer.kind not in VOTABLE:
                return 0
            await tx.feedback.vote(
                answer.id, user_id, "reaction", value, "".join(emoji)[:64], weight=worth("reaction", value)
            )
            return value

    async def clarify(self, chat_id: int, telegram_id: int, user_id: int, intent: str) -> NewMessage | None:
        """Store what the message behind a clarification meant; that message, or None when it is gone."""
        async with self._database.write() as tx:
            answer = await tx.answers.of_telegram_message(chat_id, telegram_id)
            if answer is None:
                return None
            await tx.feedback.label(
                answer.message_id, user_id, "clarification", intent, weight=SIGNAL_WEIGHTS[Signal.CLARIFIED]
            )
            return await tx.answers.question_of(answer.id)


def value_of(emoji: Collection[str]) -> int:
    """+1, -1 or 0: what a set of reactions says of an answer; mixed ones say nothing."""
    likes, dislikes = any(e in LIKES for e in emoji), any(e in DISLIKES for e in emoji)
    return int(likes) - int(dislikes)
