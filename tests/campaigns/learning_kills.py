"""`python -m tests.campaigns.learning_kills --kills 200`: ends a training run at every named point, again and again.

Each life of the program is a process of its own over small models: it takes up what is under way, is killed at its
point as a power cut would, and the next life must find the old version or the new one, whole, and carry the run to its
end. A trainer is part of the same process here, so that a kill at one of its points ends both at once.
"""

import argparse
import asyncio
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot import teachers
from bot.inference import Inference, Models
from bot.parts import KINDS
from bot.points import TRAINING_POINTS, arm
from bot.retraining import Retraining
from bot.rollout import Rollouts
from bot.settings import Settings
from nlp.model_store import ModelStore
from nlp.router import KIND, load_router
from nlp.training.configs import FusedConfig
from storage.database import Database
from storage.records import NewRun
from tests.support.databases import make_sqlite_template
from tests.support.training import ADMIN, inline, serve_small_router, teach, write_small_seeds

LABELS = [
    *((f"remind me to {what}", "reminder", None) for what in ("call", "eat", "sleep", "swim", "write", "read", "pay")),
    *((f"提醒我{what}", "reminder", None) for what in ("打电话", "吃饭", "睡觉", "游泳", "写信", "看书", "付款")),
]
_PATIENCE = 120.0  # seconds for one life
_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Found:
    """What a life finds, or leaves: the version that serves, whether it routes, and how the run stands."""

    serving: str
    routes: bool
    status: str
    versions: tuple[str, ...]


def prepare(home: Path) -> str:
    """A home folder with a small router in service, and labels that it has not learned; the version that serves."""
    settings = _settings(home)
    write_small_seeds(home / "seeds")
    manifest = serve_small_router(settings)
    make_sqlite_template(home / "dawen.db")

    async def label() -> None:
        database = Database(settings.database_url)
        await teach(database, LABELS)
        await database.close()

    asyncio.run(label())
    return manifest.version


def live(home: Path, kill_at: str) -> Found | None:
    """One life of the program; None where it was killed."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=_live, args=(home, kill_at, theirs))
    process.start()
    theirs.close()
    with closing(ours):
        found = None
        try:
            if ours.poll(_PATIENCE):
                found = ours.recv()
        except EOFError:
            found = None
    process.join(_PATIENCE)
    return found if isinstance(found, Found) else None


def _settings(home: Path) -> Settings:
    chosen: dict[str, Any] = {"home": home, "seeds": home / "seeds", "consent": "assumed", "admins": [ADMIN]}
    return Settings(**chosen)


def _live(home: Path, kill_at: str, told: Connection) -> None:
    teachers.DEFAULT = FusedConfig(iterations=15, hidden_epochs=2)  # enough for so few rows
    arm(kill_at)
    told.send(asyncio.run(_work(home)))


async def _work(home: Path) -> Found:
    """Start, take up what is under way or begin a run, go back once it serves where that is to be cut short too."""
    from nlp.generator import ExtractiveGenerator
    from nlp.summarizer import Summarizer
    from tests.support.models import BagEncoder

    settings, encoder = _settings(home), BagEncoder()
    store, database = ModelStore(settings.models_folder), Database(settings.database_url)
    router, _ = load_router(store.folder(KIND, store.current(KIND) or ""), encoder)
    try:
        async with Inference(Models(encoder, router, ExtractiveGenerator(), Summarizer())) as inference:
            rollouts = Rollouts(settings, database, inference)
            await rollouts.open()
            retraining = Retraining(settings, database, rollouts, inline(encoder))
            async with database.read() as tx:
                last = await tx.runs.get(1)
            if last is None:
                await retraining.request(KINDS, NewRun(KIND))
            await retraining.work_off()
            async with database.read() as tx:
                run = await tx.runs.get(1)
            status = run.status.value if run else ""
            if (home / "go-back").exists():
                await rollouts.roll_back(KIND, "command")
            route = await inference.route("good morning")
            serving = inference.models.router.version
            routes = route.intent.label == "greeting" and serving == store.current(KIND)
            return Found(serving, routes, status, tuple(store.versions(KIND)))
    finally:
        await database.close()


def kill_once(template: Path, first: str, point: str, times: int, scratch: Path) -> str:
    """Kill one run at one point and let the next life finish it; what was wrong, empty for nothing."""
    home = scratch / f"{point}-{times}"
    shutil.copytree(template, home)
    if point.startswith("rollback."):
        (home / "go-back").touch()
    if live(home, f"{point}:{times}") is not None:
        return "" if times > 1 else f"{point} was never reached"
    settings = _settings(home)
    serving = ModelStore(settings.models_folder).current(KIND)
    (home / "go-back").unlink(missing_ok=True)
    after = live(home, "")
    shutil.rmtree(home)
    return _wrong(point, first, serving, after)


def _wrong(point: str, first: str, serving: str | None, after: Found | None) -> str:
    if after is None or not after.routes:
        return f"{point}: the next life did not serve"
    if serving not in (first, *after.versions):
        return f"{point}: {serving} served in between"
    if after.status != "done":
        return f"{point}: the run is {after.status}"
    if point.startswith("rollback."):
        return "" if after.serving == first else f"{point}: {after.serving} serves after going back"
    if after.serving == first or len(after.versions) != 2:
        return f"{point}: {after.serving} serves, of {', '.join(after.versions)}"
    return ""


def campaign(kills: int, points: Sequence[str] = TRAINING_POINTS) -> list[str]:
    """So many kills, spread over the points; what was wrong."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when the processes that are killed import torch
    _context.set_forkserver_preload(["tests.campaigns.learning_kills", "bot.teachers", "tests.support.models"])
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dawen-kills-") as folder:
        template = Path(folder) / "template"
        first = prepare(template)
        for number in range(kills):
            point, times = points[number % len(points)], 1
            if point == "trainer.step":
                times = 1 + number // len(points) % 5
            if said := kill_once(template, first, point, times, Path(folder)):
                wrong.append(said)
            sys.stderr.write(f"\r{number + 1} of {kills} kills, {len(wrong)} wrong")
    sys.stderr.write("\n")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    faults = campaign(parser.parse_args().kills)
    sys.stdout.write("\n".join(faults or ["every life found the old version or the new one, whole"]) + "\n")
    sys.exit(bool(faults))
