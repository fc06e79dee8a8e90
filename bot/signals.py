"""Use case: what people say next shows how good an answer was; it is kept as a weak opinion beside the votes.

Only what the same person says in the same conversation counts, of the answer just before or the one that they reply
to. It is read after the reply was sent, so that nobody waits for it. Which sign is worth what, and which opinion wins
where several differ, is for `nlp.learning` to say.
"""

from datetime import UTC, datetime

from bot.dialogue import Incoming, Reply
from bot.voting import VOTABLE
from nlp.learning.signs import Sign, sign_of
from storage.database import Database, Transaction
from storage.records import Previous


class Signals:
    """Reads signs and stores them with exactly the answer they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, incoming: Incoming, reply: Reply) -> Sign | None:
        """Store what a message, which got this reply, says of the answer before; the sign, or None for none."""
        if reply.route is None or not incoming.text:
            return None
        async with self._database.read() as tx:
            before = await _before(tx, incoming)
        if before is None or before.kind not in VOTABLE:
            return None
        intent = reply.route.intent.label if reply.route.confident else None
        question = "" if reply.understood else before.meaning  # a follow-up asks for more, and not again
        sign = sign_of(incoming.text, intent, question, datetime.now(UTC) - before.created_at)
        if sign is not None:
            async with self._database.write() as tx:
                await tx.feedback.vote(
                    before.answer_id, incoming.person.id, sign.channel, sign.value, weight=sign.weight
                )
        return sign


async def _before(tx: Transaction, incoming: Incoming) -> Previous | None:
    """The answer that a message may be about: the one it replies to, if that was given to the same person, else the
    latest that they got here."""
    place, person = incoming.place, incoming.person.id
    if incoming.quoted_id is not None:
        quoted = await tx.answers.of_telegram_message(place.chat_id, incoming.quoted_id)
        return await tx.earlier.answered_to(quoted.id, person) if quoted else None
    return await tx.earlier.previous(person, place.chat_id, place.thread_id, incoming.update_id)
