"""Alembic's entry: async engines, batch mode for SQLite, the URL from `storage.migrate` or DAWEN_DATABASE."""

import asyncio
import os
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from storage.database import Database
from storage.schema import Base, UtcDateTime


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations stand alone: they name plain types, not ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Migrate the database that the environment names: the way of the plain `alembic` command."""
    database = Database(os.environ.get("DAWEN_DATABASE", "sqlite:///data/dawen.db"))
    async with database.engine.execution_options(writes=True).connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await database.close()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(connect_and_run())
