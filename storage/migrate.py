"""Bringing the tables up to date, and telling whether they are."""

import io
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

import migrations
from storage.database import Database
from storage.errors import SchemaOutdated

_LOCK = 0xDA3E  # of several processes that start, one brings the tables up to date


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the migrations that come with Dawen."""
    config = Config(stdout=io.StringIO())  # Alembic prints its findings; ours are exceptions
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def newest() -> str | None:
    """The revision that this version of Dawen works with."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


async def current(database: Database) -> str | None:
    """The revision that the database has; None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(database: Database, target: str = "head") -> None:
    """Bring the tables to `target`, all or nothing.

    Raises:
        SchemaOutdated: the database was written by a newer version of Dawen.
    """
    try:
        await _run(database, lambda config: command.upgrade(config, target))
    except CommandError as error:
        raise SchemaOutdated(
            f"database {database.describe()!r} is at a revision that this version does not know: update Dawen"
        ) from error


async def downgrade(database: Database, target: str) -> None:
    """Take the tables back to `target`; "base" removes them."""
    await _run(database, lambda config: command.downgrade(config, target))


async def check(database: Database) -> None:
    """Compare the tables with what this version expects.

    Raises:
        SchemaOutdated: they differ.
    """
    if await current(database) != newest():
        raise SchemaOutdated(f"database {database.describe()!r} is not up to date: run 'dawen db upgrade'")
    try:
        await _run(database, command.check)
    except CommandError as error:
        raise SchemaOutdated(f"the tables of {database.describe()!r} were changed by hand: {error}") from error


async def _run(database: Database, action: Callable[[Config], object]) -> None:
    async with database.engine.execution_options(writes=True).begin() as connection:
        if not database.is_sqlite:  # SQLite has one writer at a time anyhow
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(lambda sync: action(configuration(sync)))
