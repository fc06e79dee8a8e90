"""What counts as a right answer, and how it becomes a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App
from bot.delivery import new_answer, new_message, new_route
from bot.teaching import Lesson, address, document
from nlp.chunks import chunk
from storage.records import AnswerKind, Change
from tests.support.apps import ADA, BO, private

NUMBER = 55  # of the bot's message on Telegram


async def answered(app: App) -> None:
    incoming = private("Who waters the plants?")
    reply = await app.conversation.ask(incoming)
    new = new_answer(incoming, reply)
    async with app.database.write() as tx:
        answer = await tx.answers.record(new_message(incoming, reply), new_route(reply), new)
        await tx.answers.mark_delivered(answer.id, 0, NUMBER)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("The right answer is: the gardener.", "the gardener."),
        ("the correct answer should be the gardener", "the gardener"),
        ("Right answer is\n\nthe gardener\nand the cook", "the gardener\nand the cook"),
        ("正确答案是：园丁。", "园丁。"),
        ("正确的回答应该是园丁", "园丁"),
        ("正确答案应为 园丁", "园丁"),
        ("The right answer is", None),
        ("正确答案是：", None),
        ("The right answer is: \u200b", None),
        ("I think that the right answer is the gardener", None),
        ("thanks", None),
    ],
)
async def test_what_follows_the_words_is_the_right_answer(app: App, said: str, right: str | None) -> None:
    await answered(app)
    lesson = await app.teaching.lesson(ADA.id, NUMBER, said)
    assert (lesson and (lesson.question, lesson.answer)) == (("Who waters the plants?", right) if right else None)


async def test_a_reply_to_an_unknown_message_teaches_nothing(app: App) -> None:
    await answered(app)
    assert await app.teaching.lesson(ADA.id, NUMBER + 1, "the right answer is x") is None
    assert await app.teaching.lesson(BO.id, NUMBER, "the right answer is x") is None
    assert await app.teaching.question(BO.id, NUMBER) is None


@pytest.mark.parametrize(
    ("question", "right"),
    [("Who waters the plants?", "The gardener, on Mondays."), ("谁给植物浇水？", "园丁每周一浇水。")],
)
async def test_the_very_next_question_finds_what_was_taught(app: App, question: str, right: str) -> None:
    lesson = Lesson(question, right)
    assert await app.teaching.teach(lesson, ADA.id) is Change.ADDED
    assert await app.teaching.teach(lesson, ADA.id) is Change.UNCHANGED
    reply = await app.conversation.ask(private(question, BO))
    assert reply.kind is AnswerKind.ANSWER
    assert right in reply.plain


async def test_who_taught_last_is_who_approved(app: App) -> None:
    for admin in (ADA, BO):
        await app.teaching.teach(Lesson("Who?", "The gardener."), admin.id)
    [found] = [d for d in await app.knowledge.documents() if d.uri == "approved:who"]
    assert found.added_by == BO.id


async def test_what_was_taught_goes_before_what_documents_say(app: App) -> None:
    await app.teaching.teach(Lesson("When are refunds paid?", "Refunds are paid on Fridays."), ADA.id)
    assert (await app.conversation.ask(private("When are refunds paid?"))).plain.startswith(
        "Refunds are paid on Friday"
    )


def test_one_entry_has_the_question_as_its_heading() -> None:
    made = document(Lesson("  Who waters\nthe plants? ", "The gardener."))
    assert [(c.heading, c.text) for c in chunk(made)] == [("Who waters the plants?", "The gardener.")]
    assert (made.language, made.title) == ("en", "Approved answer")
    assert document(Lesson("谁？", "园丁")).title == "核准的回答"


@given(st.text(), st.text())
def test_any_texts_make_a_document_that_can_be_cut(question: str, answer: str) -> None:
    made = document(Lesson(question, answer))
    assert all(made.text[c.span.start : c.span.end] == c.text for c in chunk(made))
    assert address(question) == address(f" {question.upper().lower()} ") or question.upper().lower() != question
