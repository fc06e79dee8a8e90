"""Use case: what a conversation remembers, so that a follow-up can be read as a question by itself.

Only the same chat and forum topic is remembered, since the last /reset, for half an hour, a few turns and characters.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot import texts
from bot.dialogue import Incoming, Place
from nlp.follow_up import Exchange, asked_language, rewrite
from nlp.text import detect_language
from nlp.types import Answer, Language
from storage.database import Database
from storage.records import AnswerKind, Turn

_TURNS = 5
_CHARACTERS = 6000
_FOR = timedelta(minutes=30)
_MARK = re.compile(r" ?\[\d{1,2}\]")  # the number of a source behind a sentence
_ASKED = frozenset({AnswerKind.ANSWER, AnswerKind.REFUSAL})


@dataclass(frozen=True, slots=True)
class Question:
    """A message as a question by itself.

    `language` is the one to word the answer in; `again` tells that the message asks for nothing else, `continued` that
    it had to be put into other words.
    """

    text: str
    language: Language
    continued: bool = False
    again: bool = False

    def worded(self, answer: Answer) -> Answer:
        """The answer, worded in the language that was asked for."""
        return replace(answer, language=self.language)


def alone(text: str) -> Question:
    """A message that is read without what was said before."""
    return Question(text, detect_language(text))


class Memory:
    """Reads messages in the light of what was said before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def understand(self, incoming: Incoming, *, continues: bool = False) -> Question:
        """The question that a message asks; `continues` tells that the router takes it for a follow-up."""
        text, history = incoming.text, await self.recall(incoming.place, incoming.quoted_id)
        meant = rewrite(text, history, continues=continues)
        language = asked_language(text)
        again = language is not None and bool(history)
        return Question(meant, language if language and again else detect_language(text), meant != text, again)

    async def recall(self, place: Place, quoted_id: int | None = None) -> list[Exchange]:
        """The questions that were asked of the documents here, oldest first, within the budget.

        Where a message replies to one of the answers, by its number, what came after that is left out.
        """
        async with self._database.read() as tx:
            turns = await tx.answers.history(place.chat_id, place.thread_id, _TURNS, datetime.now(UTC) - _FOR)
            quoted = await tx.answers.of_telegram_message(place.chat_id, quoted_id) if quoted_id is not None else None
            asked = _within(_until([turn for turn in turns if turn.kind in _ASKED], quoted.id if quoted else None))
            titles = await tx.answers.titles([turn.answer_id for turn in asked]) if asked else {}
        return [_exchange(turn, titles.get(turn.answer_id, ())) for turn in asked]


def _until(turns: list[Turn], answer_id: int | None) -> list[Turn]:
    """The turns up to that with this answer; all of them where it is not among them."""
    places = [place for place, turn in enumerate(turns, 1) if turn.answer_id == answer_id]
    return turns[: places[0]] if places else turns


def _within(turns: Iterable[Turn]) -> list[Turn]:
    """The newest turns that fit the budget, oldest first; the very last one always."""
    kept: list[Turn] = []
    left = _CHARACTERS
    for turn in reversed(list(turns)):
        left -= len(turn.meaning) + len(turn.answer)
        if kept and left < 0:
            break
        kept.append(turn)
    return kept[::-1]


def _exchange(turn: Turn, titles: Collection[str]) -> Exchange:
    return Exchange(turn.meaning, said(turn.answer, sources_shown=bool(titles)), tuple(titles))


def said(answer: str, *, sources_shown: bool) -> str:
    """What an answer says, without the line above it that repeats the question and without its list of sources."""
    for text in (texts.UNDERSTOOD.en, texts.UNDERSTOOD.zh):
        if answer.startswith(text.strip("_").partition("{")[0]):
            answer = answer.partition("\n\n")[2]
    for head in (texts.SOURCES.en, texts.SOURCES.zh) if sources_shown else ():
        answer = answer.partition(f"\n\n{head}\n")[0]
    return _MARK.sub("", answer)
