"""Databases with all tables, made once."""

import asyncio
from pathlib import Path

from storage import migrate
from storage.database import Database


def make_postgres(url: str) -> str:
    """Make all tables in the PostgreSQL database at `url`, and return the URL."""
    asyncio.run(_upgrade(url))
    return url


def make_sqlite_template(path: Path) -> Path:
    """Make a SQLite file with all tables."""
    asyncio.run(_upgrade(f"sqlite:///{path}"))
    return path


async def _upgrade(url: str) -> None:
    database = Database(url)
    await migrate.upgrade(database)
    await database.close()
