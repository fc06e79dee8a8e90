"""Use case: whether a person's messages may teach the bot. They are asked once, in private, and can change their mind.

Whose messages may teach is decided in one place, `storage.consent`.
"""

from datetime import UTC, datetime

from bot import review_texts as texts
from bot.dialogue import Button, Person, Reply, notice
from nlp.types import Language
from storage.database import Database

CONSENT = "consent"  # the name of the buttons, and of the mark that a person was asked
YES, NO = "yes", "no"


def asked_mark(person: int) -> str:
    """The name of the mark that says when a person was asked."""
    return f"{CONSENT}:{person}"


class Consent:
    """Asks people, and keeps what they say. Where consent is `assumed`, nobody is asked."""

    def __init__(self, database: Database, *, assumed: bool) -> None:
        self._database = database
        self.assumed = assumed

    async def should_ask(self, person: Person) -> bool:
        """True the one time that a person is to be asked: they have a private chat with the bot, and said nothing yet.

        It is remembered, so that it is true once.
        """
        if self.assumed:
            return False
        async with self._database.read() as tx:
            user = await tx.people.user(person.id)
            if user is None or user.consent is not None or not await tx.people.knows_chat(person.id):
                return False
            if await tx.marks.last(asked_mark(person.id)) is not None:
                return False
        async with self._database.write() as tx:
            return await tx.marks.claim(asked_mark(person.id), datetime.now(UTC))

    async def decide(self, person: int, *, may_teach: bool) -> None:
        """Keep what a person says."""
        async with self._database.write() as tx:
            await tx.people.set_consent(person, may_teach)


def question(language: Language) -> Reply:
    """The question whether a person's messages may teach, with its two answers."""
    buttons = (
        Button(texts.CONSENT_YES.plain(language), f"{CONSENT}:{YES}"),
        Button(texts.CONSENT_NO.plain(language), f"{CONSENT}:{NO}"),
    )
    return notice(language, texts.CONSENT.rich(language), buttons)
