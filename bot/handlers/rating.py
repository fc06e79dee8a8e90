"""Votes by button and by reaction, the reasons behind a 👎, and right answers from admins."""

from contextlib import suppress

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReactionTypeEmoji, Update
from telegram.error import BadRequest

from bot import replies, texts
from bot.dialogue import Reply, notice
from bot.handlers.consenting import ask_once
from bot.handlers.context import Context
from bot.handlers.gate import Visit
from bot.handlers.press import Press, Said
from bot.handlers.reading import person_of, place_of
from bot.texts import Text
from storage.records import AnswerKind

Rows = list[list[InlineKeyboardButton]]


async def vote(press: Press) -> Text | None:
    """👍 or 👎; the latter asks for the reason, and offers admins to teach the right answer."""
    if press.value not in ("1", "-1"):
        return None
    chat, person, value = press.seen.incoming.place.chat_id, press.seen.incoming.person.id, int(press.value)
    votes = await press.app.voting.by_button(chat, press.message.message_id, person, value)
    if votes is None:
        return None
    rows = _counted(_without(press.rows, replies.REASON, replies.TEACH), *votes)
    await _show(press, [*rows, *(await _reasons(press) if value < 0 else [])])
    return texts.VOTED[value]


async def reason(press: Press) -> Text | None:
    """Why an answer is bad; the reasons are taken away, as they have done their work."""
    if press.value not in texts.REASONS:
        return None
    chat, person = press.seen.incoming.place.chat_id, press.seen.incoming.person.id
    votes = await press.app.voting.by_reason(chat, press.message.message_id, person, press.value)
    if votes is None:
        return None
    await _show(press, _counted(_without(press.rows, replies.REASON), *votes))
    return texts.REASON_NOTED


async def teach(press: Press) -> Said | Text | None:
    """Ask an admin for the right answer; their reply to that message is learned."""
    if not press.seen.admission.is_admin:
        return texts.ADMINS_ONLY
    question = await press.app.teaching.question(press.seen.incoming.place.chat_id, press.message.message_id)
    if question is None:
        return None
    text = texts.TEACH_ASK.rich(press.seen.language, question=question)
    return Said(question, Reply(AnswerKind.LESSON, press.seen.language, text))


async def lesson(seen: Visit, context: Context) -> Reply | None:
    """The reply to an admin who says what the right answer is; None when the message says something else."""
    if not seen.admission.is_admin or seen.incoming.quoted_id is None:
        return None
    teaching = context.bot_data.app.teaching
    found = await teaching.lesson(seen.incoming.place.chat_id, seen.incoming.quoted_id, seen.incoming.text)
    if found is None:
        return None
    await teaching.teach(found, seen.incoming.person.id)
    return notice(seen.language, texts.TAUGHT.rich(seen.language, question=found.question))


async def on_reaction(update: Update, context: Context) -> None:
    """An emoji reaction to an answer: a vote on it, or its withdrawal."""
    reaction = update.message_reaction
    if reaction is None or reaction.user is None:
        return
    app = context.bot_data.app
    admission = await app.access.admit(person_of(reaction.user), place_of(reaction.chat, None))
    if admission.allowed:
        emoji = [r.emoji for r in reaction.new_reaction if isinstance(r, ReactionTypeEmoji)]
        if await app.voting.by_reaction(reaction.chat.id, reaction.message_id, reaction.user.id, emoji):
            await ask_once(person_of(reaction.user), admission.user, context)


async def _reasons(press: Press) -> Rows:
    """The reasons to choose from, in the language of who has voted."""
    place, language = press.seen.incoming.place, press.seen.language
    rows = replies.reason_buttons(language)
    if press.seen.admission.is_admin and await press.app.teaching.question(place.chat_id, press.message.message_id):
        rows = (*rows, replies.teach_button(language))
    return [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in rows]


def _without(rows: Rows, *names: str) -> Rows:
    """The buttons except those of certain actions."""
    kept = [[b for b in row if str(b.callback_data).partition(":")[0] not in names] for row in rows]
    return [row for row in kept if row]


def _counted(rows: Rows, up: int, down: int) -> Rows:
    """The buttons with the votes counted on theirs."""
    labels = {f"{replies.VOTE}:1": f"👍 {up or ''}".strip(), f"{replies.VOTE}:-1": f"👎 {down or ''}".strip()}
    return [
        [InlineKeyboardButton(labels.get(str(b.callback_data), b.text), callback_data=b.callback_data) for b in row]
        for row in rows
    ]


async def _show(press: Press, rows: Rows) -> None:
    with suppress(BadRequest):  # the buttons may be as they were
        await press.query.edit_message_reply_markup(InlineKeyboardMarkup(rows))
