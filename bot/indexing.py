"""The search indexes as caches of the database: followed change by change, made anew when missing, stale or damaged.

Every change of a document has a number, the knowledge generation, so that catching up reads what is newer than the
index and nothing else, whichever process changed it. The lexical index is on disk at once; the dense one is written
when much has changed and at the end, and what a crash loses of it is caught up with. On disk the caches belong to one
process at a time; a second one works in memory.
"""

import asyncio
import logging
import shutil
import threading
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from bot.embedding import embed
from bot.inference import Inference
from bot.progress import Progress
from nlp.encoder import Encoded, Vectors
from nlp.errors import IndexDamaged
from nlp.filters import Filter, Label
from nlp.reader import Reader
from nlp.retriever import Retriever
from nlp.types import Hit, embedded, searchable
from storage.database import Database
from storage.records import Changes, ChunkVector
from storage.repositories.documents import Documents

_log = logging.getLogger(__name__)
_EMBED_BATCH = 256  # chunks embedded anew per transaction
_OWNER = "database"
_ASIDE = "new"
_NOTHING = -1  # the generation of an empty index: every document is newer
_SAVED_AFTER = 1000  # changed chunks, or a tenth of all if that is more: to write them costs little beside making them


class Index:
    """Finds chunks by question. Call `refresh` to catch up with the database."""

    def __init__(self, database: Database, inference: Inference, folder: Path) -> None:
        self._database = database
        self._inference = inference
        self._folder = folder
        self._lock = FileLock(folder / ".lock", timeout=0)
        self._catching_up = asyncio.Lock()
        self._retriever = Retriever(inference.models.encoder)
        self._unsaved = 0  # chunks changed since the caches were written
        self._renewal: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self._purges = 0  # how often the caches were to be made anew, as far as these know
        self.generation = _NOTHING

    async def open(self, progress: Progress) -> None:
        """Load the caches, or make them from the database."""
        await self._embed_again(progress)
        async with self._database.write() as tx:
            identity, self._purges = await tx.documents.identity(), await tx.documents.purges()
        if self._own_folder():
            self._retriever, self.generation = await self._inference.run(self._load, self._owner(identity))
        async with self._catching_up:
            await self._catch_up()
            await self._check()

    async def close(self) -> None:
        """Write what is not yet written, and let another process have the caches."""
        self._stopped.set()
        if self._renewal is not None:
            await asyncio.gather(self._renewal, return_exceptions=True)
        if self._unsaved:
            await self._save()
        self._lock.release()

    @property
    def is_on_disk(self) -> bool:
        """False when another process owns the caches."""
        return self._lock.is_locked

    @property
    def size(self) -> int:
        """How many chunks can be found, of all scopes together."""
        return len(self._retriever)

    def reader(self) -> Reader:
        """A reader that knows how rare the words of this knowledge are."""
        models = self._inference.models
        return Reader(models.encoder, self._retriever.lexical, models.spans)

    async def search(self, question: str, encoded: Encoded, limit: int, wanted: Filter) -> list[Hit]:
        """The best chunks that `wanted` admits, for a question as the encoder itself gives it, of those known here."""
        adapter = self._inference.models.adapter
        meant = adapter.adapt(encoded) if adapter else encoded
        return await self._inference.run(self._retriever.search_encoded, question, meant, limit, (), wanted)

    async def refresh(self) -> None:
        """Catch up with the database; cheap when nothing has changed."""
        if await self._is_current():
            return
        async with self._catching_up:
            if not await self._is_current():
                await self._catch_up()

    async def purge(self) -> None:
        """Make the caches anew, here and in every other process, so that nothing of what was removed is left in them.

        A process that is not there now does so when it starts.
        """
        async with self._database.write() as tx:
            purges = await tx.documents.purge()
        await self._make_anew(purges)

    async def follow(self) -> None:
        """Catch up with the database, and with what other processes wanted purged."""
        async with self._database.read() as tx:
            purges = await tx.documents.purges()
        if purges != self._purges:
            await self._make_anew(purges)
        await self.refresh()

    async def _make_anew(self, purges: int) -> None:
        """Make the caches beside those that serve, and let them take their place."""
        aside = self._folder / _ASIDE
        async with self._database.write() as tx:
            identity = await tx.documents.identity()
        async with self._catching_up:
            if purges == self._purges:  # by now
                return
            fresh = Index(self._database, self._inference, aside if self.is_on_disk else self._folder)
            if self.is_on_disk:
                await self._inference.run(shutil.rmtree, aside, ignore_errors=True)
                fresh._own_folder()
            await fresh._start_over("what was removed is to leave no trace")
            await fresh._catch_up()
            await fresh._save()
            await fresh.close()
            self._retriever = await self._inference.run(self._take_over, aside) if self.is_on_disk else fresh._retriever
            self.generation, self._unsaved, self._purges = fresh.generation, 0, purges
            if self.is_on_disk:
                (self._folder / _OWNER).write_text(self._owner(identity))

    async def _is_current(self) -> bool:
        async with self._database.read() as tx:
            return await tx.documents.generation() == self.generation

    async def _catch_up(self) -> None:
        async with self._database.read() as tx:
            changes = await tx.documents.changes(self.generation)
            if changes.generation < self.generation:  # the database was put back to an earlier state
                await self._start_over("the database is older than it")
                changes = await tx.documents.changes(_NOTHING)
            await self._apply(tx.documents, changes)
        self.generation = changes.generation
        if self._unsaved > max(_SAVED_AFTER, self.size // 10):
            await self._save()
        if self._retriever.vectors.wants_renewal and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._renew(), name="index renewal")

    async def _apply(self, documents: Documents, changes: Changes) -> None:
        """Put what documents are now in the place of what they were."""
        gone, waiting = changes.removed, changes.changed
        async for batch in documents.vectors_of(changes.changed):
            begun = waiting & {chunk.document_id for chunk in batch}
            await self._replace(gone | begun, batch)
            gone, waiting = frozenset(), waiting - begun
        if gone | waiting:
            await self._replace(gone | waiting, [])

    async def _replace(self, documents: frozenset[int], batch: list[ChunkVector]) -> None:
        before = self.size
        await self._inference.run(
            self._retriever.replace,
            documents,
            [chunk.id for chunk in batch],
            [searchable(chunk.title, chunk.heading, chunk.text, chunk.whole) for chunk in batch],
            self._rows(batch),
            [Label(c.scope, c.document_id, c.language, c.updated_at.date()) for c in batch],
        )
        self._unsaved += len(batch) + abs(before - self.size) + 1
        _log.debug("indexed %d chunks, %d in all", len(batch), self.size)

    def _rows(self, chunks: list[ChunkVector]) -> Vectors:
        """The vectors of chunks; zeros for one that another encoder embedded, which is found by its words alone."""
        encoder = self._inference.models.encoder
        rows = np.zeros((len(chunks), encoder.dimension), np.float32)
        for row, chunk in zip(rows, chunks, strict=True):
            if chunk.encoder == encoder.fingerprint:
                row[:] = np.frombuffer(chunk.vector, "<f4")
        return rows

    async def _check(self) -> None:
        """Make the caches anew where they do not hold what the database holds."""
        async with self._database.read() as tx:
            if self._retriever.fits and self.size == await tx.documents.count():
                return
            await self._start_over("it does not hold what the database holds")
        await self._catch_up()

    async def _start_over(self, reason: str) -> None:
        _log.info("rebuilding the index: %s", reason)
        encoder, self.generation = self._inference.models.encoder, _NOTHING
        if self.is_on_disk:
            self._retriever = await self._inference.run(Retriever.create, encoder, self._folder)
        else:
            self._retriever = Retriever(encoder)

    async def _save(self) -> None:
        if not self.is_on_disk:
            return
        try:
            await self._inference.run(self._retriever.save, self._folder, self.generation)
            self._unsaved = 0
        except OSError as error:
            _log.warning(
                "the index in %s cannot be written (%s); it is made again at the next start", self._folder, error
            )

    async def _renew(self) -> None:
        """Make the dense index anew beside the one that serves, which takes minutes where it is large."""
        vectors = self._retriever.vectors
        try:
            renewal = await self._inference.run(vectors.begin_renewal)
            fresh = await asyncio.to_thread(renewal.build, self._stopped.is_set)
            if fresh is not None:
                await self._inference.run(vectors.end_renewal, fresh)
        except Exception:
            _log.exception("the dense index could not be renewed; the old one goes on serving")

    def _own_folder(self) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            _log.info("another process owns %s; searching in memory", self._folder)
        return self.is_on_disk

    def _owner(self, identity: int) -> str:
        """Whose the caches on disk are: a database, and its state since they were last to be made anew."""
        return f"{identity}" + (f" {self._purges}" if self._purges else "")

    def _load(self, whose: str) -> tuple[Retriever, int]:
        encoder, owner = self._inference.models.encoder, self._folder / _OWNER
        try:
            if not owner.is_file() or owner.read_bytes() != whose.encode():
                raise IndexDamaged(f"the index in {str(self._folder)!r} was made from another database or purged there")
            return Retriever.load(encoder, self._folder)
        except IndexDamaged as error:
            _log.info("rebuilding the index: %s", error)
            empty = Retriever.create(encoder, self._folder)
            owner.write_text(whose)
            return empty, _NOTHING

    def _take_over(self, aside: Path) -> Retriever:
        """Let the caches made aside be those of this folder; cut off half-way, they are made anew at the next start."""
        encoder = self._inference.models.encoder
        Retriever.move(aside, self._folder)
        shutil.rmtree(aside, ignore_errors=True)
        return Retriever.load(encoder, self._folder)[0]

    async def _embed_again(self, progress: Progress) -> None:
        """Give the chunks that another encoder embedded vectors of the present one."""
        encoder = self._inference.models.encoder
        async with self._database.read() as tx:
            foreign = sorted(await tx.documents.foreign_keys(encoder.fingerprint))
        if not foreign:
            return
        with progress.job(f"Embedding the knowledge with {encoder.fingerprint}") as advance:
            for start in range(0, len(foreign), _EMBED_BATCH):
                await self._embed_batch(foreign[start : start + _EMBED_BATCH])
                advance(min(start + _EMBED_BATCH, len(foreign)), len(foreign))

    async def _embed_batch(self, keys: list[int]) -> None:
        async with self._database.read() as tx:
            chunks = [chunk async for batch in tx.documents.vectors(keys) for chunk in batch]
        made = await embed(self._inference, [embedded(c.title, c.heading, c.text, c.whole) for c in chunks])
        vectors = {chunk.id: vector for chunk, vector in zip(chunks, made, strict=True)}
        encoder = self._inference.models.encoder
        async with self._database.write() as tx:
            await tx.documents.set_vectors(encoder.fingerprint, vectors)
