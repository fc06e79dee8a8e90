"""/review in a private chat, over real Telegram objects: cards, taps, names for new intents; in both languages."""

from bot.simulator.model import Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from storage.records import Label
from tests.support.telegram import Telegram, buttons, styled

QUESTION, UNKNOWN = "When are refunds paid?", "/ask Who waters the plants?"
PROGRESS = "1 of 2 · new labels: 0 · enough for a retraining at 50"


async def begun(telegram: Telegram, *texts: str, person: User = ADA) -> Message:
    """The first card, after Bo, who agreed, has said some things."""
    async with telegram.app.database.write() as tx:
        await tx.people.see_user(BO.id, "小博", "zh-hans")
        await tx.people.set_consent(BO.id, consent=True)
        await tx.people.see_user(ADA.id, "Ada", "en")
        await tx.people.set_consent(ADA.id, consent=False)
    for text in texts:
        await telegram.ask(BO, text)
    return await telegram.ask(person, "/review")


async def label(telegram: Telegram, text: str) -> Label | None:
    """What Ada says that Bo's message was."""
    async with telegram.app.database.read() as tx:
        pool = await tx.review.pool(ADA.id, 100, assumed=True)
        return await tx.review.label(next(c.message_id for c in pool if c.text == text), ADA.id)


def shown(card: Message) -> str:
    """The message that a card is about."""
    return styled(card, "blockquote")[0]


def labels(card: Message) -> list[str]:
    return [label for row in buttons(card) for label in row]


async def test_a_card_shows_message_route_answer_and_progress(telegram: Telegram) -> None:
    card = await begun(telegram, UNKNOWN, "你好呀")
    assert card.text.startswith(PROGRESS)
    assert shown(card) in ("Who waters the plants?", "你好呀")
    assert "Taken for: " in card.text
    assert "Answered:" in card.text
    assert buttons(card)[0] == ["✅ All right", "❌ Wrong answer"]
    assert buttons(card)[-1] == ["↩️ Undo", "Skip ⏭"]


async def test_one_tap_labels_the_intent_and_the_card_shows_it(telegram: Telegram) -> None:
    card = await begun(telegram, "你好呀")
    await telegram.press(ADA, card, "just hello")
    found = await label(telegram, "你好呀")
    assert found is not None
    assert (found.intent, found.topic, found.source, found.weight, found.golden) == (
        "greeting", None, "review", 1.0, False,
    )  # fmt: skip
    card = telegram.now(card)
    assert "✓ just hello" in labels(card)
    assert "Your label: just hello" in card.text
    assert "new labels: 1" in card.text
    assert "Next ▶" in labels(card)
    await telegram.press(ADA, card, "# business")
    found = await label(telegram, "你好呀")
    assert found is not None
    assert (found.intent, found.topic) == ("greeting", "business")


async def test_all_right_takes_the_route_and_goes_on_to_the_end(telegram: Telegram) -> None:
    card = await begun(telegram, "hello there", "你好呀")
    first = shown(card)
    await telegram.press(ADA, card, "✅ All right")
    assert shown(telegram.now(card)) != first
    assert telegram.now(card).text.startswith("2 of 2 · new labels: 1")
    await telegram.press(ADA, telegram.now(card), "✅ All right")
    assert telegram.now(card).text.startswith("That was the last card. New labels: 2")
    assert buttons(telegram.now(card)) == []
    for text in ("hello there", "你好呀"):
        found = await label(telegram, text)
        assert found is not None
        assert (found.intent, found.topic) == ("greeting", "other")


async def test_undo_takes_the_last_label_back_and_shows_its_card(telegram: Telegram) -> None:
    card = await begun(telegram, "hello there", "你好呀")
    first = shown(card)
    assert await telegram.press(ADA, card, "↩️ Undo") == "You have labelled nothing yet."
    await telegram.press(ADA, card, "✅ All right")
    await telegram.press(ADA, telegram.now(card), "↩️ Undo")
    assert shown(telegram.now(card)) == first
    assert telegram.now(card).text.startswith(PROGRESS)
    assert await label(telegram, first) is None


async def test_skip_goes_on_and_stores_nothing(telegram: Telegram) -> None:
    card = await begun(telegram, "hello there", "你好呀")
    first = shown(card)
    await telegram.press(ADA, card, "Skip ⏭")
    assert shown(telegram.now(card)) != first
    assert await label(telegram, first) is None


async def test_a_wrong_answer_is_stored_beside_it_and_not_on_its_buttons(telegram: Telegram) -> None:
    card = await begun(telegram, QUESTION)
    await telegram.press(ADA, card, "❌ Wrong answer")
    assert "Your label: answer wrong" in telegram.now(card).text
    async with telegram.app.database.read() as tx:
        overview = await tx.statistics.overview()
    assert (overview.votes_up, overview.votes_down) == (0, 0)


async def test_golden_needs_an_intent_and_can_be_taken_back(telegram: Telegram) -> None:
    card = await begun(telegram, "你好呀")
    assert await telegram.press(ADA, card, "⭐ Golden") == "Choose its intent first."
    await telegram.press(ADA, card, "just hello")
    await telegram.press(ADA, telegram.now(card), "⭐ Golden")
    found = await label(telegram, "你好呀")
    assert found is not None
    assert found.golden
    await telegram.press(ADA, telegram.now(card), "⭐ Not golden")
    found = await label(telegram, "你好呀")
    assert found is not None
    assert not found.golden


async def test_every_intent_and_topic_can_be_reached_by_pages(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_user(BO.id, "小博", "zh-hans")
        await tx.people.see_chat(BO.id, "private", "")
    card = await begun(telegram, "你好呀")
    await telegram.press(ADA, card, "other …")
    names = labels(telegram.now(card))
    assert {"a question about the documents", "just hello", "a summary", "something else"} <= set(names)
    assert names[-1] == "Back"
    await telegram.press(ADA, telegram.now(card), "Back")
    assert buttons(telegram.now(card))[0] == ["✅ All right", "❌ Wrong answer"]
    await telegram.press(ADA, telegram.now(card), "topic …")
    await telegram.press(ADA, telegram.now(card), "# technology")
    found = await label(telegram, "你好呀")
    assert found is not None
    assert (found.intent, found.topic) == (None, "technology")


async def test_a_new_intent_is_named_by_a_reply_and_then_offered(telegram: Telegram) -> None:
    card = await begun(telegram, "hello there", "你好呀")
    text = shown(card)
    await telegram.press(ADA, card, "new intent …")
    prompt = telegram.of_bot(ADA_CHAT)[-1]
    assert prompt.text.startswith(f"{text}\nWhat should this intent be called?")
    bad = await telegram.ask(ADA, "!!!", reply_to=prompt)
    assert bad.text.startswith("!!! cannot be a name")
    named = await telegram.ask(ADA, " Good  Morning! ", reply_to=prompt)
    assert named.text == "Labelled as good_morning."
    found = await label(telegram, text)
    assert found is not None
    assert found.intent == "good_morning"
    assert "✓ good_morning" in labels(telegram.now(card))
    await telegram.press(ADA, telegram.now(card), "Next ▶")
    await telegram.press(ADA, telegram.now(card), "other …")
    assert "good_morning" in labels(telegram.now(card))


async def test_the_right_answer_is_taught_from_a_card(telegram: Telegram) -> None:
    card = await begun(telegram, UNKNOWN)
    await telegram.press(ADA, card, "✏️ Teach the answer")
    await telegram.ask(ADA, "The gardener does, on Mondays.", reply_to=telegram.of_bot(ADA_CHAT)[-1])
    assert (await telegram.ask(BO, UNKNOWN)).text.startswith("The gardener does, on Mondays.")


async def test_cards_go_on_after_a_restart_and_messages_of_who_declined_vanish(telegram: Telegram) -> None:
    card = await begun(telegram, "hello there")
    telegram.app.review._batches.clear()
    await telegram.press(ADA, card, "just hello")
    assert "✓ just hello" in labels(telegram.now(card))
    async with telegram.app.database.write() as tx:
        await tx.people.set_consent(BO.id, consent=False)
    gone = "This message may no longer be shown. Here is the next."
    assert await telegram.press(ADA, telegram.now(card), "✅ All right") == gone
    assert telegram.now(card).text.startswith("That was the last card.")


async def test_only_people_who_agreed_are_shown(telegram: Telegram) -> None:
    await telegram.ask(ADA, "hello there")
    empty = (await begun(telegram)).text
    assert empty.startswith("There is nothing to review")
    assert empty.endswith("once you agree: /optin.")
    async with telegram.app.database.write() as tx:
        await tx.people.set_consent(ADA.id, consent=True)
    assert "hello there" in (await telegram.ask(ADA, "/review")).text


async def test_agreement_is_shown_once_two_have_labelled_the_same(telegram: Telegram) -> None:
    card = await begun(telegram, "你好呀")
    assert "agree" not in card.text
    async with telegram.app.database.write() as tx:
        [candidate] = await tx.review.pool(ADA.id, 10, assumed=True)
        await tx.feedback.label(candidate.message_id, BO.id, "review", "greeting")
    await telegram.press(ADA, card, "just hello")
    assert "Reviewers agree on 1 of 1 messages" in telegram.now(card).text


async def test_cards_are_for_admins_in_private(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    assert (await telegram.ask(ADA, "/review", TEAM)).text.startswith("Cards show what people wrote to me.")
    assert (await telegram.ask(BO, "/review")).text == "只有管理员可以这样做。"
    card = await begun(telegram, "你好呀")
    message = await telegram.ask(BO, "hello there")
    copied = telegram.replace(message.model_copy(update={"reply_markup": card.reply_markup}))
    assert await telegram.press(BO, copied, "✅ All right") == "只有管理员可以这样做。"
    for data in ("rv:", "rv:i:x", "rv:i:1", "rv:z:1", f"rv:i:{10**30}", "rv:I:999:²", "rv:n:999"):
        strange = {"inline_keyboard": [[{"text": "old", "callback_data": data}]]}
        mine = telegram.replace(card.model_copy(update={"reply_markup": strange}))
        said = await telegram.press(ADA, mine, "old")
        assert said in ("This button is too old.", "This message may no longer be shown. Here is the next."), data


async def test_a_card_is_in_the_language_of_the_admins_menus(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_user(ADA.id, "Ada", "en")
        await tx.people.set_language(ADA.id, "zh")
    card = await begun(telegram, "你好呀")
    assert card.text.startswith("第 1 张，共 1 张 · 0 个新标签 · 达到 50 个可重新训练")
    assert "打个招呼" in labels(card)
