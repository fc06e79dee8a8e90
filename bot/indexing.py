"""The search indexes as caches of the database: followed change by change, rebuilt when missing, stale or damaged.

Which chunks an index holds is compared with which chunks there are, so any number of changes, made by any process, is
caught up with in one step. On disk the caches belong to one process at a time; a second one works in memory.
"""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from bot.inference import Inference
from bot.progress import Progress
from nlp.encoder import Encoded
from nlp.errors import IndexDamaged
from nlp.reader import Reader
from nlp.retriever import Retriever
from nlp.types import Hit, embedded, searchable
from storage.database import Database
from storage.records import ChunkVector

_log = logging.getLogger(__name__)
_EMBED_BATCH = 32
_OWNER = "database"


class Index:
    """Finds chunks by question. Call `refresh` to catch up with the database."""

    def __init__(self, database: Database, inference: Inference, folder: Path) -> None:
        self._database = database
        self._inference = inference
        self._folder = folder
        self._lock = FileLock(folder / ".lock", timeout=0)
        self._catching_up = asyncio.Lock()
        self._retriever = Retriever(inference.models.encoder)
        self.generation = -1

    async def open(self, progress: Progress) -> None:
        """Load the caches, or make them from the database."""
        await self._embed_again(progress)
        if self._own_folder():
            async with self._database.write() as tx:
                identity = await tx.documents.identity()
            self._retriever, self.generation = await self._inference.run(self._load, identity)
        await self.refresh()

    def close(self) -> None:
        """Let another process have the caches."""
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
        return Reader(self._inference.models.encoder, self._retriever.lexical)

    async def search(self, question: str, encoded: Encoded, limit: int, excluded: Collection[int]) -> list[Hit]:
        """The best chunks for a question that is encoded already."""
        await self.refresh()
        return await self._inference.run(self._retriever.search_encoded, question, encoded, limit, excluded)

    async def refresh(self) -> None:
        """Catch up with the database; cheap when nothing has changed."""
        async with self._database.read() as tx:
            generation = await tx.documents.generation()
        if generation == self.generation:
            return
        async with self._catching_up:
            await self._catch_up()

    async def _catch_up(self) -> None:
        async with self._database.read() as tx:
            generation, present = await tx.documents.generation(), await tx.documents.keys()
            held = self._retriever.vectors.keys
            await self._inference.run(self._retriever.update, held - present, [], [], self._rows([]))
            missing, done = present - held, 0
            async for batch in tx.documents.vectors(missing):
                await self._inference.run(
                    self._retriever.update,
                    (),
                    [c.id for c in batch],
                    [searchable(c.title, c.heading, c.text, c.whole) for c in batch],
                    self._rows(batch),
                )
                done += len(batch)
                _log.debug("indexed %d of %d chunks", done, len(missing))
        if self.is_on_disk:
            await self._inference.run(self._retriever.save, self._folder, generation)
        self.generation = generation

    def _rows(self, chunks: list[ChunkVector]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        dimension = self._inference.models.encoder.dimension
        return np.frombuffer(b"".join(c.vector for c in chunks), "<f4").reshape(len(chunks), dimension)

    def _own_folder(self) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            _log.info("another process owns %s; searching in memory", self._folder)
        return self.is_on_disk

    def _load(self, identity: int) -> tuple[Retriever, int]:
        encoder, owner = self._inference.models.encoder, self._folder / _OWNER
        try:
            if not owner.is_file() or owner.read_bytes() != str(identity).encode():
                raise IndexDamaged(f"the index in {str(self._folder)!r} was made from another database")
            return Retriever.load(encoder, self._folder)
        except IndexDamaged as error:
            _log.info("rebuilding the index: %s", error)
            empty = Retriever.create(encoder, self._folder)
            owner.write_text(str(identity))
            return empty, -1

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
        encoder = self._inference.models.encoder
        async with self._database.read() as tx:
            chunks = [chunk async for batch in tx.documents.vectors(keys) for chunk in batch]
        encoded = await self._inference.run(
            encoder.encode, [embedded(c.title, c.heading, c.text, c.whole) for c in chunks]
        )
        vectors = {c.id: v.astype("<f4").tobytes() for c, v in zip(chunks, encoded.vectors, strict=True)}
        async with self._database.write() as tx:
            await tx.documents.set_vectors(encoder.fingerprint, vectors)
