"""Copies of a SQLite database that is in use, and whether a file is a sound one."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import Database, sqlite_file
from storage.errors import DatabaseUnavailable


async def copy_sqlite(database: Database, target: Path) -> None:
    """Copy a SQLite database to the new file `target`, as it is at one moment, while others go on writing.

    SQLite's backup takes all pages in one step, as a reader: in WAL mode that holds up no writer, and none makes it
    begin anew.

    Raises:
        DatabaseUnavailable: the database or the file cannot be opened, or the copy is not sound.
    """
    source = sqlite_file(database.url)
    if source is None:
        raise DatabaseUnavailable(f"{database.describe()!r} is no file that can be copied: use its own tools")
    await asyncio.to_thread(_copy, source, target)
    fault = await asyncio.to_thread(find_fault, target)
    if fault is not None:
        raise DatabaseUnavailable(f"database {str(source)!r} is damaged ({fault}): restore an earlier backup")


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(_reader(source)) as reader, closing(sqlite3.connect(target)) as copy:
            reader.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # so that the copy is one file
    except sqlite3.Error as error:
        raise DatabaseUnavailable(
            f"database {str(source)!r} cannot be copied ({error}): check the file and the space on the disk"
        ) from error


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def find_fault(path: Path) -> str | None:
    """What is wrong with a SQLite file, by SQLite's own full check; None where it is sound."""
    try:
        with closing(_reader(path)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else found.splitlines()[0]
