"""`dawen doctor` and `dawen db`: is everything in order, and what to do if not."""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import console
from bot.app import build_generator, check_home, open_database, open_encoder
from bot.errors import BotError, StartError
from bot.own_manual import manual_folder
from bot.settings import Settings
from nlp.errors import NlpError
from nlp.generator import Budget
from nlp.generators.probe import probe
from nlp.model_store import ModelStore
from nlp.router import KIND, load_router
from nlp.training.data import SEEDS, read_examples, seed_files, snapshot
from storage import migrate
from storage.database import Database
from storage.errors import StorageError

_SAFE_SQLITE = (3, 51, 3)  # before it, several writing connections may damage a database in WAL mode


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `ok`, or what is wrong and what to do."""

    name: str
    ok: bool
    detail: str


async def doctor(settings: Settings, *, as_json: bool) -> None:
    """Check everything and say what is wrong.

    Raises:
        StartError: something is.
    """
    findings = [await _check(name, check, settings) for name, check in CHECKS.items()]
    if as_json:
        console.print_json({"ok": all(f.ok for f in findings), "checks": [_as_dict(f) for f in findings]})
    else:
        console.print_table([("ok" if f.ok else "FAULT", f.name, f.detail) for f in findings], "", "check", "")
    faults = sum(not finding.ok for finding in findings)
    if faults:
        raise StartError(f"{faults} of {len(findings)} checks failed")


def _as_dict(finding: Finding) -> dict[str, object]:
    return {"name": finding.name, "ok": finding.ok, "detail": finding.detail}


async def _check(name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings) -> Finding:
    try:
        return Finding(name, True, await check(settings))
    except (BotError, NlpError, StorageError) as error:
        return Finding(name, False, str(error))


async def _python(_: Settings) -> str:
    return f"{sys.version.split()[0]} at {sys.prefix}"


async def _home(settings: Settings) -> str:
    check_home(settings.home)
    return str(settings.home.resolve())


async def _sqlite(_: Settings) -> str:
    note = (
        ""
        if sqlite3.sqlite_version_info >= _SAFE_SQLITE
        else "; older than 3.51.3, so Dawen writes through one connection"
    )
    return sqlite3.sqlite_version + note


async def _database(settings: Settings) -> str:
    async with open_database(settings) as database:
        await migrate.check(database)
        async with database.read() as tx:
            waiting = await tx.inbox.count_pending()
        return f"{database.describe()}, up to date, {waiting} updates waiting"


async def _encoder(settings: Settings) -> str:
    encoder = open_encoder(settings)
    return f"{encoder.fingerprint}, {encoder.dimension} dimensions"


async def _router(settings: Settings) -> str:
    store = ModelStore(settings.models_folder)
    version = store.current(KIND)
    if version is None:
        return "none yet; it is trained at the first start"
    _, manifest = load_router(store.folder(KIND, version), open_encoder(settings))
    stale = manifest.data.sha256 != snapshot(read_examples(*seed_files(settings.seeds or SEEDS))).sha256
    return f"{version}, {manifest.data.rows} examples" + ("; the seeds differ: 'dawen train router'" if stale else "")


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
    return f"a token is set; 'dawen run' talks to {settings.telegram_api}"


CHECKS: dict[str, Callable[[Settings], Awaitable[str]]] = {
    "python": _python,
    "home": _home,
    "sqlite": _sqlite,
    "database": _database,
    "encoder": _encoder,
    "router": _router,
    "generator": _generator,
    "knowledge": _knowledge,
    "telegram": _telegram,
}


async def upgrade(settings: Settings) -> None:
    """Bring the tables up to date."""
    async with open_database(settings) as database:
        console.out.print(f"{database.describe()} is at {await migrate.current(database)}", markup=False)


async def check(settings: Settings) -> None:
    """Compare the tables with what this version expects."""
    database = Database(settings.database_url)
    try:
        await database.ping()
        await migrate.check(database)
    finally:
        await database.close()
    console.out.print(f"{database.describe()} is up to date", markup=False)
