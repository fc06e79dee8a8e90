"""/privacy, /optin, /optout, /export and /forget: for everybody whose messages are stored, let in or not."""

from collections.abc import Awaitable, Callable
from functools import wraps
from io import BytesIO

from telegram import Update

from bot import privacy_texts as texts
from bot.dialogue import Button, Reply, notice
from bot.handlers.context import Context
from bot.handlers.gate import Handler, Visit, visit
from bot.handlers.press import Press, Said
from bot.richtext import join
from bot.wording import Text

FORGET = "forget"


def in_private(use: Callable[[Visit, Context], Awaitable[Reply]]) -> Handler:
    """A handler for everybody, in private chats alone; elsewhere it says so."""

    @wraps(use)
    async def handler(update: Update, context: Context) -> None:
        seen = await visit(update, context)
        if seen is None:
            return
        elsewhere = seen.incoming.place.is_group
        reply = notice(seen.language, texts.IN_PRIVATE.rich(seen.language)) if elsewhere else await use(seen, context)
        await context.bot_data.delivery.send(seen.incoming, reply)

    return handler


@in_private
async def privacy(seen: Visit, context: Context) -> Reply:
    """/privacy: what is stored of the person, and what they can do about it."""
    use = context.bot_data.app.privacy
    held, consent = await use.held(seen.incoming.person.id)
    retention = texts.RETENTION.plain(seen.language, days=use.days) if use.days else ""
    text = texts.PRIVACY.rich(
        seen.language,
        messages=held.messages,
        votes=held.votes,
        labels=held.labels,
        talk=held.talk,
        documents=held.documents,
        consent=texts.CONSENT[consent].plain(seen.language),
        retention=retention,
    )
    return notice(seen.language, text)


@in_private
async def opt_in(seen: Visit, context: Context) -> Reply:
    """/optin: the person's messages may teach."""
    await context.bot_data.app.consent.decide(seen.incoming.person.id, may_teach=True)
    return notice(seen.language, texts.OPTED_IN.rich(seen.language))


@in_private
async def opt_out(seen: Visit, context: Context) -> Reply:
    """/optout: the person's messages teach nothing."""
    await context.bot_data.app.consent.decide(seen.incoming.person.id, may_teach=False)
    return notice(seen.language, texts.OPTED_OUT.rich(seen.language))


@in_private
async def export(seen: Visit, context: Context) -> Reply:
    """/export: all that is stored of the person, as a file."""
    data = await context.bot_data.app.privacy.export(seen.incoming.person.id)
    await context.bot.send_document(seen.incoming.place.chat_id, BytesIO(data), filename="dawen-export.json")
    return notice(seen.language, texts.EXPORTED.rich(seen.language))


@in_private
async def forget(seen: Visit, _context: Context) -> Reply:
    """/forget: asks once more, as nothing brings it back."""
    parts = [texts.FORGET_ASK.rich(seen.language)]
    if seen.admission.is_admin:
        parts.append(texts.FORGET_SHARED.rich(seen.language))
    button = Button(texts.FORGET_YES.plain(seen.language), f"{FORGET}:yes")
    return notice(seen.language, join(parts, ""), (button,))


async def on_forget(press: Press) -> Said | Text | None:
    """The second yes to /forget."""
    if press.seen.incoming.place.is_group:
        return texts.IN_PRIVATE
    language = press.seen.language
    gone = await press.app.privacy.forget(press.seen.incoming.person.id, keep_shared=press.seen.admission.is_admin)
    versions = texts.UNTEACH.plain(language, versions=", ".join(gone.versions)) if gone.versions else ""
    counts = {"messages": len(gone.messages), "documents": len(gone.documents)}
    text = texts.FORGOTTEN.rich(language, **counts, versions=versions)
    return Said(f"/{FORGET}", notice(language, text))
