"""Use case: getting a router. Loaded from the model store, or trained from the seeds when there is none that fits."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.progress import Progress
from nlp.encoder import Encoder
from nlp.errors import ModelError
from nlp.model_store import Manifest, ModelStore
from nlp.router import KIND, Router, load_router
from nlp.training import Step, run
from nlp.training.data import Example, read_examples, seed_files
from nlp.training.router import RouterConfig, save_router, train_router
from storage.database import Database

_log = logging.getLogger(__name__)
_TITLES = {"embed": "Reading the examples", "calibrate": "Calibrating the router", "fit": "Training the router"}


async def ensure_router(
    database: Database, store: ModelStore, encoder: Encoder, seeds: Path, progress: Progress
) -> Router:
    """The router that serves; trained from the seeds at the first start, or when the stored one cannot be used."""
    version = store.current(KIND)
    if version is not None:
        try:
            router, manifest = load_router(store.folder(KIND, version), encoder)
        except ModelError as error:
            _log.warning("%s; training a new one from the seeds", error)
        else:
            await _record(database, manifest, ())
            return router
    files = seed_files(seeds)
    examples = read_examples(*files)
    manifest = train_and_promote(examples, store, encoder, progress, [path.name for path in files])
    await _record(database, manifest, [example.origin for example in examples])
    return load_router(store.folder(KIND, manifest.version), encoder)[0]


def train_and_promote(
    examples: Sequence[Example],
    store: ModelStore,
    encoder: Encoder,
    progress: Progress,
    sources: Sequence[str],
    scores: dict[str, float] | None = None,
) -> Manifest:
    """Train a router, store it as a new version and make it the one that serves.

    Raises:
        DataError: the examples are too few. ModelError: it cannot be saved; the serving version stays.
    """
    config = RouterConfig()
    router = train_with_progress(examples, encoder, config, progress)
    parent = store.current(KIND)
    manifest = save_router(router, store, examples, config, sources=sources, parent=parent, scores=scores)
    store.promote(KIND, manifest.version)
    return manifest


def train_with_progress(
    examples: Sequence[Example], encoder: Encoder, config: RouterConfig, progress: Progress
) -> Router:
    """Train a router, showing each stage as a bar."""
    with progress.stages(_TITLES) as show:
        return run(train_router(examples, encoder, config), lambda step: show(*_shown(step)))


def _shown(step: Step) -> tuple[str, int, int]:
    return step.stage, step.done, step.total


async def _record(database: Database, manifest: Manifest, origins: Sequence[str]) -> None:
    async with database.write() as tx:
        if origins:
            await tx.models.record_run(KIND, manifest.version, asdict(manifest), origins)
        else:
            await tx.models.record_version(KIND, manifest.version, asdict(manifest))
        await tx.models.mark_promoted(KIND, manifest.version)
