"""The index follows the database change by change, and is made again when it cannot be used."""

import logging
import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot import indexing
from bot.app import App
from bot.indexing import Index
from bot.inference import Inference
from bot.progress import Silence
from nlp.errors import IndexDamaged
from nlp.filters import Filter
from nlp.nearest import VectorStore
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
            await index.close()


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
    await index.refresh()
    return [hit.key for hit in await index.search(question, encoded, 5, Filter())]


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


@dataclass
class Watched:
    """What catching up did to a retriever: documents taken out, and chunks put in, per step."""

    steps: list[tuple[set[int], set[int]]] = field(default_factory=list)

    def watch(self, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
        replace_ = index._retriever.replace

        def watched(documents: Collection[int], keys: Sequence[int], *rest: Any) -> None:
            self.steps.append((set(documents), set(keys)))
            replace_(documents, keys, *rest)

        monkeypatch.setattr(index._retriever, "replace", watched)


async def test_only_what_changed_is_touched(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, watched = app.knowledge.index, Watched()
    await index.refresh()
    before = await keys(app.database)
    watched.watch(index, monkeypatch)
    await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe launch is in May.")
    await index.refresh()
    added = await keys(app.database) - before
    (plan,) = [d.id for d in await app.knowledge.documents() if d.title == "Plan"]
    (removed,) = await app.knowledge.remove("Handbook")
    await index.refresh()
    await index.refresh()
    assert watched.steps == [({plan}, added), ({removed.id}, set())]
    assert index.generation == await generation(app.database)
    assert index._retriever.vectors.keys == await keys(app.database)


async def test_caches_behind_the_database_read_only_what_is_newer(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(filled, tmp_path / "index") as index:
        shutil.copytree(tmp_path / "index", tmp_path / "before")
        await index._save()
        shutil.copy(tmp_path / "index" / "vectors.safetensors", tmp_path / "before")
        shutil.copy(tmp_path / "index" / "manifest.json", tmp_path / "before")
        async with small_app(filled, tmp_path / "other") as app:
            await app.knowledge.remove("Handbook")
            await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in May.")
            await index.refresh()  # the lexical cache is written, and the process dies before the dense one is
            shutil.copytree(tmp_path / "index" / "lexical", tmp_path / "before" / "lexical", dirs_exist_ok=True)
            await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in June.")
    monkeypatch.delattr(Retriever, "create")
    async with opened(filled, tmp_path / "before") as index:
        assert index._retriever.vectors.keys == await keys(filled)
        assert index._retriever.fits
        assert await find(index, "secret launch in June")
        assert index._retriever.lexical.search("May", 5) == []


async def test_caches_are_written_when_much_has_changed(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(filled, tmp_path / "index") as index:
        assert not (tmp_path / "index" / "manifest.json").exists()
        monkeypatch.setattr(indexing, "_SAVED_AFTER", 1)
        async with small_app(filled, tmp_path / "other") as app:
            await app.knowledge.remove("Handbook")
        await index.refresh()
        assert Retriever.load(BagEncoder(), tmp_path / "index")[1] == index.generation


async def test_a_folder_that_cannot_be_written_stops_nobody(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with opened(filled, tmp_path / "index") as index:
        monkeypatch.setattr(Retriever, "save", full)
        assert await find(index, "When are refunds paid?")
    assert "No space left on device" in caplog.text


async def test_a_database_put_back_to_an_earlier_state_is_read_anew(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await app.knowledge.index.refresh()
        async with sqlite.engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM documents")
            await connection.exec_driver_sql("UPDATE counters SET value = 0 WHERE name = 'knowledge'")
        assert await find(app.knowledge.index, "When are refunds paid?") == []
        assert app.knowledge.index.size == 0


async def test_caches_that_do_not_hold_what_the_database_holds_are_made_again(
    filled: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(filled, tmp_path / "index"):
        pass
    shutil.rmtree(tmp_path / "index" / "lexical")
    with caplog.at_level(logging.INFO, "bot.indexing"):
        async with opened(filled, tmp_path / "index") as index:
            assert index._retriever.fits
            assert index.size == len(await keys(filled))
            assert index._retriever.lexical.search("refunds", 5)
    assert "does not hold what the database holds" in caplog.text


async def test_a_large_index_is_renewed_beside_the_one_that_serves(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(filled, tmp_path / "index") as index:
        vectors = index._retriever.vectors
        monkeypatch.setattr(vectors, "graph_from", 1)
        async with small_app(filled, tmp_path / "other") as app:
            await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in May.")
            await index.refresh()
            assert index._renewal is not None
            await app.knowledge.remove("Handbook")
            await index.refresh()
        await index._renewal
        assert vectors.store.has_graph
        assert vectors.keys == await keys(filled)
        assert await find(index, "secret launch in May")


async def test_a_renewal_that_fails_leaves_the_index_as_it_was(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no room for a second index")

    async with opened(filled, tmp_path / "index") as index:
        monkeypatch.setattr(VectorStore, "graph", fail)
        monkeypatch.setattr(index._retriever.vectors, "graph_from", 1)
        await index._renew()
        assert await find(index, "When are refunds paid?")
    assert "the old one goes on serving" in caplog.text


async def test_a_chunk_of_another_encoder_is_found_by_its_words(app: App, tmp_path: Path) -> None:
    found = await keys(app.database)
    async with app.database.write() as tx:
        await tx.documents.set_vectors("wider", dict.fromkeys(found, bytes(8)))
    assert await find(app.knowledge.index, "When are refunds paid?")


async def test_what_is_on_disk_is_loaded_without_reading_texts_again(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(filled, tmp_path / "index") as index:
        size, found = index.size, await find(index, "When are refunds paid?")
    monkeypatch.delattr(Retriever, "replace")
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
