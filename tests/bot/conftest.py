"""An application with two handbooks, one in each language, by itself and as a running bot."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.fetching import Fetcher
from bot.reading import SourceReader
from nlp.generators import GeneratorConfig, open_generator
from storage.database import Database
from tests.support.answers import Overheard
from tests.support.apps import ADA, BO, HANDBOOK_EN, HANDBOOK_ZH, add_text, private, small_app
from tests.support.telegram import Telegram, small_bot
from tests.support.web import Server, serve


@pytest.fixture(autouse=True)
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of its own future wherever this is not set."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture(scope="session")
def handbooks_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that knows the two handbooks, to be copied."""
    folder = tmp_path_factory.mktemp("handbooks")
    path = Path(shutil.copy(sqlite_template, folder / "template.db"))
    asyncio.run(_add_handbooks(path, folder))
    return path


async def _add_handbooks(path: Path, folder: Path) -> None:
    database = Database(f"sqlite:///{path}")
    async with small_app(database, folder / "home") as app:
        await add_text(app, folder, "handbook.md", HANDBOOK_EN)
        await add_text(app, folder, "shouce.md", HANDBOOK_ZH)
    await database.close()


@pytest.fixture
async def handbooks(handbooks_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database that knows the two handbooks."""
    shutil.copy(handbooks_template, tmp_path / "handbooks.db")
    database = Database(f"sqlite:///{tmp_path}/handbooks.db")
    yield database
    await database.close()


@pytest.fixture
async def app(handbooks: Database, tmp_path: Path) -> AsyncIterator[App]:
    """Two handbooks; Ada is an admin, Bo a member."""
    async with small_app(handbooks, tmp_path / "home", admins=[ADA.id], allowed_users=[BO.id]) as app:
        for person in (ADA, BO):
            await app.access.admit(person, private("", person).place)
        yield app


@pytest.fixture
async def telegram(handbooks: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A running bot with two handbooks; Ada is an admin, Bo a member."""
    async with small_bot(
        handbooks, tmp_path / "home", admins=[ADA.id], allowed_users=[BO.id], consent="assumed"
    ) as telegram:
        yield telegram


@pytest.fixture
async def closed(handbooks: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A running bot with two handbooks that knows nobody yet."""
    async with small_bot(handbooks, tmp_path / "home") as telegram:
        yield telegram


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A web server on this machine; a module with another kind of server has a fixture of its own."""
    async with serve() as found:
        yield found


@pytest.fixture
async def sources() -> AsyncIterator[SourceReader]:
    """A reader of links to this machine, which real ones refuse."""
    async with SourceReader(Fetcher(allowed=lambda address: address.is_loopback, ports=None)) as found:
        yield found


@pytest.fixture
def overheard(app: App, chat_folder: Path) -> Iterator[Overheard]:
    """The small trained model in this process, which from now on words what the application says."""
    found = Overheard(open_generator(GeneratorConfig("transformers", str(chat_folder), device="cpu")))
    app.inference.models = replace(app.inference.models, generator=found)
    yield found
    found.close()
