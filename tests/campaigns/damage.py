"""What machines do to a bot: the disk full, the database locked, gone or read-only, the clock moved by a day.

In each round there is a question in every chat before the damage, one while it lasts and one at its end; when it is
over, the bot must answer all of them by itself, once, within thirty seconds. Nothing is started again.
"""

import asyncio
import itertools
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database, sqlite_file
from tests.campaigns.life import Life, Setup
from tests.campaigns.report import Report
from tests.campaigns.stage import KINDS, Kind, Stage, postgres_do, telegram
from tests.campaigns.town import Town

ROUNDS = 50  # of each damage, half of them on each kind of database
_LOCKED, _LOCKED_QUICK = 30.0, 2.0  # seconds
_LASTS = (0.5, 3.0)  # seconds that other damage lasts
_RECOVERED_WITHIN = 30.0
_DAY = 86_400.0
_TABLES = ("updates", "messages", "deliveries")


@dataclass(frozen=True, slots=True)
class Victim:
    """A bot that runs, and the address of the server that its database is on, where it is on one."""

    setup: Setup
    life: Life
    server: str | None

    @property
    def folder(self) -> Path:
        """Where the SQLite file is."""
        file = sqlite_file(self.setup.database)
        assert file is not None
        return file.parent

    @property
    def name(self) -> str:
        """The name of the database on its server."""
        return urlsplit(self.setup.database).path.strip("/")

    def say(self, *statements: str) -> None:
        """Say something to the server of the database, from beside it."""
        assert self.server is not None
        asyncio.run(postgres_do(self.server, *statements))

    def say_inside(self, *statements: str) -> None:
        """Say something to the database."""
        asyncio.run(postgres_do(self.setup.database, *statements))

    def cut(self) -> None:
        """End every connection of the bot."""
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
        self.say(f"{ending} '{self.name}'")


Damage = Callable[[Victim], AbstractContextManager[None]]


@contextmanager
def _disk_full(victim: Victim) -> Iterator[None]:
    """No file of the process can grow any more: every write fails."""
    before = resource.prlimit(victim.life.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(victim.life.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(victim.life.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def _server_full(victim: Victim) -> Iterator[None]:
    """The server refuses every row in the words in which it does so when its disk is full."""
    victim.say_inside(
        "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$",
        *(f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {t} EXECUTE FUNCTION full_disk()" for t in _TABLES),
    )
    try:
        yield
    finally:
        victim.say_inside(*(f"DROP TRIGGER full_disk ON {table}" for table in _TABLES))


@contextmanager
def _locked(victim: Victim) -> Iterator[None]:
    """Another program writes, and does not end."""
    with closing(sqlite3.connect(victim.folder / "dawen.db", timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _table_locked(victim: Victim) -> Iterator[None]:
    """Another program holds the tables of the inbox and of the answers."""
    locked = ", ".join(_TABLES)
    with asyncio.Runner() as runner:
        database = Database(victim.setup.database)

        async def lock() -> AsyncConnection:
            connection = await database.engine.connect()
            await connection.execute(text(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE"))
            return connection

        connection = runner.run(lock())
        yield
        runner.run(connection.close())
        runner.run(database.close())


@contextmanager
def _gone(victim: Victim) -> Iterator[None]:
    """The folder of the database is not there, as when a volume is not mounted."""
    away = victim.folder.with_name("away")
    victim.folder.rename(away)
    try:
        yield
    finally:
        away.rename(victim.folder)


@contextmanager
def _server_gone(victim: Victim) -> Iterator[None]:
    """The server ends all connections and takes no new ones."""
    victim.say(f'ALTER DATABASE "{victim.name}" ALLOW_CONNECTIONS false')
    victim.cut()
    try:
        yield
    finally:
        victim.say(f'ALTER DATABASE "{victim.name}" ALLOW_CONNECTIONS true')


@contextmanager
def _read_only(victim: Victim) -> Iterator[None]:
    """SQLite may not write."""
    victim.life.tell("read_only", True)
    try:
        yield
    finally:
        victim.life.tell("read_only", False)


@contextmanager
def _server_read_only(victim: Victim) -> Iterator[None]:
    """The server takes no writes, as a standby does."""
    victim.say(f'ALTER DATABASE "{victim.name}" SET default_transaction_read_only = on')
    victim.cut()
    try:
        yield
    finally:
        victim.say(f'ALTER DATABASE "{victim.name}" RESET default_transaction_read_only')
        victim.cut()


@contextmanager
def _clock(victim: Victim) -> Iterator[None]:
    """The clock is moved by a day, forward or back, and put right."""
    victim.life.tell("clock", random.choice((_DAY, -_DAY)))  # noqa: S311 - either will do
    try:
        yield
    finally:
        victim.life.tell("clock", 0)


DAMAGES: dict[Kind, dict[str, Damage]] = {
    "sqlite": {
        "disk full": _disk_full,
        "locked": _locked,
        "gone": _gone,
        "read-only": _read_only,
        "clock": _clock,
    },
    "postgresql": {
        "disk full": _server_full,
        "locked": _table_locked,
        "gone": _server_gone,
        "read-only": _server_read_only,
        "clock": _clock,
    },
}


def report(stage: Stage, quick: bool) -> Report:
    """Every damage to both kinds of database, side by side."""
    rounds, locked = (1, _LOCKED_QUICK) if quick else (ROUNDS // 2, _LOCKED)
    total = Report()
    with ThreadPoolExecutor(len(KINDS)) as pool:
        for part in pool.map(lambda kind: campaign(stage, kind, rounds, locked), KINDS):
            total += part
    return total


def campaign(stage: Stage, kind: Kind, rounds: int, locked: float, names: Sequence[str] = ()) -> Report:
    """So many rounds of each damage to one bot; `locked` is how many seconds a database stays locked."""
    chance, result = random.Random(rounds), Report()  # noqa: S311 - the same campaign again
    with telegram() as server:
        town = Town(server)
        setup = stage.setup(f"damage-{kind}", kind, "polling", server.api_url)
        victim = Victim(setup, Life(setup), stage.postgres)
        if not victim.life.wait_until_ready():
            result.wrong.append(f"{kind}: the bot did not start")
        for name in itertools.chain.from_iterable(itertools.repeat(names or tuple(DAMAGES[kind]), rounds)):
            if stage.is_over:
                break
            lasts = locked if name == "locked" else chance.uniform(*_LASTS)
            _round(result, victim, town, f"{kind}: {name}", DAMAGES[kind][name](victim), lasts)
        victim.life.kill()
        result.asked, result.lost, result.out_of_order = town.asked, town.unanswered, town.out_of_order
        result.duplicates = len(town.repeated)
        result.wrong += [f"{kind}: the bot said {said!r}" for said in town.strange]
    return result


def _round(
    result: Report, victim: Victim, town: Town, title: str, damage: AbstractContextManager[None], lasts: float
) -> None:
    town.ask()
    with damage:
        town.ask()
        time.sleep(lasts)
        town.ask()
    over = time.monotonic()
    answered = town.wait_until_answered(2 * _RECOVERED_WITHIN, lambda: not victim.life.is_over)
    seconds = time.monotonic() - over
    result.done[title] += 1
    result.took(title, seconds)
    if victim.life.is_over:
        result.wrong.append(f"{title}: the bot has ended")
    elif not answered or seconds > _RECOVERED_WITHIN:
        result.wrong.append(f"{title}: not all was answered within {_RECOVERED_WITHIN:.0f} s")
