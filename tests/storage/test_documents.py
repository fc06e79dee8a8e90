"""Documents and chunks keep their contract on both databases."""

import asyncio

from storage import migrate
from storage.database import Database
from storage.records import SHARED, Change, Changes, NewChunk, NewDocument


def chunk(ordinal: int, text: str, encoder: str = "e1") -> NewChunk:
    return NewChunk(ordinal, 0, len(text), "差旅 › Limits", 2, "en", text, encoder, b"\x00\x00\x80?" * 2)


def document(uri: str = "file:///a.md", *texts: str, scope: str = SHARED, version: str = "1") -> NewDocument:
    chunks = tuple(chunk(number, text) for number, text in enumerate(texts or ("one", "two")))
    return NewDocument(scope, uri, "Handbook 手册", "en", "text/markdown", f"hash{version}", 100, chunks)


async def save(database: Database, new: NewDocument) -> Change:
    async with database.write() as tx:
        return await tx.documents.save(new)


async def test_a_document_is_added_once(database: Database) -> None:
    assert await save(database, document()) is Change.ADDED
    async with database.read() as tx:
        generation, keys = await tx.documents.generation(), await tx.documents.keys()
        assert await tx.documents.content_hash(SHARED, "file:///a.md") == "hash1"
    assert await save(database, document()) is Change.UNCHANGED
    async with database.read() as tx:
        assert (await tx.documents.generation(), await tx.documents.keys()) == (generation, keys)


async def test_a_new_version_replaces_the_old_one_under_new_keys(database: Database) -> None:
    await save(database, document())
    async with database.read() as tx:
        old, before = await tx.documents.keys(), await tx.documents.generation()
    assert await save(database, document("file:///a.md", "three", version="2")) is Change.REPLACED
    async with database.read() as tx:
        new = await tx.documents.keys()
        assert await tx.documents.generation() > before
        assert [c.text for c in await tx.documents.chunks(sorted(new))] == ["three"]
    assert not old & new


async def test_keys_are_never_used_again(database: Database) -> None:
    await save(database, document())
    async with database.write() as tx:
        (listed,) = await tx.documents.all()
        gone = await tx.documents.keys()
        assert await tx.documents.remove(listed.id)
        assert not await tx.documents.remove(listed.id)
    await save(database, document())
    async with database.read() as tx:
        assert not gone & await tx.documents.keys()


async def test_chunks_come_with_what_it_takes_to_cite_them(database: Database) -> None:
    await save(database, document())
    async with database.read() as tx:
        keys = sorted(await tx.documents.keys())
        chunks = await tx.documents.chunks([keys[1], 10_000, keys[0]])
    assert [c.text for c in chunks] == ["two", "one"]
    assert (chunks[0].title, chunks[0].heading, chunks[0].page, chunks[0].scope) == (
        "Handbook 手册",
        "差旅 › Limits",
        2,
        SHARED,
    )


async def test_a_scope_hides_its_chunks_from_the_others(database: Database) -> None:
    await save(database, document("file:///a.md", "open"))
    await save(database, document("file:///b.md", "secret", scope="chat:5"))
    async with database.read() as tx:
        keys = sorted(await tx.documents.keys())
        for scopes, texts in (({SHARED}, ["open"]), ({SHARED, "chat:5"}, ["open", "secret"]), (set[str](), [])):
            assert [c.text for c in await tx.documents.chunks(keys, scopes)] == texts
        assert [d.uri for d in await tx.documents.all({"chat:5"})] == ["file:///b.md"]


async def changes(database: Database, since: int) -> Changes:
    async with database.read() as tx:
        return await tx.documents.changes(since)


async def test_changes_are_told_from_any_generation_on(database: Database) -> None:
    await save(database, document("file:///a.md"))
    await save(database, document("file:///b.md", scope="chat:5"))
    async with database.write() as tx:
        ids = {listed.uri: listed.id for listed in await tx.documents.all()}
        a, b = ids["file:///a.md"], ids["file:///b.md"]
    start = await changes(database, -1)
    assert start == Changes(2, frozenset({a, b}), frozenset())
    assert (await changes(database, 1)).changed == {b}
    await save(database, document("file:///a.md", "three", version="2"))
    async with database.write() as tx:
        await tx.documents.share(b)
    assert (await changes(database, 2)).changed == {a, b}
    async with database.write() as tx:
        await tx.documents.remove(a)
    after = await changes(database, 4)
    assert after == Changes(5, frozenset(), frozenset({a}))
    assert await changes(database, 5) == Changes(5, frozenset(), frozenset())


async def test_whoever_is_replaced_by_sharing_is_told_as_gone(database: Database) -> None:
    await save(database, document("telegram:a.md", "old"))
    await save(database, document("telegram:a.md", "new", scope="chat:5"))
    async with database.write() as tx:
        ids = {listed.scope: listed.id for listed in await tx.documents.all()}
        await tx.documents.share(ids["chat:5"])
    assert await changes(database, 2) == Changes(4, frozenset({ids["chat:5"]}), frozenset({ids[SHARED]}))


async def test_generations_come_to_light_in_their_order(database: Database) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for number in range(12):
            group.create_task(save(database, document(f"file:///{number}.md")))
    seen, generation = set[int](), 0
    while (found := await changes(database, generation)).changed:
        seen |= found.changed
        generation = found.generation
    assert (len(seen), generation) == (12, 12)


async def test_vectors_of_documents_come_document_by_document(database: Database) -> None:
    await save(database, document("file:///a.md", "one", "two", scope="chat:5"))
    await save(database, document("file:///b.md", "three"))
    async with database.read() as tx:
        ids = sorted(listed.id for listed in await tx.documents.all())
        rows = [row async for batch in tx.documents.vectors_of(ids) for row in batch]
        assert [(r.document_id, r.scope, r.language, r.text) for r in rows] == [
            (ids[0], "chat:5", "en", "one"),
            (ids[0], "chat:5", "en", "two"),
            (ids[1], SHARED, "en", "three"),
        ]
        assert [r.text async for batch in tx.documents.vectors_of(ids[1:]) for r in batch] == ["three"]
        assert await tx.documents.count() == 3


async def test_sharing_replaces_the_shared_document_of_the_same_address(database: Database) -> None:
    await save(database, document("telegram:a.md", "old"))
    await save(database, document("telegram:a.md", "new", scope="chat:5"))
    async with database.write() as tx:
        (mine,) = await tx.documents.all({"chat:5"})
        assert await tx.documents.share(mine.id)
        assert not await tx.documents.share(12_345)
        (left,) = await tx.documents.all()
        texts = [c.text for c in await tx.documents.chunks(sorted(await tx.documents.keys()))]
    assert (left.id, left.scope, texts) == (mine.id, SHARED, ["new"])


async def test_vectors_come_in_batches_and_can_be_made_anew(database: Database) -> None:
    await save(database, document("file:///a.md", *(f"text {n}" for n in range(12))))
    async with database.write() as tx:
        keys = await tx.documents.keys()
        rows = [row async for batch in tx.documents.vectors(keys) for row in batch]
        assert [row.text for row in rows] == [f"text {n}" for n in range(12)]
        assert await tx.documents.foreign_keys("e2") == keys
        before = await tx.documents.generation()
        await tx.documents.set_vectors("e2", dict.fromkeys(keys, b"\x00" * 8))
        assert await tx.documents.foreign_keys("e2") == set()
        assert (await tx.documents.changes(before)).changed == {rows[0].document_id}
        assert await tx.documents.generation() > before


async def test_documents_are_found_by_number_address_or_title(database: Database) -> None:
    await save(database, document())
    async with database.read() as tx:
        (listed,) = await tx.documents.all()
        for wanted in (str(listed.id), "file:///a.md", "Handbook 手册"):
            assert [d.id for d in await tx.documents.find(wanted)] == [listed.id]
        assert await tx.documents.find("9" * 30) == []
    assert (listed.chunks, listed.characters) == (2, 100)


async def test_an_address_goes_before_a_title_and_all_of_one_title_are_found(database: Database) -> None:
    from dataclasses import replace

    for uri, title in (("file:///1.md", "Rules"), ("file:///2.md", "Rules"), ("file:///3.md", "file:///1.md")):
        await save(database, replace(document(), uri=uri, title=title))
    async with database.read() as tx:
        assert [d.uri for d in await tx.documents.find("file:///1.md")] == ["file:///1.md"]
        assert [d.uri for d in await tx.documents.find("Rules")] == ["file:///1.md", "file:///2.md"]


async def test_a_citation_outlives_its_document(database: Database) -> None:
    from dataclasses import replace

    from storage.records import NewMessage, Source
    from tests.storage.test_answers import answer, meet, record

    await meet(database)
    await save(database, document())
    async with database.read() as tx:
        key = min(await tx.documents.keys())
    cited = replace(answer(), sources=(Source(1, "Handbook", "p. 2", "one", 0.5, key),))
    answer_id = await record(database, NewMessage(10, "q", 1), cited)
    async with database.write() as tx:
        (listed,) = await tx.documents.all()
        await tx.documents.remove(listed.id)
    async with database.read() as tx:
        assert await tx.answers.sources(answer_id) == [Source(1, "Handbook", "p. 2", "one", 0.5, None)]


async def test_a_database_knows_itself_for_ever(database: Database, empty_sqlite: Database) -> None:
    async with database.write() as tx:
        before = await tx.documents.identity()
    await save(database, document())
    async with database.write() as tx:
        assert await tx.documents.identity() == before
    await migrate.upgrade(empty_sqlite)
    async with empty_sqlite.write() as tx:
        assert await tx.documents.identity() != before


async def test_a_whole_chunk_stays_whole(database: Database) -> None:
    from dataclasses import replace

    parts = tuple(replace(chunk(number, "text"), whole=bool(number)) for number in range(2))
    await save(database, replace(document(), chunks=parts))
    async with database.read() as tx:
        keys = await tx.documents.keys()
        assert [c.whole for c in await tx.documents.chunks(sorted(keys))] == [False, True]
        assert [c.whole async for batch in tx.documents.vectors(keys) for c in batch] == [False, True]
