"""`dawen bench ingest`: how fast documents become searchable, beside the plain encoding of the same texts."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import console
from bot.app import App, open_app, open_database
from bot.indexing import Index
from bot.knowledge import Knowledge, Source
from bot.own_manual import manual_folder
from bot.progress import Advance, Progress, Silence
from bot.reading import SourceReader
from bot.settings import Settings, load_settings
from bot.sources import expand
from nlp.encoder import pick_device
from nlp.evaluation.encoding import sentence_transformers_encode, texts_per_second
from nlp.types import searchable
from storage.database import Database


@dataclass(frozen=True, slots=True)
class IngestFigures:
    """Rates are chunks per second: of reading, cutting, embedding, storing and indexing together; of embedding alone;
    and of sentence-transformers' `encode` alone, with the same weights on the same texts."""

    documents: int
    chunks: int
    ingest: float
    embedding: float
    sentence_transformers: float


async def bench_ingest(settings: Settings, sources: Sequence[str], *, as_json: bool) -> None:
    """Add files to a scratch knowledge, and measure; without sources, Dawen's own English manual.

    Raises:
        DocumentError: a source does not exist or cannot be read.
    """
    files = [path for source in sources or [str(manual_folder() / "en")] for path in expand(source)]
    progress = Progress()
    async with open_app(settings, progress) as app:
        figures = await _measure(app, files, progress)
    if as_json:
        console.print_json({name: round(value, 2) for name, value in asdict(figures).items()})
        return
    rows: list[tuple[object, ...]] = [
        ("whole ingestion", f"{figures.ingest:.1f}"),
        ("embedding alone", f"{figures.embedding:.1f}"),
        ("sentence-transformers' encode alone", f"{figures.sentence_transformers:.1f}"),
    ]
    console.out.print(f"{figures.chunks} passages of {figures.documents} documents", markup=False)
    console.print_table(rows, "", "passages/s")


async def _measure(app: App, files: Sequence[Path], progress: Progress) -> IngestFigures:
    async with _scratch(app) as (database, knowledge):
        start = time.perf_counter()
        with progress.job("Adding documents") as advance:
            await _add_all(knowledge, files, advance)
        await knowledge.index.refresh()
        seconds = time.perf_counter() - start
        texts = await _texts(database)
    encoder, settings = app.inference.models.encoder, app.settings
    theirs = await asyncio.to_thread(sentence_transformers_encode, settings.encoder, pick_device(settings.device))
    ours, plain = await app.inference.run(texts_per_second, [encoder.encode, theirs], texts)
    return IngestFigures(len(files), len(texts), len(texts) / seconds, ours, plain)


async def _add_all(knowledge: Knowledge, files: Sequence[Path], advance: Advance) -> None:
    for number, path in enumerate(files, 1):
        await knowledge.add(Source(path, path.resolve().as_uri()))
        advance(number, len(files))


async def _texts(database: Database) -> list[str]:
    async with database.read() as tx:
        batches = [batch async for batch in tx.documents.vectors(await tx.documents.keys())]
    return [searchable(chunk.title, chunk.heading, chunk.text) for batch in batches for chunk in batch]


@asynccontextmanager
async def _scratch(app: App) -> AsyncIterator[tuple[Database, Knowledge]]:
    """A database and a knowledge of its own in a folder that goes away, with the models of the app."""
    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as folder:
        settings = load_settings(home=Path(folder), database="", manual=False)
        async with open_database(settings) as database, SourceReader() as sources:
            index = Index(database, app.inference, settings.index_folder)
            try:
                await index.open(Silence())
                yield database, Knowledge(database, app.inference, index, sources)
            finally:
                await index.close()
