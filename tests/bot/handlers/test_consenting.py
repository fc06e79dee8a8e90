"""People are asked once, in private, whether their messages may teach; what they say is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.consent import asked_mark, question
from bot.delivery import new_answer, new_message
from bot.simulator.model import Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, CHATS, TEAM
from storage.database import Database
from tests.support.apps import private
from tests.support.telegram import Telegram, buttons, small_bot

QUESTION, QUESTION_ZH = "When are refunds paid?", "退款什么时候支付？"
ASKED, ASKED_ZH = "May I learn from what you write to me?", "我可以从你发给我的内容里学习吗？"


@pytest.fixture
async def asking(handbooks: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A running bot that asks for consent, as it does unless it is told otherwise."""
    async with small_bot(handbooks, tmp_path / "home", admins=[ADA.id], allowed_users=[BO.id]) as telegram:
        yield telegram


async def consent(telegram: Telegram, person: User) -> bool | None:
    async with telegram.app.database.read() as tx:
        user = await tx.people.user(person.id)
    assert user is not None
    return user.consent


def asked(telegram: Telegram, person: User) -> list[Message]:
    return [m for m in telegram.of_bot(CHATS[person.id]) if m.text.startswith((ASKED, ASKED_ZH))]


@pytest.mark.parametrize(
    ("person", "text", "label", "said", "stored"),
    [
        (ADA, QUESTION, "Yes, learn from it", "Thank you: your messages may teach me.", True),
        (ADA, QUESTION, "No", "Understood: your messages do not teach me.", False),
        (BO, QUESTION_ZH, "可以，学吧", "谢谢，我会从你的消息里学习。", True),
        (BO, QUESTION_ZH, "不可以", "明白，我不会从你的消息里学习。", False),
    ],
)
async def test_the_first_vote_brings_the_question_once(
    asking: Telegram, person: User, text: str, label: str, said: str, stored: bool
) -> None:
    answer = await asking.ask(person, f"/ask {text}")
    assert asked(asking, person) == []
    await asking.press(person, answer, "👍")
    await asking.press(person, asking.now(answer), "👎")
    [message] = asked(asking, person)
    assert await consent(asking, person) is None
    assert await asking.press(person, message, label) == said
    assert (asking.now(message).text, buttons(asking.now(message))) == (said, [])
    assert await consent(asking, person) is stored
    await asking.react(person, answer, "❤")
    assert asked(asking, person) == []  # the one message says by now what was chosen


async def test_a_reaction_and_a_clarification_bring_it_too(asking: Telegram) -> None:
    answer = await asking.ask(ADA, QUESTION)
    await asking.react(ADA, answer, "🤔")
    assert asked(asking, ADA) == []
    await asking.react(ADA, answer, "👍")
    assert len(asked(asking, ADA)) == 1
    unclear = await asking.ask(BO, "settings article hello taxi")
    await asking.press(BO, unclear, "a question about the documents")
    assert len(asked(asking, BO)) == 1


async def test_a_vote_in_a_group_is_asked_about_in_private_if_there_is_such_a_chat(asking: Telegram) -> None:
    async with asking.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    answer = await asking.ask(ADA, f"/ask {QUESTION}", TEAM)
    await asking.press(ADA, answer, "👍")
    assert asked(asking, ADA) == []
    await asking.ask(ADA, "/whoami")
    await asking.press(ADA, asking.now(answer), "👎")
    assert len(asked(asking, ADA)) == 1
    assert not [m for m in asking.of_bot(TEAM) if m.text.startswith(ASKED)]


async def test_who_was_asked_or_has_said_is_not_asked(asking: Telegram) -> None:
    async with asking.app.database.write() as tx:
        await tx.people.see_user(ADA.id, "Ada", "en")
        await tx.people.set_consent(ADA.id, consent=True)
    answer = await asking.ask(ADA, QUESTION)
    await asking.press(ADA, answer, "👍")
    assert asked(asking, ADA) == []
    async with asking.app.database.read() as tx:
        assert await tx.marks.last(asked_mark(ADA.id)) is None


async def test_nobody_is_asked_where_consent_is_assumed(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.press(ADA, answer, "👍")
    assert len(telegram.of_bot(ADA_CHAT)) == 1


async def test_a_foreign_answer_is_none(asking: Telegram) -> None:
    answer = await asking.ask(ADA, QUESTION)
    await asking.press(ADA, answer, "👍")
    [message] = asked(asking, ADA)
    rows = {"inline_keyboard": [[{"text": "old", "callback_data": "consent:perhaps"}]]}
    strange = asking.replace(message.model_copy(update={"reply_markup": rows}))
    assert await asking.press(ADA, strange, "old") == "This button is too old."
    assert await consent(asking, ADA) is None


async def test_a_question_that_a_crash_kept_from_being_sent_is_sent_by_what_the_next_start_does(
    asking: Telegram,
) -> None:
    await asking.ask(ADA, QUESTION)
    incoming = private("")
    async with asking.app.database.write() as tx:
        await tx.answers.record(new_message(incoming), None, new_answer(incoming, question("en")))
    for _ in range(2):
        await asking.delivery.finish(await asking.delivery.unsent())
        assert len(asked(asking, ADA)) == 1
