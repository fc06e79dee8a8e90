"""Receiving as the work of one process: under a lease, beside everything else or by itself, without any model."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.request import BaseRequest

from bot.errors import StartError
from bot.intake import Intake, Takes
from bot.leading import Leader
from bot.polling import Poller
from bot.receiving import Receiver
from bot.roles import Seat
from bot.settings import Settings
from bot.web.front import Entrance, Porch
from bot.web.webhook import Webhook
from bot.wire import Wire
from storage.database import Database
from storage.records import PendingUpdate

_CONNECT_WITHIN = 30.0  # seconds


class Untold:
    """Stands for workers in other processes, who hear of updates through the database."""

    def offer(self, update: PendingUpdate) -> None:
        """Nothing is to be done."""


class Receiving:
    """Receiving, as the work of whoever holds its lease; `front` is shown who receives."""

    def __init__(self, receiver: Receiver, front: Entrance) -> None:
        self._receiver = receiver
        self._front = front
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """See `bot.leading.Work`."""
        self._front.receiver = self._receiver
        await self._receiver.start()
        self._watching = asyncio.create_task(self._receiver.watch(), name="receiving watch")

    async def stop(self) -> None:
        """See `bot.leading.Work`."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._receiver.stop()
        self._front.receiver = None


def open_receiver(
    bot: Bot, database: Database, takes: Takes, settings: Settings, request: BaseRequest
) -> tuple[Receiver, str]:
    """What brings updates as the settings want it, and the name of its lease; `takes` is told of what it stores."""
    intake = Intake(database, takes)
    receiver: Receiver = Webhook(bot, intake, settings) if settings.webhook_url else Poller(bot, intake, request)
    return receiver, f"receiver:{bot.id}"


def polling_request() -> Wire:
    """The connection by which updates are fetched."""
    return Wire(connect_timeout=10)


def addresses(api: str) -> tuple[str, str]:
    """Where a Bot API server takes calls, and where it has files."""
    return f"{api.rstrip('/')}/bot", f"{api.rstrip('/')}/file/bot"


@asynccontextmanager
async def run_reception(
    settings: Settings, database: Database, token: str, porch: Porch, seat: Seat
) -> AsyncIterator[str]:
    """Receive, or stand by to, until the block ends; the name of the bot.

    Raises:
        StartError: the token is wrong, or the server cannot be reached.
    """
    request = polling_request()
    bot = Bot(token, *addresses(settings.telegram_api), Wire(), request)
    try:
        with clear_errors(settings.telegram_api):
            async with asyncio.timeout(_CONNECT_WITHIN):
                await bot.initialize()
            receiver, lease = open_receiver(bot, database, Untold(), settings, request)
            leader = Leader(database, lease, seat.holder, Receiving(receiver, porch))
            await leader.begin()
        keeping = asyncio.create_task(leader.run(), name="lease")
        try:
            yield bot.username
        finally:
            porch.stopping = True
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await leader.end()
    finally:
        await bot.shutdown()


@contextmanager
def clear_errors(api: str) -> Iterator[None]:
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
