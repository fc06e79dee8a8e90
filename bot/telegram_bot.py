"""The bot on a Bot API server: Telegram's, or the local simulator's."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from telegram import Bot
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot
from telegram.request import BaseRequest

from bot.app import App
from bot.delivery import Delivery
from bot.duties import Duties
from bot.floods import Floods
from bot.handlers.context import Context, Services, TelegramApp
from bot.handlers.failures import apologise, on_error
from bot.handlers.routes import routes
from bot.inbox import Lanes, restore
from bot.limiter import ChatLimiter, Rank
from bot.menu import introduce, show_menus
from bot.receiving import Receiver
from bot.reception import addresses, clear_errors, polling_request
from bot.roles import ALONE, Seat
from bot.web.front import Front
from bot.wire import Wire
from storage.records import StoredUpdate

_log = logging.getLogger(__name__)
_FINISH_WITHIN = 20.0  # seconds for running work when the bot is stopped
_CONNECT_WITHIN = 30.0
_READ_WITHIN = 20.0  # seconds for Telegram's answer to what is sent


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """The running bot. `recovered` counts what the inbox held at the start; `delivery` sends what nobody asked for."""

    username: str
    lanes: Lanes
    delivery: Delivery
    duties: Duties
    recovered: int

    @property
    def receiver(self) -> Receiver:
        """What brings updates, in this process or when it takes over."""
        return self.duties.receiver


@asynccontextmanager
async def run_telegram_bot(
    app: App,
    token: str,
    api: str,
    limiter: ChatLimiter | None = None,
    front: Front | None = None,
    seat: Seat = ALONE,
) -> AsyncIterator[TelegramBot]:
    """The bot, at its duties until the block ends; then what runs is finished and the rest kept.

    `front` is the web server, which brings the updates where the settings name a webhook; `seat` says what this process
    does, and who it is among others.

    Raises:
        StartError: the token is wrong, or the server cannot be reached.
    """
    front = front or Front(app)
    request = polling_request()
    limiter = limiter or ChatLimiter()
    telegram = _build(app, token, api, request, limiter)
    try:
        with clear_errors(api):
            async with asyncio.timeout(_CONNECT_WITHIN):
                await telegram.initialize()
        services = telegram.bot_data
        lanes = Lanes(app.database, _handler(telegram), _apology(telegram), app.settings.concurrency)
        lanes.put_away = Floods(app.database, app.access, app.budgets).put_away
        duties = Duties(app, telegram.bot, services.delivery, lanes, limiter, front, request, seat)
        await introduce(telegram.bot)
        await _show_menus(telegram.bot, services)
        try:
            with clear_errors(api):
                recovered = await duties.begin()
            yield TelegramBot(telegram.bot.username, lanes, services.delivery, duties, recovered)
        finally:
            front.stopping = True
            await duties.end(_FINISH_WITHIN)
    finally:
        await telegram.shutdown()
        await telegram.bot.shutdown()  # also when it was not initialized whole


def _build(app: App, token: str, api: str, request: BaseRequest, limiter: ChatLimiter) -> TelegramApp:
    connections = app.settings.concurrency + 8
    sending = Wire(connection_pool_size=connections, pool_timeout=30, read_timeout=_READ_WITHIN)
    bot: ExtBot[Rank] = ExtBot(
        token,
        *addresses(api),
        request=sending,
        get_updates_request=request,
        rate_limiter=limiter,
    )
    services = Services(app, Delivery(app.database, bot, app.metrics.replied))
    make_services = cast("type[Services]", lambda: services)  # the library calls it once, without arguments
    context_types = ContextTypes(context=Context, bot_data=make_services)
    telegram: TelegramApp = (
        ApplicationBuilder().bot(bot).updater(None).job_queue(None).context_types(context_types).build()
    )
    telegram.add_handlers(routes())
    telegram.add_error_handler(on_error)
    return telegram


async def _show_menus(bot: Bot, services: Services) -> None:
    async with services.app.database.read() as tx:
        admins = {admin.id for admin in await tx.people.admins()} | services.app.settings.admins
    await show_menus(bot, sorted(admins))


def _handler(telegram: TelegramApp) -> Callable[[StoredUpdate], Awaitable[None]]:
    services = telegram.bot_data

    async def handle(stored: StoredUpdate) -> None:
        """Reply to a stored update, unless it has its reply already."""
        if stored.replied and await services.delivery.resume(stored.id):
            return
        await telegram.process_update(restore(stored, telegram.bot))
        failure = services.failures.pop(stored.id, None)
        if failure is not None:
            raise failure

    return handle


def _apology(telegram: TelegramApp) -> Callable[[StoredUpdate], Awaitable[None]]:
    async def give_up(stored: StoredUpdate) -> None:
        """Tell the person that their message failed."""
        await apologise(restore(stored, telegram.bot), Context(telegram))

    return give_up
