"""Use case: what the bot knows. Adding, listing, removing and searching documents."""

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from bot.embedding import embed
from bot.errors import RemovalError
from bot.indexing import Index
from bot.inference import Inference
from bot.progress import Advance, Progress, no_advance
from bot.reading import SourceReader
from bot.sitemaps import Listing, list_pages
from nlp.chunks import chunk
from nlp.documents import check_file
from nlp.encoder import Encoded
from nlp.errors import DocumentError
from nlp.filters import EVERYTHING, Filter
from nlp.folders import sha256
from nlp.passages import SPARE, distinct
from nlp.reranker import Reranking
from nlp.types import Chunk, Hit, Passage, embedded
from nlp.types import Document as Text
from storage.database import Database
from storage.records import SHARED, Change, Document, NewChunk, NewDocument
from storage.records import Chunk as StoredChunk

_FORMAT = "3"  # part of the content hash: raise it when documents should be cut anew
_MANUAL = "manual:"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to add: `uri` names the document, `scope` who may find it, `media_type` overrides the file's ending."""

    path: Path
    uri: str
    scope: str = SHARED
    media_type: str = ""
    added_by: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a source."""

    uri: str
    title: str
    change: Change
    chunks: int


def chat_scope(chat_id: int, thread_id: int | None = None) -> str:
    """The scope of documents that a chat, or one of its forum topics, keeps to itself."""
    return f"chat:{chat_id}" if thread_id is None else f"chat:{chat_id}:{thread_id}"


def visible_scopes(chat_id: int | None, thread_id: int | None = None) -> frozenset[str]:
    """What somebody in a conversation may find: the shared knowledge and that conversation's own."""
    return frozenset({SHARED} if chat_id is None else {SHARED, chat_scope(chat_id, thread_id)})


class Knowledge:
    """The documents, and the way to find things in them."""

    def __init__(
        self,
        database: Database,
        inference: Inference,
        index: Index,
        sources: SourceReader,
        reranking: Reranking | None = None,
    ) -> None:
        self._database = database
        self._inference = inference
        self._sources = sources
        self._reranking = reranking
        self.index = index

    async def search(
        self, question: str, encoded: Encoded, scopes: Collection[str], limit: int, wanted: Filter = EVERYTHING
    ) -> list[tuple[Passage, Hit]]:
        """The passages that speak to a question, best first, from the given scopes only; `wanted` narrows them further.

        The indexes look nowhere else, and what they found is read from the database for these scopes once more.
        A passage that repeats a better one is left out.
        """
        within = replace(wanted, scopes=frozenset(scopes))
        found, generation = await self._look(question, encoded, limit + SPARE, within)
        if generation != self.index.generation:  # the documents have changed
            await self.index.refresh()
            found, _ = await self._look(question, encoded, limit + SPARE, within)
        if self._reranking is not None:
            found = await self._inference.ask(self._reranking.apply, question, found)
        return await self._inference.run(distinct, found, limit)

    async def _look(
        self, question: str, encoded: Encoded, limit: int, wanted: Filter
    ) -> tuple[list[tuple[Passage, Hit]], int]:
        """What the indexes find and the database still has, and the generation of the knowledge there."""
        hits = await self.index.search(question, encoded, limit, wanted)
        async with self._database.read() as tx:
            generation = await tx.documents.generation()
            chunks = {chunk.id: chunk for chunk in await tx.documents.chunks([hit.key for hit in hits], wanted.scopes)}
        return [(_passage(chunks[hit.key]), hit) for hit in hits if hit.key in chunks], generation

    async def add(self, source: Source, advance: Advance = no_advance) -> Added:
        """Add a file; the same content changes nothing, a new version replaces the old one.

        Raises:
            DocumentError: it cannot be read; what was known before stays.
        """
        check_file(source.path, source.media_type)
        digest, known = await self._digest(source)
        if known:
            return Added(source.uri, source.path.name, Change.UNCHANGED, 0)
        text = await self._sources.file(source.path, source.media_type)
        return await self._store(source, text, digest, advance)

    async def _digest(self, source: Source) -> tuple[str, bool]:
        """What tells the content of a file from any other, and whether it is known already."""
        content = f"{_FORMAT}:{await asyncio.to_thread(_file_sha256, source.path)}"
        digest = hashlib.sha256(content.encode()).hexdigest()
        async with self._database.read() as tx:
            return digest, digest == await tx.documents.content_hash(source.scope, source.uri)

    async def add_url(self, url: str, scope: str = SHARED, added_by: int | None = None) -> Added:
        """Add the page that a link leads to.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it holds nothing to read.
        """
        async with self._sources.page(url) as page:
            return await self.add(Source(page.path, url, scope, page.media_type, added_by))

    async def keep(self, text: Text, uri: str, added_by: int, scope: str = SHARED) -> Added:
        """Put a text that no file holds into the knowledge; an earlier one of the same address is replaced."""
        said = "\0".join([_FORMAT, str(added_by), text.title, *(s.heading for s in text.sections), text.text])
        source = Source(Path(uri), uri, scope, added_by=added_by)
        return await self._store(source, text, hashlib.sha256(said.encode()).hexdigest(), no_advance)

    async def pages(self, sitemap: str) -> Listing:
        """The pages that a sitemap leads to, to be added one by one.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it is no sitemap.
        """
        return await list_pages(sitemap, self._sources)

    async def _store(self, source: Source, text: Text, digest: str, advance: Advance) -> Added:
        new = await self._embed(source, text, digest, advance)
        async with self._database.write() as tx:
            change = await tx.documents.save(new)
        return Added(source.uri, text.title, change, len(new.chunks))

    async def _embed(self, source: Source, text: Text, digest: str, advance: Advance) -> NewDocument:
        pieces = chunk(text)
        vectors = await embed(
            self._inference, [embedded(text.title, p.heading, p.text, p.whole) for p in pieces], advance
        )
        encoder = self._inference.models.encoder.fingerprint
        return NewDocument(
            scope=source.scope,
            uri=source.uri,
            title=text.title,
            language=text.language,
            media_type=text.media_type,
            content_hash=digest,
            characters=len(text.text),
            chunks=tuple(_new_chunk(piece, encoder, vector) for piece, vector in zip(pieces, vectors, strict=True)),
            added_by=source.added_by,
        )

    async def documents(self, scopes: Collection[str] | None = None) -> list[Document]:
        """All documents, or those of some scopes."""
        async with self._database.read() as tx:
            return await tx.documents.all(scopes)

    async def remove(self, wanted: str) -> list[Document]:
        """Remove the document with this number, address or title; returns what was removed.

        Raises:
            RemovalError: several documents have that address or title; none is removed.
        """
        async with self._database.write() as tx:
            found = await tx.documents.find(wanted)
            if len(found) > 1:
                numbers = ", ".join(str(number) for number in sorted(document.id for document in found))
                raise RemovalError(
                    f"{len(found)} documents are called {wanted!r}, none was removed: "
                    f"name one by its number ({numbers})"
                )
            for document in found:
                await tx.documents.remove(document.id)
        return found

    async def share(self, document_id: int) -> bool:
        """Make a chat's document everybody's; false when it is gone."""
        async with self._database.write() as tx:
            return await tx.documents.share(document_id)

    async def add_manual(self, folder: Path, progress: Progress) -> None:
        """Bring Dawen's own manual up to date in the shared knowledge, and drop pages that it no longer has."""
        found = sorted(folder.glob("*/*.md"))
        pages = [Source(page, f"{_MANUAL}{page.relative_to(folder).as_posix()}") for page in found]
        changed = [page for page in pages if not (await self._digest(page))[1]]
        if changed:
            with progress.job("Reading the manual") as advance:
                for number, page in enumerate(changed, 1):
                    await self.add(page)
                    advance(number, len(changed))
        await self._keep_manual({page.uri for page in pages})

    async def drop_manual(self) -> None:
        """Take the manual out of the shared knowledge, where it is there from an earlier start."""
        await self._keep_manual(frozenset())

    async def _keep_manual(self, uris: Collection[str]) -> None:
        for document in await self.documents({SHARED}):
            if document.uri.startswith(_MANUAL) and document.uri not in uris:
                await self.remove(str(document.id))


def _file_sha256(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise DocumentError(f"{str(path)!r} cannot be read ({error.strerror}): check the path", "missing") from error


def _new_chunk(piece: Chunk, encoder: str, vector: bytes) -> NewChunk:
    return NewChunk(
        ordinal=piece.ordinal,
        start=piece.span.start,
        end=piece.span.end,
        heading=piece.heading,
        page=piece.page,
        language=piece.language,
        text=piece.text,
        encoder=encoder,
        vector=vector,
        whole=piece.whole,
    )


def _passage(stored: StoredChunk) -> Passage:
    return Passage(
        key=stored.id,
        text=stored.text,
        title=stored.title,
        heading=stored.heading,
        page=stored.page,
        document=stored.document_id,
        language="zh" if stored.language == "zh" else "en",
        whole=stored.whole,
    )
