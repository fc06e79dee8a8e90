"""/review in an admin's private chat: cards that are edited in place, their buttons, and names for new intents."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot import review_texts, texts
from bot.delivery import keyboard, rows_of
from bot.dialogue import Reply, notice
from bot.handlers.context import Context
from bot.handlers.gate import Visit, admins_only
from bot.handlers.press import Press, Quiet, Result, Said
from bot.review import LONGEST_NAME, Card, Head, Review, new_name
from bot.review_replies import (
    GOLD,
    INTENT,
    INTENTS_PAGE,
    LESSON,
    NAME,
    NEXT,
    RIGHT,
    SHOW,
    TOPIC,
    TOPICS_PAGE,
    UNDO,
    WRONG,
    Rows,
    Tap,
    card_buttons,
    card_text,
    done_text,
    named,
    page_buttons,
    tap_of,
)
from bot.richtext import RichText, join, to_html
from nlp.types import Language
from storage.consent import may_teach
from storage.records import AnswerKind


@admins_only
async def review(seen: Visit, context: Context) -> Reply:
    """/review: the first card of a new batch."""
    if seen.incoming.place.is_group:
        return notice(seen.language, review_texts.REVIEW_PRIVATE.rich(seen.language))
    use = context.bot_data.app.review
    card = await use.begin(seen.incoming.person.id)
    if card is None:
        return notice(seen.language, _nothing(seen, assumed=context.bot_data.app.consent.assumed))
    return notice(seen.language, card_text(card, seen.language), *await _buttons(use, card, seen.language))


def _nothing(seen: Visit, *, assumed: bool) -> RichText:
    texts = [review_texts.REVIEW_EMPTY]
    if not may_teach(seen.admission.user.consent, assumed=assumed):
        texts.append(review_texts.REVIEW_NOT_YOURS)
    return join([text.rich(seen.language) for text in texts], " ")


async def on_tap(press: Press) -> Result:
    """A button of a card; what it says is stored, and the card shows it, or makes way for the next."""
    tap = tap_of(press.value)
    if tap is None or tap.action not in _TAPS or press.seen.incoming.place.is_group:
        return None
    if not press.seen.admission.is_admin:
        return texts.ADMINS_ONLY
    return await _TAPS[tap.action](press, tap)


async def named_intent(seen: Visit, context: Context) -> Reply | None:
    """The reply to an admin who names a new intent; None when the message says something else."""
    place, quoted = seen.incoming.place, seen.incoming.quoted_id
    if not seen.admission.is_admin or quoted is None or place.is_group:
        return None
    asked = await _naming(context, place.chat_id, quoted)
    if asked is None:
        return None
    tap, shown_in = asked
    name, use, reviewer = new_name(seen.incoming.text), context.bot_data.app.review, seen.incoming.person.id
    if name is None:
        text = review_texts.NAME_BAD.rich(seen.language, name=seen.incoming.text[:LONGEST_NAME], most=LONGEST_NAME)
        return notice(seen.language, text)
    if not await use.label(reviewer, tap.message_id, "intent", name):
        return notice(seen.language, review_texts.CARD_GONE.rich(seen.language))
    card = await use.card(reviewer, tap.message_id)
    if card is not None:
        shown = card_text(card, seen.language), await _buttons(use, card, seen.language)
        await _edit(context.bot, place.chat_id, shown_in, *shown)
    return notice(seen.language, review_texts.NAMED.rich(seen.language, name=name))


async def _naming(context: Context, chat_id: int, quoted: int) -> tuple[Tap, int] | None:
    """The card for which a message of the bot asks for a name: what it is about, and its number in the chat."""
    async with context.bot_data.app.database.read() as tx:
        answer = await tx.answers.of_telegram_message(chat_id, quoted)
        asked = await tx.answers.question_of(answer.id) if answer and answer.kind is AnswerKind.NAMING else None
    tap = tap_of(asked.text) if asked else None
    return (tap, int(tap.name)) if tap else None


async def _choose(press: Press, tap: Tap) -> Result:
    head: Head = "intent" if tap.action == INTENT else "topic"
    use, reviewer = press.app.review, press.seen.incoming.person.id
    card = await use.card(reviewer, tap.message_id)
    name = named(await use.names(head, card.message), tap.name) if card else None
    if card is None or name is None:
        return await _gone(press, tap)
    await use.label(reviewer, tap.message_id, head, name)
    return await _again(press, tap)


async def _confirm(press: Press, tap: Tap) -> Result:
    if not await press.app.review.confirm(press.seen.incoming.person.id, tap.message_id):
        return await _gone(press, tap)
    return await _onward(press, tap)


async def _reject(press: Press, tap: Tap) -> Result:
    if not await press.app.review.reject(press.seen.incoming.person.id, tap.message_id):
        return await _gone(press, tap)
    return await _again(press, tap)


async def _gild(press: Press, tap: Tap) -> Result:
    golden = await press.app.review.gild(press.seen.incoming.person.id, tap.message_id)
    return review_texts.GOLDEN_FIRST if golden is None else await _again(press, tap)


async def _undo(press: Press, _tap: Tap) -> Result:
    card = await press.app.review.undo(press.seen.incoming.person.id)
    if card is None:
        return review_texts.NOTHING_TO_UNDO
    await _show(press, card)
    return Quiet()


async def _again(press: Press, tap: Tap) -> Result:
    """The same card, as it stands now."""
    card = await press.app.review.card(press.seen.incoming.person.id, tap.message_id)
    if card is None:
        return await _gone(press, tap)
    await _show(press, card)
    return Quiet()


async def _onward(press: Press, tap: Tap) -> Result:
    """The next card, or that there is none."""
    reviewer = press.seen.incoming.person.id
    card = await press.app.review.next(reviewer, tap.message_id)
    if card is not None:
        await _show(press, card)
    else:
        progress = await press.app.review.progress(reviewer)
        chat, number = press.seen.incoming.place.chat_id, press.message.message_id
        await _edit(press.message.get_bot(), chat, number, done_text(progress, press.seen.language), ())
    return Quiet()


async def _gone(press: Press, tap: Tap) -> Result:
    await _onward(press, tap)
    return review_texts.CARD_GONE


async def _page(press: Press, tap: Tap) -> Result:
    """All intents, or topics, instead of the buttons of the card."""
    head: Head = "intent" if tap.action == INTENTS_PAGE else "topic"
    use, language = press.app.review, press.seen.language
    card = await use.card(press.seen.incoming.person.id, tap.message_id)
    if card is None:
        return await _gone(press, tap)
    page = int(tap.name) if tap.name.isascii() and tap.name.isdecimal() else 0
    rows = page_buttons(card, head, await use.names(head, card.message), page, language)
    await _edit(
        press.message.get_bot(), press.message.chat_id, press.message.message_id, card_text(card, language), rows
    )
    return Quiet()


async def _name(press: Press, tap: Tap) -> Result:
    """Ask for the name of a new intent; the reply to that message is taken for it."""
    card = await press.app.review.card(press.seen.incoming.person.id, tap.message_id)
    if card is None:
        return await _gone(press, tap)
    text = review_texts.NAME_ASK.rich(press.seen.language, text=card.message.text[:200])
    about = f"{NAME}:{tap.message_id}:{press.message.message_id}"
    return Said(about, Reply(AnswerKind.NAMING, press.seen.language, text))


async def _lesson(press: Press, tap: Tap) -> Result:
    """Ask for the right answer, as the button below an answer does."""
    card = await press.app.review.card(press.seen.incoming.person.id, tap.message_id)
    if card is None:
        return await _gone(press, tap)
    question = card.message.meaning
    text = texts.TEACH_ASK.rich(press.seen.language, question=question)
    return Said(question, Reply(AnswerKind.LESSON, press.seen.language, text))


async def _buttons(use: Review, card: Card, language: Language) -> Rows:
    intents, topics = await use.names("intent", card.message), await use.names("topic", card.message)
    return card_buttons(card, intents, topics, language)


async def _show(press: Press, card: Card) -> None:
    language = press.seen.language
    rows = await _buttons(press.app.review, card, language)
    await _edit(
        press.message.get_bot(), press.message.chat_id, press.message.message_id, card_text(card, language), rows
    )


async def _edit(bot: Bot, chat_id: int, number: int, text: RichText, rows: Rows) -> None:
    with suppress(BadRequest):  # it may be as it was, or gone
        await bot.edit_message_text(
            to_html(text), chat_id, number, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows_of(rows))
        )


_TAPS: dict[str, Callable[[Press, Tap], Awaitable[Result]]] = {
    INTENT: _choose,
    TOPIC: _choose,
    RIGHT: _confirm,
    WRONG: _reject,
    GOLD: _gild,
    NEXT: _onward,
    UNDO: _undo,
    SHOW: _again,
    INTENTS_PAGE: _page,
    TOPICS_PAGE: _page,
    NAME: _name,
    LESSON: _lesson,
}
