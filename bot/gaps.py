"""Use case: what people ask and the documents do not say, put together for admins once a week and whenever they ask.

Questions of people who have declined that their messages teach are left out; what is quoted is without personal data.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import review_texts as texts
from bot.dialogue import Incoming, Person, Place, Reply, interface_language, notice
from bot.inference import Inference
from bot.richtext import RichText, join, plain
from nlp.learning.clusters import cluster
from nlp.learning.likeness import joined
from nlp.learning.scrubbing import scrub
from nlp.types import LANGUAGES, Language
from storage.database import Database
from storage.records import Unanswered, User

WEEK = timedelta(days=7)
_MOST = 8  # gaps in a digest
_EXAMPLES = 2  # questions quoted of each, besides the one that stands for it
_LONGEST = 160  # characters of one question

SendOnce = Callable[[str, datetime, timedelta, Incoming, Reply], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask about the same: how many people asked, how often, the question that stands for them, and some
    others."""

    people: int
    times: int
    question: str
    others: tuple[str, ...]


class Gaps:
    """Finds gaps, and tells admins. `admins` are those that the settings name."""

    def __init__(self, database: Database, inference: Inference, admins: Iterable[int] = ()) -> None:
        self._database = database
        self._inference = inference
        self._admins = frozenset(admins)

    async def find(self, since: datetime) -> list[Gap]:
        """The gaps since a moment; those that most people met come first."""
        async with self._database.read() as tx:
            asked = await tx.review.unanswered(since)
        return await self._inference.run(self._group, asked) if asked else []

    async def digest(self, now: datetime, language: Language) -> Reply:
        """The gaps of the last week, or that there are none."""
        found = await self.find(now - WEEK)
        return notice(language, digest_text(found, language) if found else texts.GAPS_NONE.rich(language))

    async def send_weekly(self, now: datetime, send_once: SendOnce) -> int:
        """Tell every admin of the gaps of the last week in private, once a week; how many were told now.

        `send_once` is `bot.delivery.Delivery.send_once`. To be called as often as one likes.
        """
        due = await self._due(now)
        if not due:
            return 0
        found = await self.find(now - WEEK)
        replies = {language: notice(language, digest_text(found, language)) for language in LANGUAGES}
        told = 0
        for admin in due if found else ():
            language = interface_language(admin.language, admin.telegram_language)
            private = Incoming(Person(admin.id, admin.name), Place(admin.id, "private", admin.name), "")
            told += await send_once(_mark(admin.id), now, WEEK, private, replies[language])
        return told

    async def _due(self, now: datetime) -> list[User]:
        """The admins with a private chat who were told nothing for a week."""
        async with self._database.read() as tx:
            named = [await tx.people.user(number) for number in sorted(self._admins)]
            known = {user.id: user for user in (*await tx.people.admins(), *named) if user is not None}
            due: list[User] = []
            for admin in known.values():
                last = await tx.marks.last(_mark(admin.id))
                if (last is None or last <= now - WEEK) and await tx.people.knows_chat(admin.id):
                    due.append(admin)
        return due

    def _group(self, asked: Sequence[Unanswered]) -> list[Gap]:
        texts = [question.text for question in asked]
        groups = cluster(joined(texts, self._inference.models.encoder.features(texts).vectors))
        gaps = [_gap([asked[place] for place in group]) for group in groups]
        return sorted(gaps, key=lambda gap: (-gap.people, -gap.times))[:_MOST]


def _mark(admin: int) -> str:
    return f"gaps:{admin}"


def _gap(asked: Sequence[Unanswered]) -> Gap:
    """A gap from its questions, the most telling first."""
    wordings = list(dict.fromkeys(_quoted(question.text) for question in asked))
    people = len({question.user_id for question in asked})
    return Gap(people, len(asked), wordings[0], tuple(wordings[1 : 1 + _EXAMPLES]))


def _quoted(text: str) -> str:
    line = " ".join(scrub(text).text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def digest_text(gaps: Sequence[Gap], language: Language) -> RichText:
    """What admins read: gap by gap, how many people asked what."""
    return join([texts.GAPS.rich(language), *(_gap_text(gap, language) for gap in gaps)], "\n\n")


def _gap_text(gap: Gap, language: Language) -> RichText:
    one = texts.GAP_ONE if gap.people == 1 else texts.GAP
    head = one.rich(language, people=gap.people, question=gap.question)
    return join([head, *(plain(f"• {other}") for other in gap.others)])
