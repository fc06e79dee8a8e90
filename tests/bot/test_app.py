"""The composition root: what is checked before anything starts, and what is taken down."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import check_home, only_bot, open_app, open_database
from bot.errors import StartError
from bot.own_manual import manual_folder
from bot.progress import Silence
from bot.settings import load_settings
from nlp.errors import EncoderError
from storage import migrate
from storage.database import Database
from storage.errors import DatabaseUnavailable, SchemaOutdated
from tests.support.apps import small_app


def test_a_home_is_made_with_its_parents(tmp_path: Path) -> None:
    check_home(tmp_path / "a" / "b")
    check_home(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("home", ["file", "file/below"])
def test_a_home_that_cannot_be_a_folder_is_named(tmp_path: Path, home: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"cannot be made \(.+\): set DAWEN_HOME to another") as caught:
        check_home(tmp_path / home)
    assert repr(str(tmp_path / home)) in str(caught.value)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(StartError, match="cannot be written: change its permissions or set DAWEN_HOME"):
        check_home(tmp_path)


def test_a_home_has_one_bot_at_a_time(tmp_path: Path) -> None:
    refused = pytest.raises(StartError, match=r"another bot runs on folder .+: stop it, or set DAWEN_HOME")
    with only_bot(tmp_path / "home"), only_bot(tmp_path / "other"), refused, only_bot(tmp_path / "home"):
        pass
    with only_bot(tmp_path / "home"):
        pass


async def test_a_manual_that_is_no_longer_wanted_is_dropped_at_the_next_start(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        await app.knowledge.add_manual(manual_folder(), Silence())
        assert await app.knowledge.documents()
    async with small_app(sqlite, tmp_path / "home") as app:
        assert await app.knowledge.documents() == []


def test_the_manual_has_the_same_pages_in_both_languages() -> None:
    pages = {language: {page.name for page in (manual_folder() / language).glob("*.md")} for language in ("en", "zh")}
    assert pages["en"] == pages["zh"]
    assert len(pages["en"]) > 3


async def test_a_database_is_made_and_brought_up_to_date(tmp_path: Path) -> None:
    async with open_database(load_settings(home=tmp_path / "home")) as database:
        assert await migrate.current(database) == migrate.newest()
    assert (tmp_path / "home" / "dawen.db").is_file()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    newest = migrate.newest()
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(SchemaOutdated, match="update Dawen"):
            async with open_database(load_settings(database=url)):
                pass
        assert await migrate.current(database) == "9999"
    finally:
        async with database.engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


async def test_an_unreachable_database_is_told_before_models_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("bot.sites.load_encoder")
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1"):
        async with open_app(load_settings(home=tmp_path, database="postgresql://ada:x@127.0.0.1:1/x"), Silence()):
            pass


async def test_an_encoder_that_cannot_be_loaded_closes_the_database(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="device 'tpu' is not known"):
        async with open_app(load_settings(home=tmp_path, device="tpu"), Silence()):
            pass
    assert not (tmp_path / "dawen.db-wal").exists()


async def test_an_application_leaves_its_folder_to_the_next(sqlite: Database, tmp_path: Path) -> None:
    for _ in range(2):
        async with small_app(sqlite, tmp_path / "home") as app:
            assert app.knowledge.index.is_on_disk
            assert app.settings.home == tmp_path / "home"


async def test_an_application_that_fails_half_way_lets_go_of_what_it_opened(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.Voting", None)
    with pytest.raises(TypeError):
        async with small_app(sqlite, tmp_path / "home"):
            pass
    monkeypatch.undo()
    async with small_app(sqlite, tmp_path / "home") as app:
        assert app.knowledge.index.is_on_disk
