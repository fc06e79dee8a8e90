"""What a conversation remembers: its own turns, recent ones, few enough; and what of an answer counts as said."""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Self

import pytest

from bot import memory
from bot.app import App
from bot.delivery import new_answer, new_message, new_route
from bot.dialogue import Incoming, notice
from bot.memory import Memory, said
from storage.records import AnswerKind
from tests.support.apps import private

FIRST = private("When are refunds paid?")


async def ask(app: App, incoming: Incoming) -> int:
    """Ask and store; the number of the answer's message."""
    reply = await app.conversation.ask(incoming)
    async with app.database.write() as tx:
        await tx.people.see_chat(incoming.place.chat_id, incoming.place.kind, "")
        answer = await tx.answers.record(new_message(incoming, reply), new_route(reply), new_answer(incoming, reply))
        await tx.answers.mark_delivered(answer.id, 0, 100 + answer.id)
        return 100 + answer.id


async def meaning(app: App, incoming: Incoming, text: str = "and in winter?") -> str:
    return (await Memory(app.database).understand(replace(incoming, text=text))).text


async def test_questions_are_remembered_with_what_the_answers_said(app: App) -> None:
    await ask(app, FIRST)
    [exchange] = await Memory(app.database).recall(FIRST.place)
    assert exchange.question == "When are refunds paid?"
    assert exchange.answer.startswith("Refunds are paid within thirty days of the purchase.")
    assert "Sources" not in exchange.answer
    assert exchange.sources[0] == "Handbook"


async def test_a_chain_of_follow_ups_keeps_its_topic(app: App) -> None:
    await ask(app, FIRST)
    await ask(app, replace(FIRST, text="and in winter?"))
    assert await meaning(app, FIRST, "Who pays them?") == "Who pays refunds?"
    assert await meaning(app, FIRST, "and in summer?") == "When are refunds paid in summer?"


async def test_a_reply_to_an_earlier_answer_is_read_with_that(app: App) -> None:
    first = await ask(app, FIRST)
    await ask(app, replace(FIRST, text="When does the office open?"))
    assert await meaning(app, FIRST) == "When does the office open in winter?"
    assert await meaning(app, replace(FIRST, quoted_id=first)) == "When are refunds paid in winter?"
    assert await meaning(app, replace(FIRST, quoted_id=999)) == "When does the office open in winter?"


async def test_another_chat_and_another_topic_are_never_read(app: App) -> None:
    group = replace(FIRST, place=replace(FIRST.place, chat_id=-5, kind="supergroup", thread_id=3))
    await ask(app, group)
    assert await meaning(app, group) == "When are refunds paid in winter?"
    for place in (replace(group.place, thread_id=None), replace(group.place, thread_id=4), FIRST.place):
        assert await meaning(app, replace(group, place=place)) == "and in winter?"


async def test_what_is_half_an_hour_old_is_forgotten(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(app, FIRST)

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(minutes=31)

    monkeypatch.setattr(memory, "datetime", Later)
    assert await meaning(app, FIRST) == "and in winter?"


async def test_only_questions_to_the_documents_are_remembered_and_a_reset_ends_them(app: App) -> None:
    await ask(app, FIRST)
    async with app.database.write() as tx:
        hello = notice("en", ())
        await tx.answers.record(new_message(replace(FIRST, text="hello")), None, new_answer(FIRST, hello))
    assert await meaning(app, FIRST) == "When are refunds paid in winter?"
    async with app.database.write() as tx:
        await tx.answers.record(new_message(FIRST), None, new_answer(FIRST, replace(hello, kind=AnswerKind.RESET)))
    assert await meaning(app, FIRST) == "and in winter?"


async def test_the_budget_counts_characters_and_keeps_the_last_turn(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(app, FIRST)
    await ask(app, replace(FIRST, text="When does the office open?"))
    monkeypatch.setattr(memory, "_CHARACTERS", 10)
    assert [e.question for e in await Memory(app.database).recall(FIRST.place)] == ["When does the office open?"]


@pytest.mark.parametrize(
    ("answer", "shown", "left"),
    [
        ("One. [1] Two. [2]\n\nSources\n[1] A\n[2] B", True, "One. Two."),
        ("一。[1] 二。[2]\n\n来源\n[1] 甲", True, "一。 二。"),
        ("You mean: Who?\n\nOne. [1]\n\nSources\n[1] A", True, "One."),
        ("你是问：谁？\n\n一。[1]\n\n来源\n[1] 甲", True, "一。"),
        ("My documents do not say.\n\nThe closest:\n• A", False, "My documents do not say.\n\nThe closest:\n• A"),
    ],
)
def test_what_an_answer_says(answer: str, shown: bool, left: str) -> None:
    assert said(answer, sources_shown=shown) == left
