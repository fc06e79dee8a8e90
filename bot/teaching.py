"""Use case: an admin says what the right answer is, and from then on the documents say so.

A right answer is a document of its own in the shared knowledge, with the question as its heading: it is found, cited,
listed and removed like any other, and teaching the same question again replaces it.
"""

import re
from dataclasses import dataclass

from bot import texts
from bot.knowledge import Knowledge
from nlp.text import clean, detect_language, fold
from nlp.types import Document, Section, Span
from storage.database import Database
from storage.records import Answer, AnswerKind, Change

PREFIX = "approved:"
TEACHABLE = frozenset({AnswerKind.ANSWER, AnswerKind.REFUSAL})
_RIGHT = re.compile(
    r"\s*(?:the )?(?:right|correct) answer (?:is|should be|would be)\b[\s:,：，]*(?P<en>[^\s:,：，].*)"
    r"|\s*正确的?(?:答案|回答)(?:应该是|应当是|应为|是|为)[\s:,：，]*(?P<zh>[^\s:,：，].*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with its right answer."""

    question: str
    answer: str
    answer_id: int | None = None  # of the answer that it corrects, where there was one


class Teaching:
    """Learns right answers from admins; who may teach is for the caller to know."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge

    async def question(self, chat_id: int, telegram_id: int) -> str | None:
        """The question behind an answer of the bot; None where the message is none that can be taught anew."""
        found = await self._behind(chat_id, telegram_id)
        return found[1] if found and found[0].kind in TEACHABLE else None

    async def lesson(self, chat_id: int, telegram_id: int, text: str) -> Lesson | None:
        """What a reply to a message of the bot teaches: all of it where the bot has asked for the right answer, else
        what follows "the right answer is" or "正确答案是"."""
        found = await self._behind(chat_id, telegram_id)
        if found is None:
            return None
        answer, question = found
        match = _RIGHT.fullmatch(text)
        asked = answer.kind is AnswerKind.LESSON
        right = clean(match["en"] or match["zh"] if match else text if asked else "").strip()
        if not right or not (asked or answer.kind in TEACHABLE):
            return None
        return Lesson(question, right, await self._corrected(answer, question))

    async def _behind(self, chat_id: int, telegram_id: int) -> tuple[Answer, str] | None:
        async with self._database.read() as tx:
            answer = await tx.answers.of_telegram_message(chat_id, telegram_id)
            asked = await tx.answers.question_of(answer.id) if answer else None
        return (answer, asked.meaning) if answer and asked else None

    async def _corrected(self, answer: Answer, question: str) -> int | None:
        """The number of the answer that is corrected: this one, or that which led the bot to ask for a better one."""
        if answer.kind is not AnswerKind.LESSON:
            return answer.id
        async with self._database.read() as tx:
            return await tx.earlier.same_question(question, answer.id)

    async def teach(self, lesson: Lesson, admin: int) -> Change:
        """Put a right answer into the shared knowledge, approved by `admin`; the next question finds it.

        It is also kept beside the answer that it corrects.
        """
        added = await self._knowledge.keep(document(lesson), address(lesson.question), admin)
        if lesson.answer_id is not None:
            async with self._database.write() as tx:
                await tx.feedback.correct(lesson.answer_id, admin, lesson.answer)
        return added.change


def document(lesson: Lesson) -> Document:
    """A right answer as a document: one entry, whose heading is the question."""
    text, language = clean(lesson.answer).strip(), detect_language(lesson.question)
    entry = Section(Span(0, len(text)), " ".join(clean(lesson.question).split()), whole=True)
    return Document(texts.APPROVED.plain(language), text, language, "text/plain", (entry,))


def address(question: str) -> str:
    """The address of the right answer to a question, the same however the question is spaced, capped or ended."""
    return PREFIX + " ".join(fold(question).split()).strip(" ?？。.!！")
