"""A training run: from labels to a version that serves or does not, one at a time, cancelled, cut short and resumed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import tracing
from bot.errors import RunError
from bot.inference import Inference
from bot.launching import Launch, Tell, Told
from bot.parts import KINDS
from bot.retraining import Retraining
from bot.rollout import Rollouts
from bot.settings import Settings
from nlp.model_store import ModelStore
from nlp.router import KIND
from nlp.training.configs import FusedConfig
from storage.database import Database
from storage.records import NewRun, Run, RunStatus
from tests.support.apps import small_models
from tests.support.collectors import collecting
from tests.support.training import ADMIN, bag, inline, serve_small_router, teach, write_small_seeds

NEW = [
    *((f"remind me to {what}", "reminder", None) for what in ("call", "eat", "sleep", "swim", "write", "read", "pay")),
    *((f"提醒我{what}", "reminder", None) for what in ("打电话", "吃饭", "睡觉", "游泳", "写信", "看书", "付款")),
]


@pytest.fixture(autouse=True)
def quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps are enough for few examples."""
    monkeypatch.setattr("bot.teachers.DEFAULT", FusedConfig(iterations=15))


@dataclass
class House:
    """A home folder with a small router in service, and what trains it further."""

    settings: Settings
    database: Database
    inference: Inference

    @property
    def store(self) -> ModelStore:
        return ModelStore(self.settings.models_folder)

    def retraining(self, launch: Launch | None = None) -> Retraining:
        """As after a start of the program."""
        rollouts = Rollouts(self.settings, self.database, self.inference)
        return Retraining(self.settings, self.database, rollouts, launch or inline(bag()))

    async def run(self, number: int = 1) -> Run:
        async with self.database.read() as tx:
            found = await tx.runs.get(number)
        assert found is not None
        return found


@asynccontextmanager
async def open_house(database: Database, home: Path) -> AsyncIterator[House]:
    seeds = write_small_seeds(home / "seeds")
    chosen: dict[str, Any] = {"home": home, "seeds": seeds, "consent": "assumed", "admins": [ADMIN]}
    settings = Settings(**chosen)
    manifest = serve_small_router(settings)
    models = small_models()
    models.router.version = manifest.version
    async with Inference(models) as inference:
        yield House(settings, database, inference)


@pytest.fixture
async def house(sqlite: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite, tmp_path / "home") as found:
        yield found


async def test_a_new_label_is_learned_and_serves_at_once(database: Database, tmp_path: Path) -> None:
    async with open_house(database, tmp_path / "home") as house:
        before = house.store.current(KIND)
        await teach(database, NEW)
        retraining = house.retraining()
        (run,) = await retraining.request(KINDS, NewRun(KIND, requested_by=1001, language="zh"))
        await retraining.work_off()
        run = await house.run(run.id)
        assert (run.status, run.error) == (RunStatus.DONE, None)
        assert run.verdict is not None
        assert run.verdict["promote"], run.verdict["reasons"]
        assert (run.parent, run.version) == (before, house.store.current(KIND))
        assert 0 < run.rows < len(NEW)  # some are held out
        assert house.inference.models.router.version == run.version
        route = await house.inference.route("remind me to call")
        assert route.intent.label == "reminder"
        async with database.read() as tx:
            taught = await tx.models.count_examples(run.version or "")
            rollout = await tx.rollouts.current(KIND)
        assert taught > run.rows
        assert rollout is not None
        assert (rollout.version, rollout.previous) == (run.version, before)


async def test_a_run_is_traced_phase_by_phase(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining()
    with collecting() as collector, tracing.tracing(collector.url):
        await retraining.request(KINDS, NewRun(KIND))
        await retraining.work_off()
    (training,) = collector.named("training")
    assert [span.name for span in collector.below(training)] == ["snapshot", "train", "rollout"]


async def test_nothing_new_is_no_run(house: House) -> None:
    assert await house.retraining().request(KINDS, NewRun(KIND)) == []


async def test_the_same_labels_teach_once(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    assert await retraining.request(KINDS, NewRun(KIND)) == []
    assert len(await retraining.request([KIND], NewRun(KIND, reason="forgotten"))) == 1


async def test_a_second_run_is_refused_while_one_goes_on(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    with pytest.raises(RunError, match="going on"):
        await retraining.request(KINDS, NewRun(KIND))


async def test_a_candidate_that_is_no_better_does_not_serve_and_is_kept(house: House) -> None:
    before = house.store.current(KIND)
    await teach(house.database, [("a fine day to all of you", "greeting", "other")])
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    run = await house.run()
    assert run.verdict is not None
    assert not run.verdict["promote"]
    assert house.store.current(KIND) == house.inference.models.router.version == before
    assert run.version in house.store.versions(KIND)


class Stuck:
    """A trainer that does nothing until it is ended."""

    def __init__(self) -> None:
        self.at_work = asyncio.Event()
        self.ended = False

    async def __call__(self, folder: Path, tell: Tell) -> None:
        self.at_work.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def test_a_run_can_be_cancelled(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining(stuck := Stuck())
    await retraining.request(KINDS, NewRun(KIND))
    work = asyncio.create_task(retraining.work_off())
    await stuck.at_work.wait()
    assert retraining.progress is not None
    assert retraining.progress.phase == "start"
    assert await retraining.cancel()
    await work
    run = await house.run()
    assert (run.status, stuck.ended) == (RunStatus.CANCELLED, True)
    assert not await retraining.cancel()
    assert len(await retraining.request(KINDS, NewRun(KIND))) == 1  # what was new is still new


async def test_a_run_that_waits_can_be_cancelled(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    assert await retraining.cancel()
    assert (await house.run()).status is RunStatus.CANCELLED


async def test_a_run_that_was_cut_short_goes_on_with_the_data_it_had(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining(stuck := Stuck())
    await retraining.request(KINDS, NewRun(KIND))
    work = asyncio.create_task(retraining.work_off())
    await stuck.at_work.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    cut_short = await house.run()
    assert cut_short.status is RunStatus.RUNNING
    await teach(house.database, [("later words", "reminder", None)])

    await house.retraining().work_off()
    run = await house.run()
    assert (run.status, run.rows, run.data_sha256) == (RunStatus.DONE, cut_short.rows, cut_short.data_sha256)
    assert house.store.current(KIND) == run.version


async def test_a_run_that_is_always_cut_short_fails_in_the_end(house: House) -> None:
    await teach(house.database, NEW)
    await house.retraining().request(KINDS, NewRun(KIND))
    for _ in range(3):
        work = asyncio.create_task(house.retraining(stuck := Stuck()).work_off())
        await stuck.at_work.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    await house.retraining(Stuck()).work_off()
    run = await house.run()
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert "3 times" in run.error


async def test_a_result_that_is_there_is_only_put_into_effect(house: House) -> None:
    await teach(house.database, NEW)
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    first = await house.run()
    async with house.database.write() as tx:
        await tx.runs.advance(first.id, "rollout", status="running", finished_at=None)
    await house.retraining(Stuck()).work_off()
    again = await house.run()
    assert (again.status, again.version) == (RunStatus.DONE, first.version)
    async with house.database.read() as tx:
        rollout = await tx.rollouts.latest(KIND)
    assert rollout is not None
    assert rollout.id == 1


async def test_what_cannot_be_learned_from_fails_with_the_reason(house: House) -> None:
    await teach(house.database, NEW)
    for path in (house.settings.home / "seeds").iterdir():
        path.unlink()
    retraining = house.retraining()
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    run = await house.run()
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error.startswith("data: ")
    assert "training examples" in run.error


async def test_a_trainer_that_breaks_leaves_the_old_version_and_no_candidate(house: House) -> None:
    async def breaks(folder: Path, tell: Tell) -> None:
        raise ZeroDivisionError

    await teach(house.database, NEW)
    before = house.store.versions(KIND)
    retraining = house.retraining(breaks)
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    run = await house.run()
    assert (run.status, run.error) == (RunStatus.FAILED, "unforeseen: ZeroDivisionError, see the log of the bot")
    assert house.store.versions(KIND) == before


async def test_a_version_that_was_judged_beside_one_that_serves_no_longer_comes_too_late(house: House) -> None:
    await teach(house.database, NEW)
    launch = inline(bag())

    async def slow(folder: Path, tell: Tell) -> None:
        await launch(folder, tell)
        serve_small_router(house.settings)

    retraining = house.retraining(slow)
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    run = await house.run()
    assert (run.status, run.error) == (RunStatus.DONE, "outdated")
    assert house.store.current(KIND) != run.version


async def test_progress_grows_and_time_left_is_foretold(house: House) -> None:
    await teach(house.database, NEW)
    seen: list[float] = []
    launch = inline(bag())

    async def watched(folder: Path, tell: Tell) -> None:
        def look(told: Told) -> None:
            tell(told)
            assert retraining.progress is not None
            seen.append(retraining.progress.share)

        await launch(folder, look)

    retraining = house.retraining(watched)
    await retraining.request(KINDS, NewRun(KIND))
    await retraining.work_off()
    assert seen == sorted(seen)
    assert seen[-1] >= 0.9
