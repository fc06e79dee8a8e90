"""The index follows the database change by change, and is made again when it cannot be used."""

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.indexing import Index
from bot.inference import Inference
from bot.progress import Silence
from nlp.errors import IndexDamaged
from nlp.retriever import Retriever
from storage import migrate
from storage.database import Database
from tests.support.apps import HANDBOOK_EN, HANDBOOK_ZH, add_text, small_app, small_models
from tests.support.models import BagEncoder


@asynccontextmanager
async def opened(database: Database, folder: Path, encoder: BagEncoder | None = None) -> AsyncIterator[Index]:
    models = small_models() if encoder is None else replace(small_models(), encoder=encoder)
    async with Inference(models) as inference:
        index = Index(database, inference, folder)
        try:
            await index.open(Silence())
            yield index
        finally:
            index.close()


async def keys(database: Database) -> set[int]:
    async with database.read() as tx:
        return await tx.documents.keys()


async def generation(database: Database) -> int:
    async with database.read() as tx:
        return await tx.documents.generation()


@pytest.fixture
async def filled(database: Database, tmp_path: Path) -> Database:
    """A database that knows both handbooks."""
    async with small_app(database, tmp_path / "other") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await add_text(app, tmp_path, "shouce.md", HANDBOOK_ZH)
    return database


async def find(index: Index, question: str) -> list[int]:
    encoded = BagEncoder().encode([question], "query")
    return [hit.key for hit in await index.search(question, encoded, 5, ())]


async def test_it_holds_what_the_database_holds(filled: Database, tmp_path: Path) -> None:
    async with opened(filled, tmp_path / "index") as index:
        assert index._retriever.vectors.keys == await keys(filled)
        assert index.size == len(await keys(filled)) > 0
        assert index.generation == await generation(filled)
        assert index.is_on_disk
        assert await find(index, "When are refunds paid?")
        assert await find(index, "退款什么时候支付？")


async def test_an_empty_database_makes_an_empty_index(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "index") as index:
        assert (index.size, index.generation) == (0, 0)
        assert await find(index, "anything") == []


async def test_only_what_changed_is_touched(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = app.knowledge.index
    await index.refresh()
    before = await keys(app.database)
    changes: list[tuple[set[int], set[int]]] = []
    update = index._retriever.update

    def watched(remove: Collection[int], added: Sequence[int], *rest: Any) -> None:
        changes.append((set(remove), set(added)))
        update(remove, added, *rest)

    monkeypatch.setattr(index._retriever, "update", watched)
    await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe launch is in May.")
    await index.refresh()
    added = await keys(app.database) - before
    await app.knowledge.remove("Handbook")
    await index.refresh()
    gone = before - await keys(app.database)
    await index.refresh()
    assert [change for change in changes if change != (set(), set())] == [(set(), added), (gone, set())]
    assert index.generation == await generation(app.database)


async def test_what_is_on_disk_is_loaded_without_reading_texts_again(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(filled, tmp_path / "index") as index:
        size, found = index.size, await find(index, "When are refunds paid?")
    monkeypatch.delattr(Retriever, "update")
    async with opened(filled, tmp_path / "index") as index:
        assert (index.size, await find(index, "When are refunds paid?")) == (size, found)


async def test_changes_made_while_nobody_watched_are_caught_up_with(filled: Database, tmp_path: Path) -> None:
    async with opened(filled, tmp_path / "index"):
        pass
    async with small_app(filled, tmp_path / "other") as app:
        await app.knowledge.remove("Handbook")
        await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in May.")
    async with opened(filled, tmp_path / "index") as index:
        assert index._retriever.vectors.keys == await keys(filled)
        assert len(index._retriever.lexical) == index.size
        assert await find(index, "secret launch in May")


@pytest.mark.parametrize("victim", ["vectors.safetensors", "manifest.json", "lexical/meta.json"])
@pytest.mark.parametrize("content", [b"", b"damaged", None])
async def test_a_damaged_index_is_made_again(
    sqlite: Database, tmp_path: Path, victim: str, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await app.knowledge.index.refresh()
    path = tmp_path / "home" / "index" / victim
    path.unlink() if content is None else path.write_bytes(content)
    with caplog.at_level(logging.INFO, "bot.indexing"):
        async with opened(sqlite, tmp_path / "home" / "index") as index:
            assert index._retriever.vectors.keys == await keys(sqlite)
            assert await find(index, "When are refunds paid?")
    assert "rebuilding the index" in caplog.text
    Retriever.load(BagEncoder(), tmp_path / "home" / "index")


async def test_another_encoder_embeds_the_knowledge_again(filled: Database, tmp_path: Path) -> None:
    async with opened(filled, tmp_path / "index"):
        pass
    encoder = BagEncoder("another")
    async with opened(filled, tmp_path / "index", encoder) as index:
        assert index._retriever.vectors.keys == await keys(filled)
    assert sum(map(len, encoder.calls)) == len(await keys(filled))
    async with filled.read() as tx:
        assert await tx.documents.foreign_keys("another") == set()
    with pytest.raises(IndexDamaged):
        Retriever.load(BagEncoder(), tmp_path / "index")


async def test_an_index_of_another_database_is_not_believed(
    sqlite: Database, empty_sqlite: Database, tmp_path: Path
) -> None:
    await migrate.upgrade(empty_sqlite)
    async with small_app(sqlite, tmp_path / "one") as app:
        await add_text(app, tmp_path, "a.md", "# Alpha\n\nRefunds are paid in May.")
    async with small_app(empty_sqlite, tmp_path / "two") as app:
        await add_text(app, tmp_path, "b.md", "# Beta\n\nPenguins live in the south.")
    assert await keys(sqlite) == await keys(empty_sqlite)
    async with opened(sqlite, tmp_path / "index"):
        pass
    async with opened(empty_sqlite, tmp_path / "index") as index:
        assert await find(index, "Where do penguins live?")
        assert index._retriever.lexical.search("refunds paid", 5) == []


async def test_the_folder_is_free_after_closing(sqlite: Database, tmp_path: Path) -> None:
    async with opened(sqlite, tmp_path / "index") as first, opened(sqlite, tmp_path / "index") as second:
        assert (first.is_on_disk, second.is_on_disk) == (True, False)
    async with opened(sqlite, tmp_path / "index") as third:
        assert third.is_on_disk
