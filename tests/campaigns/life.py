"""One life of the bot: a process that is started as `dawen run` starts it, over small models, and ended by SIGKILL.

The settings, the database, the web server, the receiver, the lanes and the delivery are those of the program; only the
encoder is a small one, so that a life costs a fraction of a second. The campaign steers a life by a pipe: it says where
the life is to end, and it hears when the bot is ready.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.inference import Models
from bot.points import arm
from bot.settings import Settings
from nlp.model_store import ModelStore
from nlp.router import KIND, load_router
from tests.campaigns.troubles import trouble

_PATIENCE = 60.0  # seconds for a start on a busy machine
_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Setup:
    """Where a bot lives: its folder, its database, its Bot API server and, for a webhook, the port that is posted to.

    `posted_to` is the port that Telegram is told, where something stands before the bot; `patient` is false where the
    bot is to wait but a short time for answers of Telegram.
    """

    home: Path
    database: str
    api: str
    token: str
    web_port: int | None = None
    posted_to: int | None = None
    patient: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The settings of the bot."""
        chosen: dict[str, Any] = {
            "home": self.home,
            "database": self.database,
            "telegram_api": self.api,
            "telegram_bot_token": self.token,
            "open": True,
            "consent": "assumed",
            "manual": False,
            "messages_per_minute": 1_000_000,
            "web_port": self.web_port,
            **self.options,
        }
        if self.web_port is not None:
            chosen["webhook_url"] = f"http://127.0.0.1:{self.posted_to or self.web_port}/telegram"
        return Settings(**chosen)


class Life:
    """A bot that runs until it is killed."""

    def __init__(self, setup: Setup, kill_at: str = "") -> None:
        """Start; `kill_at` is as `bot.points.arm` takes it."""
        self._ours, theirs = _context.Pipe()
        self._process = _context.Process(target=_live, args=(setup, kill_at, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    @property
    def is_over(self) -> bool:
        """True where the process has ended."""
        return not self._process.is_alive()

    def wait_until_ready(self) -> bool:
        """Wait until it receives; false where it ended before."""
        return self._said() == "ready"

    def arm(self, kill_at: str) -> bool:
        """Let it end at a point; false where it has ended already."""
        return self.tell("arm", kill_at)

    def tell(self, what: str, value: Any) -> bool:
        """Let something be so in the process, see `troubles`; false where it has ended."""
        try:
            self._ours.send((what, value))
        except OSError:
            return False
        return self._said() == "done"

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until the process has ended by itself; false where it goes on."""
        self._process.join(seconds)
        return self.is_over

    def kill(self) -> None:
        """End it as a power cut would, wherever it is."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._process.join(_PATIENCE)
        self._ours.close()

    def _said(self) -> str:
        try:
            if self._ours.poll(_PATIENCE):
                return str(self._ours.recv())
        except (EOFError, OSError):
            return "ended"
        return "silent"


@contextmanager
def nursery() -> Iterator[None]:
    """Lives are forked from a process that has loaded everything; it ends with the campaign."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when that process imports torch
    _context.set_forkserver_preload(["tests.campaigns.preloaded", "tests.campaigns.life"])
    yield


def load_models(settings: Settings) -> Models:
    """The router of the home folder over a small encoder."""
    from nlp.generator import ExtractiveGenerator
    from nlp.summarizer import Summarizer
    from tests.support.models import BagEncoder

    encoder, store = BagEncoder(), ModelStore(settings.models_folder)
    router, _ = load_router(store.folder(KIND, store.current(KIND) or ""), encoder)
    return Models(encoder, router, ExtractiveGenerator(), Summarizer())


def _live(setup: Setup, kill_at: str, pipe: Connection) -> None:
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the campaign's
    arm(kill_at)
    asyncio.run(_serve(setup, pipe))


async def _serve(setup: Setup, pipe: Connection) -> None:
    async with running(setup):
        threading.Thread(target=_obey, args=(pipe,), daemon=True).start()
        pipe.send("ready")
        await asyncio.Event().wait()


@asynccontextmanager
async def running(setup: Setup) -> AsyncIterator[None]:
    """The bot, as `dawen run` puts it together."""
    from bot import telegram_bot
    from bot.app import assemble, only_bot, open_database
    from bot.limiter import ChatLimiter
    from bot.progress import Silence
    from bot.web.server import open_web
    from tests.support.telegram import UNHURRIED

    settings = setup.settings()
    if not setup.patient:
        trouble("impatient", None)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_bot(settings.home))
        database = await stack.enter_async_context(open_database(settings))
        trouble("database", database)
        app = await stack.enter_async_context(assemble(settings, database, load_models(settings), Silence()))
        front = await stack.enter_async_context(open_web(app))
        limiter = ChatLimiter(UNHURRIED, UNHURRIED, UNHURRIED)
        running = telegram_bot.run_telegram_bot(app, setup.token, setup.api, limiter, front)
        await stack.enter_async_context(running)
        yield


def _obey(pipe: Connection) -> None:
    """Do what the campaign says, until it goes."""
    while True:
        try:
            what, value = pipe.recv()
        except (EOFError, OSError):
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "arm":
            arm(value)
        else:
            trouble(what, value)
        pipe.send("done")
