"""What is looked at to tell whether everything is in order, each with what to do if not: one list.

`dawen doctor` goes through all of it; `dawen run` through what is quick and may keep a bot from starting or warn its
owner. What is opened at the start anyhow, such as models, says for itself what is wrong with it.
"""

import asyncio
import logging
import re
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.app import check_home, only_bot, open_database
from bot.clusters import visit_cluster
from bot.errors import BotError, FolderTaken, StartError
from bot.learning import predecessors
from bot.own_manual import manual_folder
from bot.parts import KINDS
from bot.settings import Settings
from bot.sites import build_generator, open_encoder
from nlp.encoder import Encoder
from nlp.errors import ModelError, NlpError
from nlp.generator import Budget
from nlp.generators.probe import probe
from nlp.model_store import ModelStore
from nlp.router import KIND, load_router
from nlp.shared_store import open_store
from nlp.training.data import SEEDS, read_examples, seed_files, snapshot
from storage import migrate
from storage.database import sqlite_file
from storage.errors import StorageError

_log = logging.getLogger(__name__)
SAFE_SQLITE = (3, 51, 3)  # before it, several connections that write may damage a database in WAL mode
LITTLE_FREE, LEAST_FREE = 500_000_000, 50_000_000  # bytes
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # Dawen is younger
_TOKEN = re.compile(r"\d+:[\w-]+(/test)?")  # the end names Telegram's test environment


@dataclass(frozen=True, slots=True)
class Warn:
    """What is in order for now, and what to do lest it is not."""

    detail: str


Note = str | Warn
Look = Callable[[Settings], Awaitable[Note]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: "ok", "warning" or "fault", and what is so or what to do."""

    name: str
    state: str
    detail: str

    @property
    def ok(self) -> bool:
        """True for what is no fault."""
        return self.state != "fault"


async def look_through(settings: Settings) -> list[Finding]:
    """The findings of all checks, in order."""
    return [await _find(name, look, settings) for name, look in CHECKS.items()]


async def _find(name: str, look: Look, settings: Settings) -> Finding:
    try:
        note = await look(settings)
    except (BotError, NlpError, StorageError) as error:
        return Finding(name, "fault", str(error))
    return Finding(name, "warning", note.detail) if isinstance(note, Warn) else Finding(name, "ok", note)


async def check_start(settings: Settings) -> None:
    """Go through what is looked at before a start; what is of concern goes to the log.

    Raises:
        StartError: the disk is full, or the clock is wrong. StorageError: the database cannot be opened.
    """
    for name in AT_START:
        note = await CHECKS[name](settings)
        if isinstance(note, Warn):
            _log.warning("%s: %s", name, note.detail)


async def _python(_: Settings) -> str:
    return f"{sys.version.split()[0]} at {sys.prefix}"


async def _home(settings: Settings) -> str:
    try:
        with only_bot(settings.home):
            return str(settings.home.resolve())
    except FolderTaken:
        return f"{settings.home.resolve()}, where a bot runs"


async def _disk(settings: Settings) -> Note:
    check_home(settings.home)
    free = shutil.disk_usage(settings.home).free
    left = f"{free / 1e6:.0f} MB are free for folder {str(settings.home)!r}"
    if free < LEAST_FREE:
        raise StartError(f"only {left}: free some space, or set DAWEN_HOME to a folder on another disk")
    if free < LITTLE_FREE:
        return Warn(f"only {left}: free some space soon; below {LEAST_FREE // 1_000_000} MB the bot does not start")
    return left


async def _clock(settings: Settings) -> Note:
    now = _now()
    if now < EARLIEST:
        raise StartError(f"the clock says {now:%Y-%m-%d %H:%M} UTC, which cannot be: set date and time of this machine")
    async with open_database(settings) as database, database.read() as tx:
        newest = await tx.statistics.newest_message()
    if newest is not None and newest - now > timedelta(days=1):
        return Warn(
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, but the newest message is of {newest:%Y-%m-%d %H:%M}: "
            "set date and time of this machine"
        )
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _now() -> datetime:
    return datetime.now(UTC)


async def _sqlite(settings: Settings) -> Note:
    if sqlite3.sqlite_version_info >= SAFE_SQLITE or sqlite_file(settings.database_url) is None:
        return sqlite3.sqlite_version
    return Warn(
        f"{sqlite3.sqlite_version} is older than 3.51.3, which mended a rare damage where several programs write: the "
        "bot writes through one connection; use `dawen ingest` while it is stopped and the chat while it runs, or "
        "update SQLite"
    )


async def _database(settings: Settings) -> str:
    async with open_database(settings) as database:
        await migrate.check(database)
        async with database.read() as tx:
            waiting = await tx.inbox.count_pending()
        return f"{database.describe()}, up to date, {waiting} updates waiting"


async def _cluster(settings: Settings) -> Note:
    if not settings.inference:
        return "none: this process computes"
    return await asyncio.to_thread(_visit, settings)


def _visit(settings: Settings) -> Note:
    with visit_cluster(settings) as visit:
        census = visit.census()
    if census.mine("failed"):
        return Warn(f"{census}: read their logs on the cluster, run 'dawen cluster clear' and start the bot again")
    return str(census)


async def _encoder(settings: Settings) -> str:
    encoder = open_encoder(settings)
    return f"{encoder.fingerprint}, {encoder.dimension} dimensions"


async def _models(settings: Settings) -> str:
    if not settings.models:
        return f"in {str(settings.models_folder)!r} alone"
    store = open_store(settings.models_folder, settings.models)
    await asyncio.to_thread(store.catch_up, KINDS)
    return f"shared at the address of DAWEN_MODELS, {sum(len(store.versions(kind)) for kind in KINDS)} versions"


async def _router(settings: Settings) -> str:
    store = ModelStore(settings.models_folder)
    version = store.current(KIND)
    if version is None:
        return "none yet; it is trained at the first start"
    encoder = open_encoder(settings)
    try:
        _, manifest = load_router(store.folder(KIND, version), encoder)
    except ModelError as error:
        raise ModelError(f"{error}; {await _instead(settings, store, version, encoder)}") from error
    stale = manifest.data.sha256 != snapshot(read_examples(*seed_files(settings.seeds or SEEDS))).sha256
    return f"{version}, {manifest.data.rows} examples" + ("; the seeds differ: 'dawen train router'" if stale else "")


async def _instead(settings: Settings, store: ModelStore, damaged: str, encoder: Encoder) -> str:
    """What the next start does about a router that cannot be used."""
    async with open_database(settings) as database:
        others = (await predecessors(database, store, damaged))[1:]
    for version in others:
        with suppress(ModelError):
            load_router(store.folder(KIND, version), encoder)
            return f"the next start goes back to {version}"
    return "the next start trains a new one"


async def _generator(settings: Settings) -> str:
    if settings.generator == "extractive":
        return "extractive: quotes the documents"
    generator = await asyncio.to_thread(build_generator, settings)
    try:
        budget = Budget.start(settings.generator_tokens, settings.generator_seconds)
        found = await asyncio.to_thread(probe, generator, budget)
    finally:
        generator.close()
    cites = "with its source" if found.cites else "without its source, so that it will be quoted instead"
    return f"{generator.name} answers after {found.seconds:.1f} s, {cites}"


async def _knowledge(settings: Settings) -> str:
    async with open_database(settings) as database, database.read() as tx:
        documents = await tx.documents.all()
    pages = len(list(manual_folder().glob("*/*.md")))
    return f"{len(documents)} documents, {sum(d.chunks for d in documents)} passages; the manual has {pages} pages"


async def _telegram(settings: Settings) -> str:
    if settings.telegram_bot_token is None:
        return "no TELEGRAM_BOT_TOKEN: 'dawen run' starts the local chat page"
    if not _TOKEN.fullmatch(settings.telegram_bot_token.get_secret_value()):
        raise StartError("the bot token is not like 123456:ABC-def: copy TELEGRAM_BOT_TOKEN from @BotFather again")
    return f"a token is set; whether {settings.telegram_api} takes it is seen when 'dawen run' starts"


CHECKS: dict[str, Look] = {
    "python": _python,
    "home": _home,
    "disk": _disk,
    "clock": _clock,
    "sqlite": _sqlite,
    "database": _database,
    "cluster": _cluster,
    "encoder": _encoder,
    "models": _models,
    "router": _router,
    "generator": _generator,
    "knowledge": _knowledge,
    "telegram": _telegram,
}
AT_START = ("telegram", "disk", "sqlite", "clock")  # the home folder is looked at when its lock is taken
