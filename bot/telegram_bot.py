"""The bot on a Bot API server: Telegram's, or the local simulator's."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import cast

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot
from telegram.request import HTTPXRequest

from bot.app import App
from bot.chores import jobs
from bot.delivery import Delivery
from bot.errors import StartError
from bot.handlers.context import Context, Services, TelegramApp
from bot.handlers.failures import apologise, on_error
from bot.handlers.routes import routes
from bot.herald import Herald
from bot.inbox import InboxQueue, Lanes, restore
from bot.limiter import ChatLimiter, Rank
from bot.menu import introduce, show_menus
from bot.polling import Poller, WatchedRequest
from bot.receiving import Receiver
from bot.run_messages import RunMessages
from bot.schedule import Schedule
from bot.web.front import Front
from bot.web.webhook import Webhook
from storage.records import StoredUpdate

_log = logging.getLogger(__name__)
_FINISH_WITHIN = 20.0  # seconds for running work when the bot is stopped
_CONNECT_WITHIN = 30.0
_READ_WITHIN = 20.0  # seconds for Telegram's answer to what is sent
_POLL_READ_WITHIN = 5.0  # seconds beyond those for which Telegram holds a getUpdates back


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """The running bot. `recovered` counts what the inbox held at the start; `delivery` sends what nobody asked for."""

    username: str
    lanes: Lanes
    delivery: Delivery
    receiver: Receiver
    recovered: int


@asynccontextmanager
async def run_telegram_bot(
    app: App, token: str, api: str, limiter: ChatLimiter | None = None, front: Front | None = None
) -> AsyncIterator[TelegramBot]:
    """The bot, receiving and answering until the block ends; then what runs is finished and the rest kept.

    `front` is the web server, which brings the updates where the settings name a webhook.

    Raises:
        StartError: the token is wrong, or the server cannot be reached.
    """
    front = front or Front(app)
    request = WatchedRequest(read_timeout=_POLL_READ_WITHIN, connect_timeout=10)
    telegram = _build(app, token, api, request, limiter or ChatLimiter())
    try:
        with _clear_errors(api):
            async with asyncio.timeout(_CONNECT_WITHIN):
                await telegram.initialize()
        services = telegram.bot_data
        lanes = Lanes(app.database, _handler(telegram), _apology(telegram), app.settings.concurrency)
        receiver = _receiver(app, telegram.bot, InboxQueue(app.database, lanes, telegram.bot.id), request)
        await introduce(telegram.bot)
        await _show_menus(telegram.bot, services)
        recovered = await lanes.load(telegram.bot.id)
        front.lanes, front.receiver = lanes, receiver  # what is posted from now on comes after what was left
        unsent = await services.delivery.unsent()
        tasks = [
            asyncio.create_task(lanes.run(), name="lanes"),
            asyncio.create_task(services.delivery.finish(unsent), name="unsent"),
            asyncio.create_task(lanes.watch(telegram.bot.id), name="inbox watch"),
        ]
        try:
            with _clear_errors(api):
                await receiver.start()
            tasks += [
                asyncio.create_task(receiver.watch(), name="receiving watch"),
                *_learning(app, telegram.bot, services.delivery),
            ]
            yield TelegramBot(telegram.bot.username, lanes, services.delivery, receiver, recovered)
        finally:
            front.stopping = True
            await receiver.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await lanes.drain(_FINISH_WITHIN)
    finally:
        await telegram.shutdown()
        await telegram.bot.shutdown()  # also when it was not initialized whole


def _learning(app: App, bot: Bot, delivery: Delivery) -> list[asyncio.Task[None]]:
    """What trains, tells of it, and does what comes again and again."""
    herald = Herald(app.settings, app.database, bot)
    return [
        asyncio.create_task(app.retraining.work(), name="training runs"),
        asyncio.create_task(RunMessages(app, bot, herald).keep(), name="messages of training runs"),
        asyncio.create_task(Schedule(app.database, jobs(app, herald, delivery)).run(), name="schedule"),
    ]


def _receiver(app: App, bot: Bot, queue: InboxQueue, request: WatchedRequest) -> Receiver:
    return Webhook(bot, queue, app.settings) if app.settings.webhook_url else Poller(bot, queue, request)


def _build(app: App, token: str, api: str, request: WatchedRequest, limiter: ChatLimiter) -> TelegramApp:
    connections = app.settings.concurrency + 8
    sending = HTTPXRequest(connection_pool_size=connections, pool_timeout=30, read_timeout=_READ_WITHIN)
    bot: ExtBot[Rank] = ExtBot(
        token,
        base_url=f"{api.rstrip('/')}/bot",
        base_file_url=f"{api.rstrip('/')}/file/bot",
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


@contextmanager
def _clear_errors(api: str) -> Iterator[None]:
    """What Telegram says, or fails to say, at the start as a StartError."""
    try:
        yield
    except InvalidToken as error:
        raise StartError("the bot token is not valid: copy TELEGRAM_BOT_TOKEN from @BotFather again") from error
    except (NetworkError, TimeoutError) as error:
        raise StartError(
            f"the Bot API server {api!r} cannot be reached: check the network or DAWEN_TELEGRAM_API"
        ) from error
    except TelegramError as error:
        raise StartError(f"the Bot API server {api!r} refused the bot ({type(error).__name__})") from error


async def _show_menus(bot: Bot, services: Services) -> None:
    async with services.app.database.read() as tx:
        admins = {admin.id for admin in await tx.people.admins()} | services.app.settings.admins
    await show_menus(bot, sorted(admins))


def _handler(telegram: TelegramApp) -> Callable[[StoredUpdate], Awaitable[None]]:
    services = telegram.bot_data

    async def handle(stored: StoredUpdate) -> None:
        """Reply to a stored update, unless it has its reply already."""
        if await services.delivery.resume(stored.id):
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
