"""The door: every handler behind it is called only for people who may use the bot, with the message already read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar

from telegram import Update

from bot import busy_texts, texts
from bot.access import Admission
from bot.budgets import FILES
from bot.dialogue import Incoming, Reply, interface_language, notice
from bot.handlers.consenting import ask_once
from bot.handlers.context import Context
from bot.handlers.growing import growing
from bot.handlers.presence import typing
from bot.handlers.reading import incoming_of
from bot.phrasing import payer
from bot.points import reached
from nlp.types import Language

_log = logging.getLogger(__name__)
T = TypeVar("T")
Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A message, the person's admission and the language of their menus."""

    incoming: Incoming
    admission: Admission
    language: Language


async def visit(update: Update, context: Context) -> Visit | None:
    """Who is there, and whether they may come in; None for updates without a message and a person."""
    incoming = incoming_of(update, context.bot.username)
    if incoming is None:
        return None
    admission = await context.bot_data.app.access.admit(incoming.person, incoming.place)
    language = interface_language(admission.user.language, incoming.person.telegram_language)
    payer.set(None if admission.is_admin else incoming.person.id)
    return Visit(incoming, admission, language)


def admitted(use: Callable[[Visit, Context], Awaitable[Reply | None]]) -> Handler:
    """A handler that calls `use` for people who are let in and sends what it returns; others are told, in private."""

    @wraps(use)
    async def handler(update: Update, context: Context) -> None:
        seen = await visit(update, context)
        if seen is None:
            return
        if seen.admission.allowed:
            if not await _refused(seen, update, context):
                await _reply(use, seen, context)
        elif not seen.incoming.place.is_group:
            reply = notice(seen.language, texts.PRIVATE.rich(seen.language))
            await context.bot_data.delivery.send(seen.incoming, reply)

    return handler


async def _refused(seen: Visit, update: Update, context: Context) -> bool:
    """True where a person has sent more than the bot takes; admins never have."""
    message, budgets = update.effective_message, context.bot_data.app.budgets
    if message is None or seen.admission.is_admin:
        return False
    busy = budgets.refuse(seen.incoming, message.date.timestamp())
    if busy is not None and busy.tell:
        text, most = (busy_texts.TOO_MANY_FILES, FILES) if busy.of_files else (busy_texts.TOO_MANY, budgets.messages)
        reply = notice(seen.language, text.rich(seen.language, most=most))
        await context.bot_data.delivery.send(seen.incoming, reply)
    return busy is not None


async def in_time(work: Awaitable[T], context: Context, otherwise: T) -> T:
    """What `work` comes to; `otherwise` where it takes longer than the settings allow, and it is cancelled."""
    try:
        async with asyncio.timeout(context.bot_data.app.settings.deadline) as deadline:
            return await work
    except TimeoutError:
        if not deadline.expired():
            raise
        _log.warning("a reply took longer than DAWEN_DEADLINE and was given up")
        return otherwise


async def _reply(use: Callable[[Visit, Context], Awaitable[Reply | None]], seen: Visit, context: Context) -> None:
    """Send what `use` returns; while it is at work, that is shown, and its text as far as it is written."""
    reached("message.admitted")
    async with growing(context.bot, seen.incoming) as show:
        watched = replace(seen, incoming=replace(seen.incoming, show=show))
        async with typing(context.bot, seen.incoming.place):
            too_long = notice(seen.language, busy_texts.TOO_LONG.rich(seen.language))
            reply = await in_time(use(watched, context), context, too_long)
        if reply is not None:
            await context.bot_data.delivery.send(seen.incoming, reply)
    if reply is not None:
        await _learn(seen, reply, context)


async def _learn(seen: Visit, reply: Reply, context: Context) -> None:
    """Read what the message, which is replied to by now, says of the answer before it."""
    sign = await context.bot_data.app.signals.read(seen.incoming, reply)
    if sign is not None and sign.value > 0:
        await ask_once(seen.incoming.person, seen.admission.user, context)


def admins_only(use: Callable[[Visit, Context], Awaitable[Reply | None]]) -> Handler:
    """As `admitted`, for admins; everybody else who is let in is told that this is not for them."""

    @wraps(use)
    async def guarded(seen: Visit, context: Context) -> Reply | None:
        if seen.admission.is_admin:
            return await use(seen, context)
        return notice(seen.language, texts.ADMINS_ONLY.rich(seen.language))

    return admitted(guarded)
