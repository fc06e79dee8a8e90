"""Documents and their chunks. The database is the truth; indexes are caches that know which generation they hold."""

import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import SHARED, Change, Changes, Chunk, ChunkVector, Document, NewChunk, NewDocument
from storage.repositories.sql import ring, table, upsert
from storage.schema import now

GREW = "knowledge"  # what is rung when documents have changed
_GENERATION = "knowledge"
_IDENTITY = "identity"
_PURGES = "purges"
_BATCH = 500
_COUNTERS = table(schema.Counter)
_OF_GENERATION = select(_COUNTERS.c.value).where(_COUNTERS.c.name == _GENERATION)


class Documents:
    """The knowledge."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, new: NewDocument) -> Change:
        """Add a document, or replace its earlier version; the same content changes nothing."""
        row = await self._find(new.scope, new.uri)
        if row is not None and row.content_hash == new.content_hash:
            return Change.UNCHANGED
        change = Change.ADDED if row is None else Change.REPLACED
        if row is None:
            row = schema.Document(scope=new.scope, uri=new.uri)
            self._session.add(row)
        else:
            await self._session.execute(delete(schema.Chunk).where(schema.Chunk.document_id == row.id))
        row.title, row.language, row.media_type = new.title, new.language, new.media_type
        row.added_by = new.added_by
        row.content_hash, row.characters, row.updated_at = new.content_hash, new.characters, now()
        await self._session.flush()
        self._session.add_all(_chunk_row(row.id, chunk) for chunk in new.chunks)
        await self._session.flush()
        row.generation = await self._grow()
        return change

    async def content_hash(self, scope: str, uri: str) -> str | None:
        """The hash of a stored document's content, if it is stored."""
        row = await self._find(scope, uri)
        return row.content_hash if row else None

    async def _find(self, scope: str, uri: str) -> schema.Document | None:
        statement = select(schema.Document).where(schema.Document.scope == scope, schema.Document.uri == uri)
        return (await self._session.scalars(statement)).one_or_none()

    async def remove(self, document_id: int) -> bool:
        """Remove a document with its chunks; false when there is none."""
        result = await self._session.execute(
            delete(schema.Document).where(schema.Document.id == document_id).returning(schema.Document.id)
        )
        if result.scalar_one_or_none() is None:
            return False
        self._session.add(schema.Removal(document_id=document_id, generation=await self._grow()))
        return True

    async def share(self, document_id: int) -> bool:
        """Make a chat's document everybody's, replacing the shared document of the same address."""
        row = await self._session.get(schema.Document, document_id)
        if row is None:
            return False
        twin = await self._find(SHARED, row.uri)
        if twin is not None and twin.id != row.id:
            await self.remove(twin.id)
        row.scope, row.generation = SHARED, await self._grow()
        return True

    async def all(self, scopes: Collection[str] | None = None) -> list[Document]:
        """All documents, or those of some scopes, by title."""
        return await self._matching(true() if scopes is None else schema.Document.scope.in_(scopes))

    async def chunks(self, keys: Sequence[int], scopes: Collection[str] | None = None) -> list[Chunk]:
        """The chunks with these keys that still exist, in the order of the keys; those of other scopes are left out."""
        given = {"keys": list(keys), "scopes": list(scopes or ())}
        rows = await self._session.execute(_chunks(everywhere=scopes is None), given)
        found = {row["id"]: Chunk(**row) for row in rows.mappings()}
        return [found[key] for key in keys if key in found]

    async def keys(self) -> set[int]:
        """The keys of all chunks."""
        return set(await self._session.scalars(select(schema.Chunk.id)))

    async def count(self) -> int:
        """How many chunks there are."""
        return await self._session.scalar(select(func.count(schema.Chunk.id))) or 0

    async def changes(self, since: int) -> Changes:
        """What became of documents after a generation; all documents for a negative one.

        Generations are committed in their order, because whoever makes one keeps the counter until the commit: none
        below the one that this leads to can come to light later.
        """
        generation = await self.generation()
        changed = await self._session.scalars(select(schema.Document.id).where(schema.Document.generation > since))
        removed = await self._session.scalars(
            select(schema.Removal.document_id).where(schema.Removal.generation > since)
        )
        return Changes(generation, frozenset(changed), frozenset(removed))

    async def vectors_of(self, documents: Collection[int]) -> AsyncIterator[list[ChunkVector]]:
        """Text and vector of all chunks of some documents, document by document, in batches of bounded size."""
        ordered = sorted(documents)
        for start in range(0, len(ordered), _BATCH):
            statement = select(schema.Chunk.id).where(schema.Chunk.document_id.in_(ordered[start : start + _BATCH]))
            keys = list(await self._session.scalars(statement.order_by(schema.Chunk.document_id, schema.Chunk.id)))
            for first in range(0, len(keys), _BATCH):
                yield await self._vectors(keys[first : first + _BATCH])

    async def vectors(self, keys: Collection[int]) -> AsyncIterator[list[ChunkVector]]:
        """Text and vector of some chunks, in batches of bounded size."""
        ordered = sorted(keys)
        for start in range(0, len(ordered), _BATCH):
            yield await self._vectors(ordered[start : start + _BATCH])

    async def _vectors(self, keys: Sequence[int]) -> list[ChunkVector]:
        chunk, document = schema.Chunk, schema.Document
        rows = await self._session.execute(
            select(
                chunk.id,
                chunk.document_id,
                document.scope,
                chunk.language,
                document.updated_at,
                document.title,
                chunk.heading,
                chunk.text,
                chunk.encoder,
                chunk.vector,
                chunk.whole,
            )
            .join(document)
            .where(chunk.id.in_(keys))
            .order_by(document.id, chunk.id)
        )
        return [ChunkVector(**row._asdict()) for row in rows]

    async def foreign_keys(self, encoder: str) -> set[int]:
        """The keys of chunks whose vectors another encoder made."""
        return set(await self._session.scalars(select(schema.Chunk.id).where(schema.Chunk.encoder != encoder)))

    async def set_vectors(self, encoder: str, vectors: dict[int, bytes]) -> None:
        """Replace the vectors of some chunks, which count as new ones to the indexes from then on."""
        for key, vector in vectors.items():
            await self._session.execute(
                update(schema.Chunk).where(schema.Chunk.id == key).values(encoder=encoder, vector=vector)
            )
        owners = select(schema.Chunk.document_id).where(schema.Chunk.id.in_(vectors))
        await self._session.execute(
            update(schema.Document).where(schema.Document.id.in_(owners)).values(generation=await self._grow())
        )

    async def generation(self) -> int:
        """How often the knowledge has changed."""
        return await self._session.scalar(_OF_GENERATION) or 0

    async def identity(self) -> int:
        """A number that this database has for ever and no other has: keys of one mean nothing in another."""
        statement = upsert(self._session, schema.Counter).values(name=_IDENTITY, value=secrets.randbits(62))
        await self._session.execute(statement.on_conflict_do_nothing())
        found = await self._session.scalars(select(schema.Counter.value).where(schema.Counter.name == _IDENTITY))
        return found.one()

    async def purges(self) -> int:
        """How often caches were to be made anew, so that nothing of what was removed is left in them."""
        return await self._session.scalar(select(schema.Counter.value).where(schema.Counter.name == _PURGES)) or 0

    async def purge(self) -> int:
        """Have every process make its caches anew; how often that was."""
        return await self._count(_PURGES)

    async def _grow(self) -> int:
        """The next generation, which nobody else can make before this transaction ends."""
        return await self._count(_GENERATION)

    async def _count(self, name: str) -> int:
        statement = upsert(self._session, schema.Counter).values(name=name, value=1)
        grown = await self._session.scalars(
            statement.on_conflict_do_update(
                index_elements=["name"], set_={"value": schema.Counter.value + 1}
            ).returning(schema.Counter.value)
        )
        value = int(grown.one())
        await ring(self._session, GREW)
        return value

    async def find(self, wanted: str) -> list[Document]:
        """The document with this number if there is one, else those with this address, else those with this title."""
        number = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else -1
        for matches in (
            schema.Document.id == number,
            schema.Document.uri == wanted,
            schema.Document.title == wanted,
        ):
            found = await self._matching(matches)
            if found:
                return found
        return []

    async def _matching(self, matches: ColumnElement[bool]) -> list[Document]:
        rows = await self._session.execute(
            select(schema.Document, func.count(schema.Chunk.id))
            .outerjoin(schema.Chunk)
            .where(matches)
            .group_by(schema.Document.id)
            .order_by(schema.Document.title, schema.Document.id)
        )
        return [_document(row, chunks) for row, chunks in rows]


def _chunk_row(document_id: int, chunk: NewChunk) -> schema.Chunk:
    return schema.Chunk(
        document_id=document_id,
        ordinal=chunk.ordinal,
        start=chunk.start,
        end=chunk.end,
        heading=chunk.heading,
        page=chunk.page,
        language=chunk.language,
        text=chunk.text,
        encoder=chunk.encoder,
        vector=chunk.vector,
        whole=chunk.whole,
    )


def _document(row: schema.Document, chunks: int) -> Document:
    return Document(
        id=row.id,
        scope=row.scope,
        uri=row.uri,
        title=row.title,
        language=row.language,
        media_type=row.media_type,
        characters=row.characters,
        chunks=chunks,
        updated_at=row.updated_at,
        added_by=row.added_by,
    )


@cache
def _chunks(*, everywhere: bool) -> Select[Any]:
    """Chunks with what `Chunk` tells of them."""
    rows, documents = table(schema.Chunk).c, table(schema.Document).c
    named = (documents.title, documents.uri, documents.scope, documents.id.label("document_id"))
    return (
        select(rows.id, *named, rows.heading, rows.page, rows.language, rows.text, rows.whole)
        .join_from(rows.id.table, documents.id.table, rows.document_id == documents.id)
        .where(rows.id.in_(bindparam("keys", expanding=True)))
        .where(true() if everywhere else documents.scope.in_(bindparam("scopes", expanding=True)))
    )
