"""What is looked at before a start and by `dawen doctor`: each fault with its remedy."""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import checks
from bot.app import only_bot, open_database
from bot.checks import AT_START, CHECKS, Warn, check_start, look_through
from bot.delivery import new_answer, new_message
from bot.dialogue import notice
from bot.errors import StartError
from bot.learning import put_into_service
from bot.richtext import plain
from bot.settings import Settings, load_settings
from nlp.errors import ModelError
from nlp.model_store import ModelStore
from nlp.router import KIND
from tests.support.apps import ADA, private
from tests.support.models import EXAMPLES, BagEncoder, small_router


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings on either database."""
    url = request.getfixturevalue("postgres").url.render_as_string(False) if request.param == "postgres" else ""
    return load_settings(home=tmp_path / "home", database=url.replace("+asyncpg", ""), manual=False)


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings on SQLite, without a manual."""
    return load_settings(home=tmp_path / "home", manual=False)


def free(monkeypatch: pytest.MonkeyPatch, megabytes: float) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=int(megabytes * 1e6)))


async def said(name: str, settings: Settings) -> str:
    note = await CHECKS[name](settings)
    assert isinstance(note, Warn)
    return note.detail


async def test_a_disk_that_is_nearly_full_is_warned_of_and_a_full_one_keeps_the_bot_from_starting(
    local: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    free(monkeypatch, 501)
    assert str(await CHECKS["disk"](local)).startswith("501 MB are free")
    free(monkeypatch, 499)
    await check_start(local)
    assert "only 499 MB are free for folder" in caplog.text
    assert "free some space soon" in caplog.text
    free(monkeypatch, 49)
    with pytest.raises(StartError, match=r"only 49 MB are free .+ free some space, or set DAWEN_HOME"):
        await check_start(local)


async def store_message(settings: Settings) -> None:
    async with open_database(settings) as database, database.write() as tx:
        hello = private("hello")
        await tx.people.see_user(ADA.id, ADA.name, "en")
        await tx.people.see_chat(ADA.id, "private", "")
        await tx.answers.record(new_message(hello), None, new_answer(hello, notice("en", plain("Hello!"))))


async def test_a_clock_behind_the_newest_message_is_warned_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(await CHECKS["clock"](settings)).endswith("UTC")
    await store_message(settings)
    assert str(await CHECKS["clock"](settings)).endswith("UTC")
    before = datetime.now(UTC) - timedelta(hours=23)
    monkeypatch.setattr(checks, "_now", lambda: before)
    assert str(await CHECKS["clock"](settings)).endswith("UTC")
    monkeypatch.setattr(checks, "_now", lambda: before - timedelta(hours=2))
    assert "set date and time of this machine" in await said("clock", settings)


async def test_a_clock_from_before_dawen_keeps_the_bot_from_starting(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    with pytest.raises(StartError, match="the clock says 1970-01-01 00:00 UTC, which cannot be: set date and time"):
        await check_start(local)


@pytest.mark.parametrize(("version", "warns"), [((3, 51, 2), True), ((3, 40, 1), True), ((3, 51, 3), False)])
async def test_an_old_sqlite_is_said_and_refuses_nothing(
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    version: tuple[int, int, int],
    warns: bool,
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    with caplog.at_level(logging.WARNING):
        await check_start(local)
    assert ("writes through one connection" in caplog.text) is warns


async def test_sqlite_is_of_no_concern_with_postgres(postgres_url: str, tmp_path: Path) -> None:
    assert isinstance(await CHECKS["sqlite"](load_settings(home=tmp_path, database=postgres_url)), str)


async def test_a_folder_where_a_bot_runs_is_no_fault(local: Settings) -> None:
    with only_bot(local.home):
        assert str(await CHECKS["home"](local)).endswith("where a bot runs")
    assert str(await CHECKS["home"](local)).endswith("home")


async def test_of_a_damaged_router_it_is_said_what_serves_instead(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load: Callable[..., BagEncoder] = lambda *_: BagEncoder()  # noqa: E731
    monkeypatch.setattr(checks, "open_encoder", load)
    store = ModelStore(local.models_folder)
    async with open_database(local) as database:
        first, second = [
            (await put_into_service(database, store, small_router(), EXAMPLES, ["x"])).version for _ in range(2)
        ]
    for version, words in ((second, f"the next start goes back to {first}"), (first, "the next start trains a new")):
        (store.folder(KIND, version) / "model.safetensors").write_bytes(b"?")
        with pytest.raises(ModelError, match=words):
            await CHECKS["router"](local)


async def test_a_start_looks_at_what_the_doctor_looks_at(local: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 10)
    findings = {finding.name: finding for finding in await look_through(local)}
    assert list(findings) == list(CHECKS)
    assert set(AT_START) < set(CHECKS)
    assert (findings["disk"].state, findings["disk"].ok) == ("fault", False)
