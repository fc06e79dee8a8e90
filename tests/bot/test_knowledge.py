"""Knowledge: adding, replacing, removing, searching; scopes; indexes that follow the database."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import App
from bot.errors import RemovalError
from bot.knowledge import Source, chat_scope, visible_scopes
from bot.progress import Progress, Silence
from bot.reading import save_page
from nlp.encoder import Encoded
from nlp.errors import DocumentError
from storage.database import Database
from storage.records import SHARED, Change
from tests.support.apps import HANDBOOK_EN, add_text, small_app


async def titles(app: App, question: str, chat: int | None = None) -> list[str]:
    encoded: Encoded = app.inference.models.encoder.encode([question], "query")
    found = await app.knowledge.search(question, encoded, visible_scopes(chat), 3)
    return [passage.title for passage, _ in found]


async def test_what_was_added_is_found_in_its_language(app: App) -> None:
    assert (await titles(app, "When are refunds paid?"))[0] == "Handbook"
    assert (await titles(app, "退款什么时候支付？"))[0] == "员工手册"


async def test_the_same_file_twice_changes_nothing(app: App, tmp_path: Path) -> None:
    before = app.knowledge.index.generation
    (tmp_path / "handbook.md").write_text(HANDBOOK_EN, encoding="utf-8")
    source = Source(tmp_path / "handbook.md", "file:///handbook.md")
    added = await app.knowledge.add(source)
    assert (added.change, added.chunks) == (Change.UNCHANGED, 0)
    await app.knowledge.index.refresh()
    assert app.knowledge.index.generation in (before, before + 2)
    assert len(await app.knowledge.documents()) == 2


async def test_a_new_version_replaces_the_old_one(app: App, tmp_path: Path) -> None:
    await add_text(app, tmp_path, "handbook.md", "# Handbook\n\nParcels arrive on Monday.")
    assert (await titles(app, "parcels on monday"))[0] == "Handbook"
    (document,) = [d for d in await app.knowledge.documents() if d.title == "Handbook"]
    assert document.chunks == 1


async def test_a_removed_document_is_found_no_more(app: App) -> None:
    (removed,) = await app.knowledge.remove("Handbook")
    assert removed.title == "Handbook"
    assert "Handbook" not in await titles(app, "When are refunds paid?")
    assert await app.knowledge.remove("Handbook") == []


async def test_a_file_of_a_chat_is_found_in_that_chat_alone(app: App, tmp_path: Path) -> None:
    await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in May.", scope=chat_scope(5))
    question = "When is the secret launch?"
    assert "Plan" in await titles(app, question, 5)
    assert "Plan" not in await titles(app, question, 6)
    assert "Plan" not in await titles(app, question)
    (document,) = await app.knowledge.documents({chat_scope(5)})
    assert await app.knowledge.share(document.id)
    assert "Plan" in await titles(app, question, 6)


async def test_a_copy_of_a_passage_takes_no_place_of_another(app: App, tmp_path: Path) -> None:
    for name in ("copy.md", "second.md", "third.md"):
        await add_text(app, tmp_path, name, HANDBOOK_EN)
    encoded = app.inference.models.encoder.encode(["When are refunds paid?"], "query")
    found = await app.knowledge.search("When are refunds paid?", encoded, {SHARED}, 3)
    texts = [passage.text for passage, _ in found]
    assert len(set(texts)) == len(texts) > 1
    assert texts[0].startswith("Refunds are paid")


async def test_topics_of_a_forum_are_apart(app: App, tmp_path: Path) -> None:
    await add_text(app, tmp_path, "plan.md", "# Plan\n\nThe secret launch is in May.", scope=chat_scope(5, 2))
    encoded = app.inference.models.encoder.encode(["secret launch"], "query")
    assert "Plan" not in await titles(app, "secret launch", 5)
    found = await app.knowledge.search("secret launch", encoded, visible_scopes(5, 2), 3)
    assert found[0][0].title == "Plan"


async def test_a_file_that_cannot_be_read_leaves_what_was_known(app: App, tmp_path: Path) -> None:
    (tmp_path / "handbook.md").write_text("   \n")
    with pytest.raises(DocumentError, match="holds no text"):
        await app.knowledge.add(Source(tmp_path / "handbook.md", "file:///handbook.md"))
    assert (await titles(app, "When are refunds paid?"))[0] == "Handbook"
    with pytest.raises(DocumentError, match="cannot be read"):
        await app.knowledge.add(Source(tmp_path / "nowhere.md", "file:///nowhere.md"))


async def test_the_manual_is_kept_up_to_date(app: App, tmp_path: Path) -> None:
    manual = tmp_path / "manual" / "en"
    manual.mkdir(parents=True)
    (manual / "a.md").write_text("# Alpha\n\nAlpha text here.")
    (manual / "b.md").write_text("# Beta\n\nBeta text here.")
    said = io.StringIO()
    await app.knowledge.add_manual(tmp_path / "manual", Progress(Console(file=said)))
    assert "Reading the manual" in said.getvalue()
    (manual / "b.md").unlink()
    said = io.StringIO()
    await app.knowledge.add_manual(tmp_path / "manual", Progress(Console(file=said)))
    assert not said.getvalue()  # nothing is to be read
    assert {d.uri for d in await app.knowledge.documents()} >= {"manual:en/a.md"}
    assert "manual:en/b.md" not in {d.uri for d in await app.knowledge.documents()}


async def test_the_manual_is_dropped_where_it_is_not_wanted(app: App, tmp_path: Path) -> None:
    manual = tmp_path / "manual" / "en"
    manual.mkdir(parents=True)
    (manual / "a.md").write_text("# Handbook\n\nAlpha text here.")
    await app.knowledge.add_manual(tmp_path / "manual", Silence())
    await app.knowledge.drop_manual()
    assert {d.title for d in await app.knowledge.documents()} == {"Handbook", "员工手册"}
    assert not [d for d in await app.knowledge.documents() if d.uri.startswith("manual:")]


async def test_of_several_documents_with_one_title_none_is_removed(app: App, tmp_path: Path) -> None:
    await add_text(app, tmp_path, "other.md", "# Handbook\n\nParcels arrive on Monday.")
    with pytest.raises(RemovalError, match="2 documents are called 'Handbook', none was removed"):
        await app.knowledge.remove("Handbook")
    assert len(await app.knowledge.documents()) == 3


async def test_caches_are_loaded_again_and_followed(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await app.knowledge.index.refresh()
        generation = app.knowledge.index.generation
    async with small_app(sqlite, tmp_path / "home") as app:
        assert app.knowledge.index.is_on_disk
        assert app.knowledge.index.generation == generation
        assert (await titles(app, "When are refunds paid?"))[0] == "Handbook"


@pytest.mark.parametrize("victim", ["vectors.safetensors", "manifest.json", "lexical/meta.json"])
async def test_damaged_caches_are_made_again(sqlite: Database, tmp_path: Path, victim: str) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await app.knowledge.index.refresh()
    (tmp_path / "home" / "index" / victim).write_bytes(b"damaged")
    async with small_app(sqlite, tmp_path / "home") as app:
        assert (await titles(app, "When are refunds paid?"))[0] == "Handbook"


async def test_a_second_process_searches_in_memory_and_sees_what_the_first_adds(
    sqlite: Database, tmp_path: Path
) -> None:
    async with small_app(sqlite, tmp_path / "home") as first, small_app(sqlite, tmp_path / "home") as second:
        assert first.knowledge.index.is_on_disk
        assert not second.knowledge.index.is_on_disk
        await add_text(first, tmp_path, "handbook.md", HANDBOOK_EN)
        assert (await titles(second, "When are refunds paid?"))[0] == "Handbook"
        await second.knowledge.remove("Handbook")
        assert await titles(first, "When are refunds paid?") == []


async def test_many_searches_and_changes_at_once(app: App, tmp_path: Path) -> None:
    async def change(number: int) -> None:
        await add_text(app, tmp_path, f"{number}.md", f"# Doc {number}\n\nTopic number{number} is here.")

    await asyncio.gather(*(change(n) for n in range(8)), *(titles(app, "refunds paid") for _ in range(8)))
    for number in range(8):
        assert (await titles(app, f"number{number}"))[0] == f"Doc {number}"
    assert len(app.knowledge.index._retriever.lexical) == len(app.knowledge.index._retriever.vectors)


def test_pages_are_saved_as_utf8_whatever_their_charset(tmp_path: Path) -> None:
    path = save_page("<p>你好</p>".encode("gb18030"), "text/html", "gb18030", tmp_path)
    assert path.suffix == ".html"
    assert path.read_text(encoding="utf-8-sig") == "<p>你好</p>"


def test_scopes() -> None:
    assert visible_scopes(None) == {SHARED}
    assert visible_scopes(-5, 2) == {SHARED, "chat:-5:2"}
