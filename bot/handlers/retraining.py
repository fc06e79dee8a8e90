"""Training runs and versions, for admins: /retrain, /cancel, /models, /rollback, and the button that takes back."""

from contextlib import suppress

from telegram.error import BadRequest

from bot import retrain_texts as texts
from bot.app import App
from bot.dialogue import Incoming, Reply, notice
from bot.errors import RunError
from bot.handlers.context import Context
from bot.handlers.gate import Visit, admins_only
from bot.handlers.press import Press, Said
from bot.parts import KINDS
from bot.retrain_replies import models_text, progress_text
from bot.retraining import kinds_of
from bot.richtext import RichText, join, to_html
from bot.texts import ADMINS_ONLY
from bot.versions import list_versions
from bot.wording import Text
from nlp.router import KIND
from nlp.types import Language
from storage.records import NewRun, Run


@admins_only
async def retrain(seen: Visit, context: Context) -> Reply | None:
    """/retrain [KIND|all]: train what has anything new to learn from; one message shows how far it is."""
    app, language = context.bot_data.app, seen.language
    wish = seen.incoming.text.strip().lower() or KIND
    kinds = kinds_of(wish)
    if not kinds:
        return notice(language, texts.RETRAIN_WHAT.rich(language, wish=wish[:40], kinds=", ".join(KINDS)))
    if not any(map(app.retraining.can_teach, kinds)):
        return notice(language, texts.NO_GENERATOR.rich(language))
    new = NewRun(wish, "command", seen.incoming.person.id, language)
    try:
        runs = await app.retraining.request(kinds, new)
    except RunError:
        return await _going_on(seen, context)
    if not runs:
        return notice(language, texts.NOTHING_NEW.rich(language))
    await _show(seen, context, runs[0], progress_text(runs[0], None, language))
    for run in runs[1:]:
        await _show_more(seen, context, run)
    return None


async def _going_on(seen: Visit, context: Context) -> Reply | None:
    """Somebody was first: the run that goes on is shown here from now on."""
    app, language = context.bot_data.app, seen.language
    run = await app.retraining.going_on()
    if run is None:
        return notice(language, texts.NOTHING_NEW.rich(language))
    progress = progress_text(run, app.retraining.progress, language)
    await _show(seen, context, run, join([texts.BUSY.rich(language), progress], "\n\n"))
    return None


async def _show(seen: Visit, context: Context, run: Run, text: RichText) -> None:
    """Send the message that shows how far a run is, and remember it."""
    await context.bot_data.delivery.send(seen.incoming, notice(seen.language, text))
    app = context.bot_data.app
    telegram_id = await _sent(app, seen.incoming)
    if telegram_id is not None:
        await app.retraining.show_in(run, seen.incoming.place.chat_id, telegram_id)


async def _sent(app: App, incoming: Incoming) -> int | None:
    """The number of the message that a message was answered with."""
    if incoming.update_id is None:
        return None
    async with app.database.read() as tx:
        answer = await tx.answers.of_update(incoming.update_id)
        parts = await tx.answers.deliveries(answer.id) if answer else []
    return parts[0].telegram_id if parts else None


async def _show_more(seen: Visit, context: Context, run: Run) -> None:
    """One more message, for a run that waits behind another."""
    place = seen.incoming.place
    html = to_html(progress_text(run, None, seen.language))
    sent = await context.bot.send_message(place.chat_id, html, "HTML", message_thread_id=place.thread_id)
    await context.bot_data.app.retraining.show_in(run, place.chat_id, sent.message_id)


@admins_only
async def cancel(seen: Visit, context: Context) -> Reply:
    """/cancel: end the training that goes on, and those that wait."""
    done = await context.bot_data.app.retraining.cancel()
    return notice(seen.language, (texts.CANCELLING if done else texts.NOTHING_TO_CANCEL).rich(seen.language))


@admins_only
async def models(seen: Visit, context: Context) -> Reply:
    """/models [KIND]: the stored versions of all kinds, or of one, each with its verdict in a line."""
    app = context.bot_data.app
    wish = seen.incoming.text.strip().lower()
    if wish and wish not in KINDS:
        kinds = ", ".join(KINDS)
        return notice(seen.language, texts.MODELS_WHAT.rich(seen.language, wish=wish[:40], kinds=kinds))
    listed = {kind: await list_versions(app.database, app.rollouts, kind) for kind in ([wish] if wish else KINDS)}
    shown = [models_text(kind, found, seen.language) for kind, found in listed.items() if found]
    return notice(seen.language, join(shown, "\n\n") if shown else texts.NO_MODELS.rich(seen.language))


@admins_only
async def rollback(seen: Visit, context: Context) -> Reply:
    """/rollback [KIND]: let the version before serve again."""
    kind = seen.incoming.text.strip().lower() or KIND
    return notice(seen.language, await _roll_back(context.bot_data.app, kind, seen.language))


async def _roll_back(app: App, kind: str, language: Language) -> RichText:
    version = await app.rollouts.roll_back(kind, "command") if kind in KINDS else None
    if version is None:
        return texts.NOTHING_BEFORE.rich(language)
    return texts.ROLLED_BACK.rich(language, version=version)


async def roll_back_button(press: Press) -> Said | Text | None:
    """The button under a verdict: takes that very version back, as long as it serves or is tried out."""
    if not press.seen.admission.is_admin:
        return ADMINS_ONLY
    kind, _, version = press.value.partition(":")
    if not await press.app.rollouts.is_serving(kind, version):
        return None
    with suppress(BadRequest):
        await press.query.edit_message_reply_markup(None)
    language = press.seen.language
    return Said(press.query.data or "", notice(language, await _roll_back(press.app, kind, language)))
