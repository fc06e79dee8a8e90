"""Buttons and reactions: what a press does, and that everybody hears of it."""

import pytest

from bot.simulator.model import Message
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM, TRAVEL
from storage.records import AnswerKind
from tests.support.telegram import Telegram, buttons, styled

QUESTION = "When are refunds paid?"
UNCLEAR = "settings article hello taxi"
FOREIGN = [
    *("vote:2", "vote:", "vote", "intent:nonsense", "sample:99", "sample:-1", "sample:²", "language:fr"),
    *("source:", "source:9", "why:nonsense", "why:wrong", "teach:"),
    *("share:1e9", "share:999", f"share:{10**30}", "unknown:1", "🎈", ":"),
]


async def rated(telegram: Telegram) -> Message:
    """An answer in the group, where both may vote."""
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    return await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)


async def fake_button(telegram: Telegram, data: str) -> Message:
    """A message of the bot with a button that Dawen does not make."""
    rows = {"inline_keyboard": [[{"text": "old", "callback_data": data}]]}
    await telegram.ask(ADA, "hello there")
    message = telegram.of_bot(ADA_CHAT)[-1]
    return telegram.replace(message.model_copy(update={"reply_markup": rows}))


async def test_votes_are_stored_with_exactly_the_answer_and_counted_on_its_buttons(telegram: Telegram) -> None:
    first, second = await rated(telegram), await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)
    assert await telegram.press(ADA, first, "👍") == "Thanks, noted as good."
    assert buttons(telegram.now(first)) == [["📄 1"], ["👍 1", "👎"]]
    assert await telegram.press(BO, telegram.now(first), "👎") == "谢谢，已记为差评。"
    assert buttons(telegram.now(first))[:2] == [["📄 1"], ["👍 1", "👎 1"]]
    assert await telegram.votes(first) == (1, 1)
    assert await telegram.votes(second) == (0, 0)
    assert buttons(telegram.now(second)) == [["📄 1"], ["👍", "👎"]]


async def test_a_vote_can_be_changed_and_counts_once(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    for label, votes in (("👍", (1, 0)), ("👍 1", (1, 0)), ("👎", (0, 1))):
        await telegram.press(ADA, telegram.now(answer), label)
        assert await telegram.votes(answer) == votes
    assert buttons(telegram.now(answer))[:2] == [["📄 1"], ["👍", "👎 1"]]


async def test_a_vote_says_which_answer_it_is_about_and_by_what_it_was_made(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.press(ADA, answer, "👎")
    stored = await telegram.stored(answer)
    assert stored is not None
    assert (stored.kind, stored.text) == (AnswerKind.ANSWER, answer.text)
    assert stored.versions["encoder"] == "bag"


async def test_a_sample_question_is_asked_and_shown_with_its_answer(telegram: Telegram) -> None:
    welcome = await telegram.ask(ADA, "/start")
    await telegram.press(ADA, welcome, "Who can use the bot?")
    answer = telegram.of_bot(ADA_CHAT)[-1]
    assert styled(answer, "italic")[0] == "Who can use the bot?"
    assert buttons(answer)[-1] == ["👍", "👎"]
    async with telegram.app.database.read() as tx:
        assert (await tx.answers.history(ADA.id, None, 1))[0].question == "Who can use the bot?"


async def test_an_unclear_message_is_asked_back_and_answered_as_meant(telegram: Telegram) -> None:
    asked_back = await telegram.ask(ADA, UNCLEAR)
    assert asked_back.text == "I am not sure what you mean. Is it …"
    assert buttons(asked_back)[:2] == [["a question about the documents"], ["just hello"]]
    await telegram.press(ADA, asked_back, "just hello")
    assert telegram.of_bot(ADA_CHAT)[-1].text.startswith("Hello! Ask me something")


async def test_what_a_message_meant_is_stored_as_its_label(telegram: Telegram) -> None:
    asked_back = await telegram.ask(BO, UNCLEAR)
    await telegram.press(BO, asked_back, "a question about the documents")
    stored = await telegram.stored(asked_back)
    assert stored is not None
    async with telegram.app.database.read() as tx:
        assert await tx.feedback.labels() == [(stored.message_id, BO.id, "question", None, "clarification")]
        turns = await tx.answers.history(BO.id, None, 5)
    assert [(turn.question, turn.kind) for turn in turns] == [
        (UNCLEAR, AnswerKind.CLARIFICATION),
        (UNCLEAR, AnswerKind.REFUSAL),
    ]


async def test_the_answer_to_a_pressed_button_lands_in_its_topic(telegram: Telegram) -> None:
    welcome = await telegram.ask(ADA, "/start", TEAM, topic=TRAVEL)
    await telegram.press(ADA, welcome, "Who can use the bot?")
    assert telegram.of_bot(TEAM)[-1].message_thread_id == TRAVEL


async def test_a_button_that_is_not_ours_is_called_too_old(telegram: Telegram) -> None:
    for data in FOREIGN:
        message = await fake_button(telegram, data)
        said = len(telegram.of_bot(ADA_CHAT))
        assert await telegram.press(ADA, message, "old") == "This button is too old.", data
        assert len(telegram.of_bot(ADA_CHAT)) == said


@pytest.mark.parametrize("data", ["vote:1", "intent:question", "source:1", "why:wrong", "teach:"])
async def test_a_button_under_a_message_that_nobody_remembers_is_too_old(telegram: Telegram, data: str) -> None:
    message = await fake_button(telegram, data)
    async with telegram.app.database.write() as tx:
        await tx.answers.mark_delivered(1, 0, 999_999)
    assert await telegram.press(ADA, message, "old") == "This button is too old."


async def test_only_admins_share(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    added = await telegram.upload(ADA, "parking.md", b"# Parking\n\nBicycles stay outside.", TEAM, caption="@dawen_bot")
    assert await telegram.press(BO, added, "Share with everybody") == "只有管理员可以这样做。"
    assert {d.scope for d in await telegram.app.knowledge.documents()} == {"shared", f"chat:{TEAM.id}"}
    assert buttons(telegram.now(added)) == [["Share with everybody"]]


async def test_strangers_cannot_press(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)
    assert (await telegram.press(BO, answer, "👍")).startswith("这个机器人不公开。")
    assert await telegram.votes(answer) == (0, 0)


async def test_a_pressed_button_that_telegram_forgot_is_no_fault(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    telegram.fail("answerCallbackQuery", status=400)
    telegram.press_only(ADA, answer, "👍")
    await telegram.settled()
    assert await telegram.votes(answer) == (1, 0)
    assert len(telegram.of_bot(ADA_CHAT)) == 1


LONG = "# Rules\n\n## Dogs & cats\n\nDogs sleep < 5 hours & cats > 9, says paragraph seven. " + "Dogs bark. " * 30


async def test_a_source_is_shown_whole_with_its_place_and_nothing_in_it_is_markup(telegram: Telegram) -> None:
    await telegram.upload(ADA, "rules.md", LONG.encode())
    answer = await telegram.ask(ADA, "/ask Where do dogs sleep says paragraph seven?")
    assert await telegram.press(ADA, answer, "📄 1") == ""
    shown = telegram.of_bot(ADA_CHAT)[-1]
    assert styled(shown, "bold") == ["[1] Rules"]
    assert styled(shown, "italic") == [" — Dogs & cats"]
    [quote] = styled(shown, "blockquote")
    assert quote.startswith("Dogs sleep < 5 hours & cats > 9, says")
    assert len(quote) > 300


async def test_a_source_longer_than_a_message_is_split(telegram: Telegram) -> None:
    await telegram.upload(ADA, "rules.md", b"# Rules\n\nDogs sleep in the hall. " + b"y" * 5000 + b".")
    answer = await telegram.ask(ADA, "/ask Where do dogs sleep?")
    before = len(telegram.of_bot(ADA_CHAT))
    await telegram.press(ADA, answer, "📄 1")
    assert len(telegram.of_bot(ADA_CHAT)) == before + 2


async def test_a_source_is_shown_in_its_own_chat_alone(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    foreign = await telegram.ask(BO, "你好呀")
    rows = {"inline_keyboard": [[{"text": "old", "callback_data": "source:1"}]]}
    copied = telegram.replace(foreign.model_copy(update={"message_id": answer.message_id, "reply_markup": rows}))
    assert await telegram.press(BO, copied, "old") == "这个按钮已经失效。"
