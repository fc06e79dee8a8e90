"""What is loaded beside the running bot: it holds nobody up, harms nobody when it fails, and ends with the bot."""

import asyncio
import gc
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text

from bot.app import App
from bot.dialogue import Attachment
from bot.summaries import Summaries
from bot.warming import warming
from nlp.errors import DocumentError, EncoderError
from tests.support.apps import private


@dataclass
class Rehearsal:
    """In the place of summaries: does what a test wants."""

    rehearse: Callable[[], Awaitable[None]]


def rehearsing(app: App, work: Callable[[], Awaitable[None]]) -> App:
    return replace(app, summaries=cast("Summaries", Rehearsal(work)))


def warming_tasks() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("warming")]


@pytest.fixture
def dictionary(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that read the dictionary."""
    threads: list[str] = []
    monkeypatch.setattr("bot.warming.glossary", lambda: threads.append(threading.current_thread().name))
    return threads


async def test_what_is_loaded_is_out_of_the_collectors_sight_while_the_bot_runs(
    app: App, dictionary: list[str]
) -> None:
    async def nothing() -> None:
        pass

    async with warming(rehearsing(app, nothing)):
        async with asyncio.timeout(30):
            while not gc.get_freeze_count():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        assert dictionary
    assert not gc.get_freeze_count()


async def test_it_begins_after_the_block_and_ends_with_it(app: App, dictionary: list[str]) -> None:
    seen: list[str] = []

    async def never_done() -> None:
        seen.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    async with warming(rehearsing(app, never_done)):
        assert not seen
        await asyncio.sleep(0)
        assert seen == ["begun"]
    assert seen == ["begun", "ended"]
    assert not warming_tasks()


async def test_a_bot_that_is_stopped_at_once_loads_nothing(app: App, dictionary: list[str]) -> None:
    async with warming(app):
        pass
    assert not dictionary
    assert not warming_tasks()


async def test_what_fails_is_logged_without_its_text_and_stops_nothing_else(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise EncoderError("no dictionary at /secret")

    async def unreadable() -> None:
        raise DocumentError("no page at /secret", "unreadable")

    monkeypatch.setattr("bot.warming.glossary", missing)
    with caplog.at_level(logging.WARNING):
        async with warming(rehearsing(app, unreadable)):
            await asyncio.gather(*warming_tasks())
    assert sorted(record.getMessage() for record in caplog.records) == [
        "the first Chinese words will take seconds longer: loading failed (EncoderError)",
        "the first summaries will take seconds longer: loading failed (DocumentError)",
    ]


@pytest.mark.slow
async def test_the_first_summary_finds_its_reader_there_and_nothing_was_stored(app: App, dictionary: list[str]) -> None:
    reader = app.summaries._sources._reader
    async with warming(app):
        await asyncio.gather(*warming_tasks())
    child = reader._children[0].process
    assert child is not None
    assert child.is_alive()
    assert dictionary
    assert threading.current_thread().name not in dictionary
    async with app.database.engine.connect() as connection:
        for table in ("messages", "answers", "articles"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0  # noqa: S608
    await app.summaries.respond(replace(private(""), attached=Attachment("note.txt", 9, _save)), "en")
    assert reader._children[0].process is child


async def _save(path: Path) -> None:
    path.write_text("The library was opened. " * 30, encoding="utf-8")
