"""Use case: getting a router. Loaded from the model store, or trained from the seeds when there is none that fits."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.parts import ReadRouter, read_router
from bot.progress import Progress
from nlp.encoder import Encoder
from nlp.errors import ModelError
from nlp.model_store import Manifest, ModelStore, read_manifest
from nlp.router import KIND, Router
from nlp.training import Step
from nlp.training.checks import inspect
from nlp.training.data import Example, read_examples, seed_files
from nlp.training.router import DEFAULT, AnyConfig, save_router, train_router
from nlp.training.runlog import RunLog
from storage.database import Database

_log = logging.getLogger(__name__)
TITLES = {
    "embed": "Reading the examples",
    "read": "Reading the examples",
    "vectors": "Word vectors found",
    "resume": "Resumed from the checkpoint",
    "calibrate": "Calibrating the router",
    "fit": "Training the router",
}


async def ensure_router(
    database: Database,
    store: ModelStore,
    encoder: Encoder,
    seeds: Path,
    progress: Progress,
    read: ReadRouter = read_router,
) -> Router:
    """The router that serves, or where it cannot be used the one that served before.

    One is trained from the seeds at the first start, and where none of them can be used.
    """
    current = store.current(KIND)
    for version in await predecessors(database, store, current):
        try:
            folder = store.folder(KIND, version)
            router, manifest = read(folder, encoder), read_manifest(folder)
        except ModelError as error:
            _log.warning("%s", error)
            continue
        if version != current:
            _log.warning("router %s serves again, because the one after it cannot be used", version)
            store.promote(KIND, version)
        await _record(database, manifest, ())
        return router
    if current is not None:
        _log.warning("no stored router can be used; training a new one from the seeds")
    files = seed_files(seeds)
    examples = read_examples(*files)
    router = await train_with_progress(examples, encoder, progress, log := RunLog())
    manifest = await put_into_service(database, store, router, examples, [path.name for path in files], log=log)
    return read(store.folder(KIND, manifest.version), encoder)


async def predecessors(database: Database, store: ModelStore, version: str | None) -> list[str]:
    """A version, its ancestors, and whatever else has served, newest first: the order to look for a sound one in.

    Parents are known from the database, since the manifest of a damaged version may be gone, else from the manifest.
    A version that never served is not among them.
    """
    async with database.read() as tx:
        known = await tx.models.versions(KIND)
    parents = {entry.version: entry.manifest.get("parent") for entry in known}
    line: list[str] = []
    while version is not None and version not in line:
        line.append(version)
        version = parents[version] if version in parents else _parent(store, version)
    return line + [entry.version for entry in reversed(known) if entry.promoted and entry.version not in line]


def _parent(store: ModelStore, version: str) -> str | None:
    try:
        return read_manifest(store.folder(KIND, version)).parent
    except ModelError:
        return None


async def put_into_service(
    database: Database,
    store: ModelStore,
    router: Router,
    examples: Sequence[Example],
    sources: Sequence[str],
    scores: dict[str, float] | None = None,
    log: RunLog | None = None,
    *,
    config: AnyConfig | None = None,
) -> Manifest:
    """Store a router as a new version, make it the one that serves, and record which rows taught it.

    Raises:
        ModelError: it cannot be saved; the serving version stays.
    """
    parent = store.current(KIND)
    manifest = save_router(
        router, store, examples, config or DEFAULT, log, sources=sources, parent=parent, scores=scores
    )
    store.promote(KIND, manifest.version)
    await _record(database, manifest, [example.origin for example in examples])
    return manifest


async def train_with_progress(
    examples: Sequence[Example],
    encoder: Encoder,
    progress: Progress,
    run_log: RunLog,
    config: AnyConfig | None = None,
    valid: Sequence[Example] = (),
    checkpoint: Path | None = None,
) -> Router:
    """Train a router, showing each stage as a bar and giving way between two steps, so that Ctrl-C ends it.

    `run_log` is told of each step; what the owner of the examples should know goes to the log.

    Raises:
        DataError: the examples are too few, or `config` cannot be had here.
        ModelError: the checkpoint is of another run, or cannot be written.
    """
    for notice in inspect(examples).notices():
        _log.warning("%s", notice.english)
    steps = train_router(examples, encoder, config or DEFAULT, valid, checkpoint)
    with progress.stages(TITLES) as show:
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                router: Router = stop.value
                return router
            run_log(step)
            show(step.stage, step.done, step.total, describe(step))
            await asyncio.sleep(0)


def describe(step: Step) -> str:
    """What a step says beside how far it is: loss, learning rate, and how the last epoch ended."""
    parts = [] if step.loss is None else [f"loss {step.loss:.4f}"]
    if "learning_rate" in step.metrics:
        parts.append(f"rate {step.metrics['learning_rate']:.2e}")
    if "valid_loss" in step.metrics:
        parts.append(f"held out: loss {step.metrics['valid_loss']:.4f}, ")
        parts[-1] += f"accuracy {step.metrics['valid_accuracy']:.4f}"
    return "  ".join(parts)


async def _record(database: Database, manifest: Manifest, origins: Sequence[str]) -> None:
    async with database.write() as tx:
        if origins:
            await tx.models.record_run(KIND, manifest.version, asdict(manifest), origins)
        else:
            await tx.models.record_version(KIND, manifest.version, asdict(manifest))
        await tx.models.mark_promoted(KIND, manifest.version)
