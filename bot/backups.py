"""Use case: all that Dawen keeps, in one file and back: database, models, snapshots, settings without secrets.

Search indexes and the encoder's compiled graph are left out: they are made anew from the rest.
"""

import asyncio
import json
import os
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from bot.archive import ArchiveWriter, extract, new_archive
from bot.errors import BackupError
from bot.settings import FILE, Settings
from nlp.folders import new_folder
from storage import migrate
from storage.copying import copy_sqlite, find_fault
from storage.database import Database, sqlite_file
from storage.records import SHARED

DATABASE = "dawen.db"
_DOCUMENTS = "documents"
_LEFT_OUT = ("index", "models/encoder", _DOCUMENTS, FILE)  # made anew, or written by the backup itself
_SECRETS = ("token", "key", "password")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds: its files, their bytes before compression, and whether the database is among them."""

    files: int
    size: int
    database: bool


async def back_up(settings: Settings, target: Path) -> Summary:
    """Write a backup to the new file `target`, whole or not at all; a bot may run meanwhile.

    Raises:
        BackupError: there is nothing to back up, or `target` exists, lies in the home folder or cannot be written.
        StorageError: the database cannot be copied.
    """
    home = settings.home
    if not home.is_dir():
        raise BackupError(f"there is no folder {str(home)!r}: set DAWEN_HOME to that of the bot")
    if target.resolve().is_relative_to(home.resolve()):
        raise BackupError(f"{str(target)!r} lies in the folder that is backed up: choose a place outside {str(home)!r}")
    database = Database(settings.database_url)
    try:
        with new_archive(target) as archive:
            revision = await _add_database(archive, database)
            await asyncio.to_thread(_add_files, archive, home, database)
            made = datetime.now(UTC).isoformat(timespec="seconds")
            archive.close({"made": made, "dawen": version("dawen"), "revision": revision})
    finally:
        await database.close()
    sizes = [int(str(file["size"])) for file in archive.files.values()]
    return Summary(len(sizes), sum(sizes), database.is_sqlite)


async def _add_database(archive: ArchiveWriter, database: Database) -> str | None:
    """The database first, then all models that it names are there; of PostgreSQL only the texts of documents."""
    with tempfile.TemporaryDirectory(prefix="dawen-") as scratch:
        if database.is_sqlite:
            copy = Path(scratch, DATABASE)
            await copy_sqlite(database, copy)
            await asyncio.to_thread(archive.add, DATABASE, copy)
            return await _revision(copy)
        await database.ping()
        async for name, text in _documents(database):
            path = Path(scratch, "text")
            path.write_text(text, encoding="utf-8")
            archive.add(f"{_DOCUMENTS}/{name}", path)
        return await migrate.current(database)


async def _revision(path: Path) -> str | None:
    database = Database(f"sqlite:///{path}")
    try:
        return await migrate.current(database)
    finally:
        await database.close()


async def _documents(database: Database) -> AsyncIterator[tuple[str, str]]:
    """Name and text of each document that everybody may find, ready for `dawen ingest`; the manual comes with Dawen."""
    texts: dict[int, list[str]] = {}
    async with database.read() as tx:
        shared = [d for d in await tx.documents.all({SHARED}) if not d.uri.startswith("manual:")]
        keys = sorted(await tx.documents.keys())
        for start in range(0, len(keys), _BATCH):
            for chunk in await tx.documents.chunks(keys[start : start + _BATCH], {SHARED}):
                texts.setdefault(chunk.document_id, []).append(chunk.text)
    for document in shared:
        yield f"{document.id}.md", "\n\n".join([f"# {document.title}", *texts.get(document.id, [])]) + "\n"


def _add_files(archive: ArchiveWriter, home: Path, database: Database) -> None:
    """Models, snapshots and whatever else lies in the home folder, and the settings without secrets.

    The pointers to what serves go first: what they name is there when its turn comes, whatever is added meanwhile.
    """
    own = sqlite_file(database.url)
    names = [path.relative_to(home).as_posix() for path in _files(home) if not _is_database(path, own)]
    for name in sorted(names, key=lambda name: (Path(name).name != "current", name)):
        archive.add(name, home / name)
    with tempfile.TemporaryDirectory(prefix="dawen-") as scratch:
        path = Path(scratch, FILE)
        path.write_text(public_settings(Path(FILE)), encoding="utf-8")
        archive.add(FILE, path)


def _files(home: Path) -> Iterator[Path]:
    """The plain files below the home folder that are not hidden, not links and not made anew."""
    for folder, folders, files in os.walk(home):
        place = Path(folder)
        kept = [name for name in folders if (place / name).relative_to(home).as_posix() not in _LEFT_OUT]
        folders[:] = [name for name in kept if not name.startswith(".")]
        for path in (place / name for name in files if not name.startswith(".")):
            if path.is_file() and not path.is_symlink() and path.relative_to(home).as_posix() not in _LEFT_OUT:
                yield path


def _is_database(path: Path, own: Path | None) -> bool:
    """True for the database's files, which are copied by its own means; an unused one of the default name stays out."""
    names = {DATABASE} | ({own.name} if own else set())
    return any(path.name in (name, f"{name}-wal", f"{name}-shm", f"{name}-journal") for name in names)


def public_settings(path: Path) -> str:
    """The settings of a `dawen.toml` that are no secrets, as TOML; empty where there is none.

    Comments are left out too: a token may stand in one.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    shown = {name: value for name, value in values.items() if name in Settings.model_fields and _is_public(name, value)}
    return "".join(f"{name} = {_toml(value)}\n" for name, value in shown.items())


def _is_public(name: str, value: object) -> bool:
    if name.endswith(_SECRETS):
        return False
    return not isinstance(value, str) or not (urlsplit(value).username or any(word in value for word in _SECRETS))


def _toml(value: object) -> str:
    """A text, number, truth value or list of those; JSON writes them as TOML does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


async def restore(settings: Settings, archive: Path) -> Summary:
    """Make the home folder of a backup: whole and checked, or nothing; then its tables are brought up to date.

    Raises:
        BackupError: the home folder is not empty, the settings name another SQLite file, or the backup is damaged.
        StorageError: the database was written by a newer version of Dawen, or cannot be opened.
    """
    home = settings.home
    own = sqlite_file(settings.database_url)
    if own is not None and own.resolve() != (home / DATABASE).resolve():
        raise BackupError(
            f"a backup's database is restored to {str(home / DATABASE)!r}, and DAWEN_DATABASE names another: unset it"
        )
    with new_folder(home, "the backup", BackupError) as scratch:
        said = await asyncio.to_thread(extract, archive, scratch)
        await _check_database(archive, scratch / DATABASE)
    if own is None:
        await _upgrade(Database(settings.database_url))
    files = said["files"]
    return Summary(len(files), sum(file["size"] for file in files.values()), DATABASE in files)


async def _check_database(archive: Path, path: Path) -> None:
    if not path.exists():
        return
    fault = await asyncio.to_thread(find_fault, path)
    if fault is not None:
        raise BackupError(f"the database in {str(archive)!r} is damaged ({fault}): use another backup")
    await _upgrade(Database(f"sqlite:///{path}"))


async def _upgrade(database: Database) -> None:
    try:
        await database.ping()
        await migrate.upgrade(database)
    finally:
        await database.close()
