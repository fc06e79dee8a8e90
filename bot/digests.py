"""Use case: digests of a group's talk, where the group has asked for them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot import summary_texts as texts
from bot.dialogue import Incoming, Reply, notice
from bot.inference import Inference
from bot.stopwatch import Stopwatch
from bot.summary_replies import digest_text
from bot.wishes import LONGEST, stretch_of
from nlp.blocks import Block, assemble
from nlp.lexical import terms
from nlp.types import Language
from storage.database import Database
from storage.records import AnswerKind, Said

_MOST = 500  # messages in one digest
_KEPT = 5000  # messages of a group
_PARTS = ((10, 3), (50, 5), (200, 8))  # below so many messages, so many points
_MOST_POINTS = 10
_LONGEST_MESSAGE = 2000  # characters that are kept of one


class Digests:
    """Keeps what groups say, if they wish, and puts it together."""

    def __init__(self, database: Database, inference: Inference) -> None:
        self._database = database
        self._inference = inference

    async def hear(self, incoming: Incoming) -> None:
        """Keep a message of a group that has asked for digests; of others nothing is kept."""
        place, number = incoming.place, incoming.telegram_id
        if not place.is_group or number is None or not incoming.text:
            return
        async with self._database.read() as tx:
            kept = await tx.talk.is_kept(place.chat_id)
        if not kept:
            return
        person, now = incoming.person, datetime.now(UTC)
        async with self._database.write() as tx:
            said = Said(number, person.id, person.name, incoming.text[:_LONGEST_MESSAGE], now)
            await tx.talk.add(place.chat_id, place.thread_id, said)
            await tx.talk.trim(place.chat_id, now - LONGEST, _KEPT)

    async def switch(self, incoming: Incoming, language: Language, *, on: bool) -> Reply:
        """Begin or end to keep a group's talk."""
        if not incoming.place.is_group:
            return notice(language, texts.DIGEST_GROUPS.rich(language))
        async with self._database.write() as tx:
            await tx.talk.keep(incoming.place.chat_id, kept=on)
        return notice(language, (texts.DIGEST_ON if on else texts.DIGEST_ENDED).rich(language))

    async def respond(self, incoming: Incoming, language: Language) -> Reply:
        """A digest of the stretch of talk that the message names."""
        watch, place = Stopwatch(), incoming.place
        if not place.is_group:
            return notice(language, texts.DIGEST_GROUPS.rich(language))
        stretch = stretch_of(incoming.text, datetime.now(UTC), _MOST)
        async with self._database.read() as tx:
            if not await tx.talk.is_kept(place.chat_id):
                return notice(language, texts.DIGEST_OFF.rich(language))
            if stretch is None:
                return notice(language, texts.DIGEST_WHAT.rich(language))
            talk = await tx.talk.latest(place.chat_id, place.thread_id, stretch.since, stretch.messages)
        watch.lap("read")
        if not talk:
            return notice(language, texts.DIGEST_EMPTY.rich(language))
        points = await self._inference.run(self._points, talk)
        watch.lap("summarize")
        return Reply(
            AnswerKind.SUMMARY,
            language,
            digest_text(len(talk), len({said.user_id for said in talk}), points, language),
            votable=True,
            versions=self._inference.models.versions,
            timings=watch.milliseconds,
        )

    def _points(self, talk: list[Said]) -> list[str]:
        """The most telling messages, each behind the name of who said it, in their order."""
        lines = {_line(said.text): said.name for said in talk}
        count = next((points for below, points in _PARTS if len(talk) < below), _MOST_POINTS)
        document = assemble([Block(line) for line in lines], "", "text/plain")
        summary = self._inference.models.summarizer.summarize(document, count, genre="thread")
        bags = {line: set(terms(line)) for line in lines}
        return [f"{lines[_source(sentence, bags)]}: {sentence}" for sentence in summary.sentences]


def _line(text: str) -> str:
    return " ".join(text.split())


def _source(sentence: str, bags: Mapping[str, set[str]]) -> str:
    """The message that a sentence, perhaps without a clause, is part of; each message is given with its terms."""
    wanted = set(terms(sentence))
    return max(bags, key=lambda line: (sentence in line, len(wanted & bags[line])))
