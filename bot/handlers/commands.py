"""Commands. Each returns the reply; `bot.handlers.gate` decides who may call it and sends what it returns."""

from collections.abc import Mapping
from datetime import UTC, datetime

from telegram import Update

from bot import review_texts, texts
from bot.app import App
from bot.dialogue import Person, Reply, interface_language, notice
from bot.handlers.context import Context
from bot.handlers.gate import Visit, admins_only, admitted, visit
from bot.menu import show_admin_menu
from bot.replies import language_buttons, sources_text, welcome_buttons
from bot.retrain_texts import CHARTS
from bot.richtext import join
from bot.trends import DAYS, charts
from storage.records import AnswerKind, Role

_LANGUAGES = {
    **dict.fromkeys(("en", "english", "英文", "英语", "英語"), "en"),
    **dict.fromkeys(("zh", "chinese", "中文", "汉语", "漢語"), "zh"),
    **dict.fromkeys(("auto", "自动", "自動"), "auto"),
}


async def start(update: Update, context: Context) -> None:
    """/start: welcome; with a code behind it, let in. The one command that strangers may use."""
    seen = await visit(update, context)
    if seen is None:
        return
    if seen.incoming.place.is_group and not seen.admission.allowed:
        return
    if seen.incoming.text and not seen.incoming.place.is_group:
        reply = await _redeem(seen, context)
    elif seen.admission.allowed:
        reply = _welcome(seen)
    else:
        reply = notice(seen.language, texts.PRIVATE.rich(seen.language))
    await context.bot_data.delivery.send(seen.incoming, reply)


def _welcome(seen: Visit) -> Reply:
    return notice(seen.language, texts.START.rich(seen.language), *welcome_buttons(seen.language))


async def _redeem(seen: Visit, context: Context) -> Reply:
    role = await context.bot_data.app.access.redeem(seen.incoming.person, seen.incoming.text)
    if role is None and seen.admission.allowed:  # their code may have worked just before a restart
        return _welcome(seen)
    if role is None:
        return notice(seen.language, texts.BAD_CODE.rich(seen.language))
    if role is Role.ADMIN:
        await show_admin_menu(context.bot, seen.incoming.person.id)
    welcome = texts.CLAIMED if role is Role.ADMIN else texts.LET_IN
    return notice(seen.language, welcome.rich(seen.language), *welcome_buttons(seen.language))


@admitted
async def help_(seen: Visit, _context: Context) -> Reply:
    """/help: what people, and admins, can do."""
    parts = [texts.HELP.rich(seen.language)]
    if seen.admission.is_admin:
        parts.append(texts.HELP_ADMIN.rich(seen.language))
    return notice(seen.language, join(parts, "\n\n"))


@admitted
async def ask(seen: Visit, context: Context) -> Reply:
    """/ask QUESTION: ask the documents, whatever it looks like."""
    if not seen.incoming.text:
        return notice(seen.language, texts.ASK_WHAT.rich(seen.language))
    return await context.bot_data.app.conversation.ask(seen.incoming)


@admitted
async def summarize(seen: Visit, context: Context) -> Reply:
    """/summarize: links, a text, a file, or the message replied to."""
    return await context.bot_data.app.summaries.respond(seen.incoming, seen.language)


@admitted
async def digest(seen: Visit, context: Context) -> Reply:
    """/digest: what a group has said; "on" and "off" are for admins."""
    digests, wish = context.bot_data.app.digests, seen.incoming.text.strip().lower()
    if wish not in ("on", "off"):
        return await digests.respond(seen.incoming, seen.language)
    if not seen.admission.is_admin:
        return notice(seen.language, texts.ADMINS_ONLY.rich(seen.language))
    return await digests.switch(seen.incoming, seen.language, on=wish == "on")


@admitted
async def translate(seen: Visit, context: Context) -> Reply:
    """/translate TEXT: the same as a message that asks for a translation."""
    return await context.bot_data.app.conversation.clarified(seen.incoming, "translate", seen.language)


@admitted
async def write(seen: Visit, context: Context) -> Reply:
    """/write WHAT: the same as a message that asks for a text."""
    return await context.bot_data.app.conversation.clarified(seen.incoming, "write", seen.language)


@admitted
async def reset(seen: Visit, _context: Context) -> Reply:
    """/reset: what was said before is no longer read; the stored reply marks the place."""
    return Reply(AnswerKind.RESET, seen.language, texts.RESET.rich(seen.language))


@admitted
async def sources(seen: Visit, context: Context) -> Reply:
    """/sources: the passages behind the last answer here, or that there was none."""
    place = seen.incoming.place
    async with context.bot_data.app.database.read() as tx:
        answer = await tx.answers.latest(place.chat_id, place.thread_id, [AnswerKind.ANSWER, AnswerKind.REFUSAL])
        found = await tx.answers.sources(answer.id) if answer else []
    if answer is not None and answer.kind is AnswerKind.REFUSAL:
        return notice(seen.language, texts.REFUSED_LAST.rich(seen.language))
    text = sources_text(found, seen.language) if found else texts.NO_SOURCES.rich(seen.language)
    return notice(seen.language, text)


@admitted
async def language(seen: Visit, context: Context) -> Reply:
    """/language: choose the language of the menus, from buttons where it is not named."""
    wanted = _LANGUAGES.get(seen.incoming.text.strip().lower())
    if wanted is not None:
        return await choose_language(context.bot_data.app, seen.incoming.person, wanted)
    return notice(seen.language, texts.LANGUAGE_ASK.rich(seen.language), *language_buttons())


async def choose_language(app: App, person: Person, wanted: str) -> Reply:
    """Set somebody's menus to "en", "zh", or "auto" for the language of their app, and say so in it."""
    chosen = None if wanted == "auto" else wanted
    await app.access.set_language(person, chosen)
    language = interface_language(chosen, person.telegram_language)
    return notice(language, (texts.LANGUAGE_SET if chosen else texts.LANGUAGE_AUTO).rich(language))


@admitted
async def whoami(seen: Visit, _context: Context) -> Reply:
    """/whoami: what the bot knows about the person."""
    user = seen.admission.user
    text = texts.WHOAMI.rich(
        seen.language,
        name=user.name,
        id=user.id,
        role=texts.ROLES[user.role].plain(seen.language),
        menus=user.language or f"auto ({user.telegram_language or 'en'})",
        chat=seen.incoming.place.chat_id,
    )
    return notice(seen.language, text)


@admins_only
async def stats(seen: Visit, context: Context) -> Reply | None:
    """/stats: counts, and charts of the last days."""
    app = context.bot_data.app
    async with app.database.read() as tx:
        numbers = await tx.statistics.overview()
    text = texts.STATS.rich(
        seen.language,
        users=numbers.users,
        chats=numbers.chats,
        messages=numbers.messages,
        pending=max(0, numbers.pending - 1),  # without this very message
        documents=numbers.documents,
        chunks=numbers.chunks,
        up=numbers.votes_up,
        down=numbers.votes_down,
        languages=_counts(numbers.languages),
        intents=_counts(numbers.intents),
        topics=_counts(numbers.topics),
        answers=_counts(numbers.answers),
        router=app.inference.models.router.version,
    )
    await context.bot_data.delivery.send(seen.incoming, notice(seen.language, text))
    picture = await charts(app.database, app.rollouts, seen.language)
    if picture:
        place = seen.incoming.place
        caption = CHARTS.plain(seen.language, days=DAYS)
        await context.bot.send_photo(place.chat_id, picture, caption, message_thread_id=place.thread_id)
    return None


@admins_only
async def gaps(seen: Visit, context: Context) -> Reply:
    """/gaps: what people asked and the documents do not say; not where others would read it."""
    if seen.incoming.place.is_group:
        return notice(seen.language, review_texts.GAPS_PRIVATE.rich(seen.language))
    return await context.bot_data.app.gaps.digest(datetime.now(UTC), seen.language)


def _counts(named: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in list(named.items())[:8]) or "–"


@admins_only
async def invite(seen: Visit, context: Context) -> Reply:
    """/invite: a code that lets one person in; not where others would read it."""
    if seen.incoming.place.is_group:
        return notice(seen.language, texts.PRIVATE_ONLY.rich(seen.language))
    code = await context.bot_data.app.access.invite(seen.incoming.person.id)
    return notice(seen.language, texts.INVITE.rich(seen.language, code=code))


@admins_only
async def allow(seen: Visit, context: Context) -> Reply:
    """/allow: let everybody in this group use the bot."""
    return await _set_group(seen, context, allowed=True)


@admins_only
async def disallow(seen: Visit, context: Context) -> Reply:
    """/disallow: no longer let everybody in this group use the bot."""
    return await _set_group(seen, context, allowed=False)


async def _set_group(seen: Visit, context: Context, *, allowed: bool) -> Reply:
    if not seen.incoming.place.is_group:
        return notice(seen.language, texts.GROUPS_ONLY.rich(seen.language))
    await context.bot_data.app.access.allow_group(seen.incoming.place, allowed)
    return notice(seen.language, (texts.ALLOWED if allowed else texts.DISALLOWED).rich(seen.language))


@admitted
async def unknown(seen: Visit, _context: Context) -> Reply | None:
    """Any other command: said so in private; in groups it may be meant for another bot."""
    if seen.incoming.place.is_group:
        return None
    return notice(seen.language, texts.UNKNOWN_COMMAND.rich(seen.language))
