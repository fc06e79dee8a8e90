"""Buttons under the bot's messages: the one table of what each does."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest

from bot import busy_texts, replies, retrain_replies, review_texts, summary_replies, texts
from bot.consent import CONSENT, NO, YES
from bot.dialogue import notice
from bot.handlers import private, rating, retraining, reviewing, summarizing
from bot.handlers.commands import choose_language
from bot.handlers.consenting import ask_once
from bot.handlers.context import Context
from bot.handlers.gate import Visit, in_time, visit
from bot.handlers.press import Press, Quiet, Result, Said
from bot.review_replies import REVIEW
from bot.richtext import Style, join, plain
from bot.texts import Text

_OPINIONS = frozenset({replies.VOTE, replies.REASON, replies.CLARIFY})
_DIGITS = 18  # a longer number is no key of the database


async def on_button(update: Update, context: Context) -> None:
    """Any button: see `bot.handlers.press.Result` for what its action returns."""
    query, seen = update.callback_query, await visit(update, context)
    if query is None or seen is None:
        return
    if not seen.admission.allowed and not (query.data or "").startswith(f"{private.FORGET}:"):
        await _close(query, texts.PRIVATE.plain(seen.language).replace("`", ""))
        return
    result = await in_time(_act(query, seen, context), context, busy_texts.TOO_LONG)
    if isinstance(result, Said):
        incoming = replace(seen.incoming, text=result.text, telegram_id=None)
        await context.bot_data.delivery.send(incoming, result.reply)
    shown = "" if isinstance(result, Said | Quiet) else (result or texts.EXPIRED).plain(seen.language)
    await _close(query, shown)
    if result is not None:
        await _ask_for_consent(query, seen, context)


async def _ask_for_consent(query: CallbackQuery, seen: Visit, context: Context) -> None:
    """After somebody has told what they think, ask whether that may teach."""
    if (query.data or "").partition(":")[0] in _OPINIONS:
        await ask_once(seen.incoming.person, seen.admission.user, context)


async def _act(query: CallbackQuery, seen: Visit, context: Context) -> Result:
    name, _, value = (query.data or "").partition(":")
    if name not in ACTIONS or not isinstance(query.message, Message):
        return None
    return await ACTIONS[name](Press(seen, context.bot_data.app, query, query.message, value))


async def _close(query: CallbackQuery, text: str = "") -> None:
    """End the button's waiting sign; a query that was answered before a restart, or is too old, is no fault."""
    with suppress(BadRequest):
        await query.answer(text[:200])


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


async def _source(press: Press) -> Said | None:
    """A passage behind an answer, in the chat that the answer was given in, whose documents it may come from."""
    async with press.app.database.read() as tx:
        answer = await tx.answers.of_telegram_message(press.seen.incoming.place.chat_id, press.message.message_id)
        sources = await tx.answers.sources(answer.id) if answer else []
    shown = next((source for source in sources if str(source.number) == press.value), None)
    if shown is None:
        return None
    return Said(press.query.data or "", notice(press.seen.language, replies.passage_text(shown)))


async def _sample(press: Press) -> Said | None:
    if not press.value.isdecimal() or int(press.value) >= len(texts.SAMPLES):
        return None
    question = texts.SAMPLES[int(press.value)].plain(press.seen.language)
    reply = await press.app.conversation.ask(replace(press.seen.incoming, text=question))
    return Said(question, replace(reply, text=join([plain(question, Style.ITALIC), reply.text], "\n\n")))


async def _language(press: Press) -> Said | None:
    if press.value not in ("en", "zh", "auto"):
        return None
    reply = await choose_language(press.app, press.seen.incoming.person, press.value)
    return Said(press.query.data or "", reply)


async def _consent(press: Press) -> Text | None:
    """What a person says to the question whether their messages may teach, which then shows it without buttons."""
    if press.value not in (YES, NO):
        return None
    agreed = press.value == YES
    await press.app.consent.decide(press.seen.incoming.person.id, may_teach=agreed)
    said = review_texts.CONSENT_GIVEN if agreed else review_texts.CONSENT_REFUSED
    with suppress(BadRequest):  # the message may be gone
        await press.query.edit_message_text(said.plain(press.seen.language))
    return said


async def _share(press: Press) -> Text | None:
    if not press.seen.admission.is_admin:
        return texts.ADMINS_ONLY
    number = press.value if press.value.isdecimal() and len(press.value) < _DIGITS else "0"
    if not await press.app.knowledge.share(int(number)):
        return None
    with suppress(BadRequest):
        await press.query.edit_message_reply_markup(None)
    return texts.FILE_SHARED


ACTIONS: dict[str, Callable[[Press], Awaitable[Result]]] = {
    replies.VOTE: rating.vote,
    replies.REASON: rating.reason,
    replies.TEACH: rating.teach,
    replies.CLARIFY: _clarify,
    replies.SOURCE: _source,
    replies.SAMPLE: _sample,
    replies.LANGUAGE: _language,
    replies.SHARE: _share,
    CONSENT: _consent,
    REVIEW: reviewing.on_tap,
    summary_replies.SUMMARY: summarizing.on_summary,
    retrain_replies.ROLL_BACK: retraining.roll_back_button,
    private.FORGET: private.on_forget,
}
