"""Buttons under the bot's messages, and emoji reactions to them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReactionTypeEmoji, Update
from telegram.error import BadRequest

from bot import replies, texts
from bot.app import App
from bot.dialogue import Reply, interface_language, notice
from bot.handlers.context import Context
from bot.handlers.gate import Visit, visit
from bot.handlers.reading import person_of, place_of
from bot.richtext import Style, join, plain
from bot.texts import Text

_DIGITS = 18  # a longer number is no key of the database


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: who pressed it, the message it is under, and the value behind its name."""

    seen: Visit
    app: App
    query: CallbackQuery
    message: Message
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a button says in the person's place, which is logged as their message, and the reply to it."""

    text: str
    reply: Reply


async def on_button(update: Update, context: Context) -> None:
    """Any button: its action returns a reply to send, or a text to show for a moment."""
    query, seen = update.callback_query, await visit(update, context)
    if query is None or seen is None:
        return
    if not seen.admission.allowed:
        await _close(query, texts.PRIVATE.plain(seen.language).replace("`", ""))
        return
    result = await _act(query, seen, context)
    if isinstance(result, Said):
        incoming = replace(seen.incoming, text=result.text, telegram_id=None)
        await context.bot_data.delivery.send(incoming, result.reply)
        await _close(query)
    else:
        await _close(query, (result or texts.EXPIRED).plain(seen.language))


async def _act(query: CallbackQuery, seen: Visit, context: Context) -> Said | Text | None:
    name, _, value = (query.data or "").partition(":")
    if name not in ACTIONS or not isinstance(query.message, Message):
        return None
    return await ACTIONS[name](Press(seen, context.bot_data.app, query, query.message, value))


async def _close(query: CallbackQuery, text: str = "") -> None:
    """End the button's waiting sign; a query that was answered before a restart, or is too old, is no fault."""
    with suppress(BadRequest):
        await query.answer(text[:200])


async def _vote(press: Press) -> Text | None:
    if press.value not in ("1", "-1"):
        return None
    chat, person, value = press.seen.incoming.place.chat_id, press.seen.incoming.person.id, int(press.value)
    votes = await press.app.voting.by_button(chat, press.message.message_id, person, value)
    if votes is None:
        return None
    await _show_votes(press, *votes)
    return texts.VOTED[value]


async def _show_votes(press: Press, up: int, down: int) -> None:
    labels = {f"{replies.VOTE}:1": f"👍 {up or ''}".strip(), f"{replies.VOTE}:-1": f"👎 {down or ''}".strip()}
    rows = press.message.reply_markup.inline_keyboard if press.message.reply_markup else ()
    changed = [
        [InlineKeyboardButton(labels.get(str(b.callback_data), b.text), callback_data=b.callback_data) for b in row]
        for row in rows
    ]
    with suppress(BadRequest):  # the counts may be as they were
        await press.query.edit_message_reply_markup(InlineKeyboardMarkup(changed))


async def _clarify(press: Press) -> Said | None:
    if press.value not in texts.INTENTS:
        return None
    incoming = press.seen.incoming
    meant = await press.app.voting.clarify(
        incoming.place.chat_id, press.message.message_id, incoming.person.id, press.value
    )
    if meant is None:
        return None
    reply = await press.app.conversation.clarified(replace(incoming, text=meant.text), press.value)
    return Said(meant.text, reply)


async def _sample(press: Press) -> Said | None:
    if not press.value.isdecimal() or int(press.value) >= len(texts.SAMPLES):
        return None
    question = texts.SAMPLES[int(press.value)].plain(press.seen.language)
    reply = await press.app.conversation.ask(replace(press.seen.incoming, text=question))
    return Said(question, replace(reply, text=join([plain(question, Style.ITALIC), reply.text], "\n\n")))


async def _language(press: Press) -> Said | None:
    if press.value not in ("en", "zh", "auto"):
        return None
    chosen = None if press.value == "auto" else press.value
    await press.app.access.set_language(press.seen.incoming.person, chosen)
    language = interface_language(chosen, press.seen.incoming.person.telegram_language)
    text = texts.LANGUAGE_SET if chosen else texts.LANGUAGE_AUTO
    return Said(press.query.data or "", notice(language, text.rich(language)))


async def _share(press: Press) -> Text | None:
    if not press.seen.admission.is_admin:
        return texts.ADMINS_ONLY
    number = press.value if press.value.isdecimal() and len(press.value) < _DIGITS else "0"
    if not await press.app.knowledge.share(int(number)):
        return None
    with suppress(BadRequest):
        await press.query.edit_message_reply_markup(None)
    return texts.FILE_SHARED


ACTIONS: dict[str, Callable[[Press], Awaitable[Said | Text | None]]] = {
    replies.VOTE: _vote,
    replies.CLARIFY: _clarify,
    replies.SAMPLE: _sample,
    replies.LANGUAGE: _language,
    replies.SHARE: _share,
}


async def on_reaction(update: Update, context: Context) -> None:
    """An emoji reaction to an answer: a vote on it, or its withdrawal."""
    reaction = update.message_reaction
    if reaction is None or reaction.user is None:
        return
    app = context.bot_data.app
    admission = await app.access.admit(person_of(reaction.user), place_of(reaction.chat, None))
    if admission.allowed:
        emoji = [r.emoji for r in reaction.new_reaction if isinstance(r, ReactionTypeEmoji)]
        await app.voting.by_reaction(reaction.chat.id, reaction.message_id, reaction.user.id, emoji)
