"""A training run on a node of the cluster: the same plan, carried out by the same code as in a process beside the bot.

All that the plan names travels there as bytes, and what comes out travels back: a new version and the result. Nothing
stays on the node. A cluster with more than one GPU trains on one of its own; else on a CPU, since the models that serve
have the only one.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from bot.errors import RunError
from bot.launching import Tell, Told
from bot.plans import PLAN, RESULT, Plan, read_plan, write_plan
from bot.remote.parcels import Parcel, deliver, pack, unpack
from bot.remote.recipes import node_cache
from bot.trainer import carry_out
from nlp.encoder import Encoder

_LOOK_EVERY = 0.5  # seconds
_PLACES = ("snapshot", "learned", "seeds", "pages", "questions")  # what a plan names besides models and folders to fill


@dataclass(frozen=True)
class Lesson:
    """What a node gets: the folder of the run, the models to go on from and to compare with, and what a plan names."""

    run: Parcel
    models: Mapping[str, Parcel]
    places: Mapping[str, Parcel]


@dataclass(frozen=True)
class Learned:
    """What a node has made: what it left in the folder of the run, and new versions by name."""

    run: Parcel
    models: Mapping[str, Parcel]


class ClusterTrainer:
    """Launches trainings on the connected cluster; `opens` gives another encoder than the one that the plan names."""

    def __init__(self, opens: Callable[[], Encoder] | None = None) -> None:
        self._opens = opens

    async def __call__(self, folder: Path, tell: Tell) -> None:
        """See `bot.launching.Launch`."""
        plan = read_plan(folder)
        if plan is None:
            raise RunError(f"{str(folder)!r} holds no plan of a training run", "trainer")
        lesson = await asyncio.to_thread(_gather, plan, folder)
        trainer = await asyncio.to_thread(_hire)
        try:
            learned = await self._wait(trainer, lesson, tell)
        except RayTaskError as error:
            raise RunError("the trainer failed on the cluster: see its log there", "trainer") from error
        except (RayError, OSError) as error:
            raise RunError("the cluster was lost while it trained: start the training again", "trainer") from error
        finally:
            await asyncio.to_thread(_dismiss, trainer)
        await asyncio.to_thread(_put_away, learned, plan, folder)

    async def _wait(self, trainer: Any, lesson: Lesson, tell: Tell) -> Learned:
        work = trainer.train.remote(lesson, self._opens)
        while not (await asyncio.to_thread(ray.wait, [work], timeout=_LOOK_EVERY))[0]:
            for told in await asyncio.to_thread(ray.get, trainer.told.remote()):
                tell(told)
        learned: Learned = await asyncio.to_thread(ray.get, work)
        return learned


class Trainer:
    """Does one run on a node, and says meanwhile how far it is."""

    def __init__(self) -> None:
        self._told: list[Told] = []

    def told(self) -> list[Told]:
        """What there is to tell since the last call."""
        told, self._told = self._told, []
        return told[-1:]

    def train(self, lesson: Lesson, opens: Callable[[], Encoder] | None) -> Learned:
        """Carry out a plan in folders of this node, which are removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="dawen-training-") as scratch:
            root = Path(scratch)
            plan = _settle(lesson, root)
            carry_out(plan, root / "run", self._told.append, opens() if opens else None)
            made = (root / "models" / plan.kind).iterdir()
            models = {path.name: pack(path) for path in made if path.is_dir() and path.name not in lesson.models}
            return Learned(pack(root / "run"), models)


def _hire() -> Any:
    alone = ray.cluster_resources().get("GPU", 0.0) <= 1
    actor = ray.remote(num_cpus=1, num_gpus=0 if alone else 1, max_concurrency=2)(Trainer)
    return actor.remote()


def _dismiss(trainer: Any) -> None:
    ray.kill(trainer)


def _gather(plan: Plan, folder: Path) -> Lesson:
    models = Path(plan.models) / plan.kind
    versions = {version for version in (plan.live, plan.base, plan.version) if version}
    return Lesson(
        pack(folder),
        {version: pack(models / version) for version in versions if (models / version).is_dir()},
        {name: pack(Path(getattr(plan, name))) for name in _PLACES if getattr(plan, name)},
    )


def _settle(lesson: Lesson, root: Path) -> Plan:
    """Lay out on this node what a plan names; the plan with the places that it has here."""
    for name, parcel in lesson.places.items():
        unpack(parcel, root / name)
    plan = read_plan(unpack(lesson.run, root / "run"))
    assert plan is not None  # noqa: S101 - it was read before it was sent
    for version, parcel in lesson.models.items():
        unpack(parcel, root / "models" / plan.kind / version)
    (root / "models" / plan.kind).mkdir(parents=True, exist_ok=True)
    moved: dict[str, Any] = {name: str(_place(Path(getattr(plan, name)), root / name)) for name in lesson.places}
    here = replace(plan, **moved, models=str(root / "models"), features=str(root / "features"), cache=str(node_cache()))
    write_plan(root / "run", here)
    return here


def _place(before: Path, sent: Path) -> Path:
    """Where a file or folder that was sent lies: a file keeps its name."""
    inside = sent / before.name
    return inside if inside.is_file() else sent


def _put_away(learned: Learned, plan: Plan, folder: Path) -> None:
    """Versions first and the result last, so that a result without its version never is."""
    for version, parcel in learned.models.items():
        target = Path(plan.models) / plan.kind / version
        shutil.rmtree(target, ignore_errors=True)
        deliver(parcel, target)
    unpack({name: content for name, content in learned.run.items() if name not in (PLAN, RESULT)}, folder)
    unpack({RESULT: learned.run[RESULT]}, folder)
