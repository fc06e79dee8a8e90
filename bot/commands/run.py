"""`dawen run`: the bot, on Telegram or on the local chat page, until it is told to stop."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from bot import console
from bot.access import Access
from bot.app import open_app, open_database
from bot.checks import check_start
from bot.errors import StartError
from bot.progress import Progress
from bot.reception import run_reception
from bot.roles import Role, Seat, take_seat
from bot.settings import Settings
from bot.simulator import people
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.telegram_bot import TelegramBot, run_telegram_bot
from bot.tracing import tracing
from bot.warming import warming
from bot.web.front import Front
from bot.web.server import open_porch, open_web


async def run_bot(settings: Settings, port: int) -> None:
    """Run until SIGINT or SIGTERM.

    Raises:
        StartError: another bot runs on the home folder, the disk is full, the clock or the token is wrong, the Bot API
            server cannot be reached, the port of the chat page is taken, or a package is missing that a setting needs.
        SettingsError: the role cannot be had with these settings.
    """
    with tracing(settings.otlp_endpoint), take_seat(settings) as seat:
        await check_start(settings)
        token = settings.telegram_bot_token
        if token is None:
            await _on_chat_page(settings, port, seat)
        elif seat.role is Role.RECEIVER:
            await _receive(settings, token.get_secret_value(), seat)
        else:
            await _on_telegram(settings, token.get_secret_value(), seat)


async def _receive(settings: Settings, token: str, seat: Seat) -> None:
    """Receive for others, without any model."""
    async with (
        open_database(settings) as database,
        open_porch(settings, database) as porch,
        run_reception(settings, database, token, porch, seat) as username,
    ):
        stop = _stop_signal()
        _say(f"Dawen is ready to receive as @{username}. Stop it with Ctrl-C.")
        if porch.port is not None:
            _say(f"Web server: {settings.web_host}, port {porch.port}")
        await _offer_to_claim(Access(settings, database))
        await _until(stop)


async def _on_telegram(settings: Settings, token: str, seat: Seat) -> None:
    async with (
        open_app(settings, Progress(), seat.number) as app,
        open_web(app) as front,
        run_telegram_bot(app, token, settings.telegram_api, front=front, seat=seat) as bot,
        warming(app),
    ):
        stop = _stop_signal()
        _announce(bot, front)
        _say(f"On Telegram: https://t.me/{bot.username}")
        if seat.role.does(Role.RECEIVER):
            await _offer_to_claim(app.access)
        await _until(stop)


async def _on_chat_page(settings: Settings, port: int, seat: Seat) -> None:
    cast = settings.model_copy(
        update={
            "admins": settings.admins | {people.ADA.id},
            "allowed_users": settings.allowed_users | {people.BO.id},
            "allowed_chats": settings.allowed_chats | {people.TEAM.id},
            "webhook_url": "",  # the page is this machine's alone
        }
    )
    with _simulator(settings, port) as server:
        async with (
            open_app(cast, Progress()) as app,
            open_web(app) as front,
            run_telegram_bot(app, people.TOKEN, server.api_url, front=front, seat=seat) as bot,
            warming(app),
        ):
            stop = _stop_signal()
            _announce(bot, front)
            _say(f"Chat page 聊天页: {server.url}")
            _say("It is only reachable from this machine. To go on Telegram, set TELEGRAM_BOT_TOKEN and start again.")
            await _until(stop)


@contextmanager
def _simulator(settings: Settings, port: int) -> Iterator[SimulatorServer]:
    server = SimulatorServer(Simulation(settings.home / "simulator.jsonl"), port=port)
    try:
        server.start()
    except OSError as error:
        raise StartError(
            f"port {port} cannot be used for the chat page ({os.strerror(error.errno or 0)}): "
            "choose another with --port or DAWEN_PORT"
        ) from error
    try:
        yield server
    finally:
        server.stop()


async def _offer_to_claim(access: Access) -> None:
    code = await access.first_admin_code()
    if code is not None:
        _say(f"The bot has no admin yet. To become its admin, send it: /start {code}")


def _announce(bot: TelegramBot, front: Front) -> None:
    if bot.recovered:
        _say(f"Answering {bot.recovered} messages that were left from before.")
    _say(f"Dawen is ready as @{bot.username}. Stop it with Ctrl-C.")
    if front.port is not None:
        _say(f"Web server: {front.app.settings.web_host}, port {front.port}")


def _say(line: str) -> None:
    console.out.print(line, markup=False)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
    _say("Stopping: what is being answered is finished, the rest is kept for the next start.")
