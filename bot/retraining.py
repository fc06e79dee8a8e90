"""Use case: training runs, asked for by admins and by schedules, carried out one after the other.

The data is frozen first; a process of its own trains and judges; here progress and verdict are stored, and what is
better goes into service (`bot.training_run`). The database itself lets only one run at a time; a lock in the home
folder, which goes with its process, tells a run that goes on elsewhere from one that was cut short.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from bot import tracing
from bot.errors import BotError, RunError
from bot.launching import Launch, Told
from bot.parts import KINDS
from bot.plans import PICTURE
from bot.points import reached
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.training_run import FORGOTTEN, TrainingRun
from nlp.adapter import KIND as RETRIEVER
from nlp.errors import NlpError
from nlp.generators.lora import KIND as GENERATOR
from nlp.router import KIND
from nlp.thresholds import KIND as THRESHOLDS
from storage.database import Database, Transaction
from storage.errors import FenceLost
from storage.records import NewRun, Run, RunStatus

_log = logging.getLogger(__name__)
_TOGETHER = {"all": KINDS, RETRIEVER: (RETRIEVER, THRESHOLDS)}  # both decide what is answered, from the same votes
_LOOK_EVERY = 30.0  # seconds between looks at the queue, which other processes may fill
_LOCK = ".training"
# What share of a run's time each phase lasts, and of training each stage; measured on the seeds, two cores.
_LASTS = {"snapshot": 0.05, "start": 0.15, "train": 0.6, "judge": 0.15, "rollout": 0.05}
_BEGINS = {"snapshot": 0.0, "start": 0.05, "train": 0.2, "judge": 0.8, "rollout": 0.95}
_OF_TRAINING = {"embed": 0.5, "calibrate": 0.3, "fit": 0.2, "like": 0.5, "prefer": 0.5}
_BEFORE_STAGE = {"calibrate": 0.5, "fit": 0.8, "prefer": 0.5}
_FORETOLD_FROM = 0.1  # of a run, before which nothing is foretold


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: its phase, the share in [0, 1] of all of it, and the seconds that are left where known."""

    run_id: int
    phase: str
    share: float
    seconds_left: float | None = None


class Retraining:
    """The queue of training runs and what works it off. `changed` is set whenever a run has moved on."""

    def __init__(self, settings: Settings, database: Database, rollouts: Rollouts, launch: Launch) -> None:
        self._settings = settings
        self._database = database
        self._carrying = TrainingRun(settings, database, rollouts, launch)
        self._lock = settings.runs_folder / _LOCK
        self._wake = asyncio.Event()
        self._job: asyncio.Task[None] | None = None
        self._begun_at = 0.0
        self._cancelled = False
        self.progress: Progress | None = None
        self.changed = asyncio.Event()

    async def request(self, kinds: Sequence[str], new: NewRun) -> list[Run]:
        """Queue a run of each kind that has anything new to learn from; none where there is nothing new.

        A generator that is not in this process cannot be taught, and has no run.

        Raises:
            RunError: a run is going on or waits already.
        """
        async with self._database.write() as tx:
            if await tx.runs.running() or await tx.runs.waiting():
                raise RunError("a training run is going on: wait for its end, or cancel it", "busy")
            able = [kind for kind in kinds if self.can_teach(kind)]
            wanted = [kind for kind in able if new.reason == FORGOTTEN or await _news(tx, kind)]
            runs = [await tx.runs.queue(replace(new, kind=kind)) for kind in wanted]
        self._wake.set()
        return runs

    def can_teach(self, kind: str) -> bool:
        """False for the generator where it is no model in this process."""
        return kind != GENERATOR or self._settings.generator == "transformers"

    async def forget(self, versions: Sequence[str]) -> None:
        """Queue runs that train the kinds of some versions from nothing: somebody has taught them what is to be
        forgotten."""
        async with self._database.write() as tx:
            runs = [await tx.runs.of_version(version) for version in versions]
            kinds = {run.kind for run in runs if run and self.can_teach(run.kind)}
            waiting = await tx.runs.waiting()
            if waiting is not None and waiting.reason == FORGOTTEN:
                kinds.discard(waiting.kind)
            for kind in sorted(kinds):
                await tx.runs.queue(NewRun(kind, FORGOTTEN))
        self._wake.set()

    async def news(self, kind: str) -> int:
        """How many labels, or opinions of answers, came since a kind was last trained."""
        async with self._database.read() as tx:
            return await _news(tx, kind)

    async def show_in(self, run: Run, chat_id: int, telegram_id: int) -> None:
        """Remember the message that shows how far a run is, so that it does so after a restart too."""
        async with self._database.write() as tx:
            await tx.runs.show_in(run.id, chat_id, telegram_id)
        self.changed.set()

    async def going_on(self) -> Run | None:
        """The run that is running, or waits next."""
        async with self._database.read() as tx:
            return await tx.runs.running() or await tx.runs.waiting()

    def picture(self, run: Run) -> Path:
        """Where the picture of a run's verdict is, if it came so far."""
        return self._carrying.folder(run) / PICTURE

    async def cancel(self) -> bool:
        """End the run that goes on, here or in another process, and take back those that wait; false where there is
        neither, or where the run has its verdict already and only puts it into effect."""
        async with self._database.write() as tx:
            waiting = await tx.runs.cancel_queued()
            elsewhere = self._job is None and bool(await tx.runs.running()) and await tx.runs.call_off()
        return await self.cancel_here() or waiting > 0 or elsewhere

    async def cancel_here(self) -> bool:
        """End the run that goes on in this process; false where there is none, or it is too late for that."""
        job, progress = self._job, self.progress
        if job is None or (progress is not None and progress.phase == "rollout"):
            return False
        self._cancelled = True
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        return True

    def look(self) -> None:
        """Look at once for what another process has asked for."""
        self._wake.set()
        self.changed.set()

    async def work(self) -> None:
        """Carry out runs as they come; until cancelled, which leaves the one at work to be resumed."""
        while True:
            self._wake.clear()
            try:
                await self.work_off()
            except Timeout:
                _log.info("a training run goes on in another process")
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._wake.wait()

    async def work_off(self) -> None:
        """Carry out the run that was cut short, if one was, and all that wait.

        Raises:
            Timeout: another process is at it.
        """
        async with self._database.read() as tx:
            if not (await tx.runs.running() or await tx.runs.waiting()):
                return
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._lock, timeout=0):
            while (run := await self._next()) is not None:
                self._cancelled = False
                self._begun_at = time.monotonic()
                self._job = asyncio.create_task(self._carry_out(run), name=f"training run {run.id}")
                try:
                    await self._job
                finally:
                    self._job = self.progress = None
                    self.changed.set()

    async def _next(self) -> Run | None:
        async with self._database.write() as tx:
            if (interrupted := await tx.runs.running()) is not None:
                return interrupted
            waiting = await tx.runs.waiting()
            if waiting is None or not await tx.runs.begin(waiting.id):
                return None
        reached("run.begun")
        return waiting

    async def _carry_out(self, run: Run) -> None:
        """Carry out a run and store how it ended; a program that ends leaves it running, to be resumed."""
        try:
            with tracing.root("training", run=run.id, kind=run.kind):
                await self._carrying.carry_out(run, lambda told: self._tell(run.id, told))
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            await self._give_up(run, RunStatus.CANCELLED, None)
        except FenceLost:
            raise  # another process goes on with it, maybe from the same files
        except RunError as error:
            await self._give_up(run, RunStatus.FAILED, f"{error.reason}: {error}")
        except (BotError, NlpError) as error:
            await self._give_up(run, RunStatus.FAILED, f"data: {error}")
        except Exception as error:
            _log.exception("training run %d failed", run.id)
            await self._give_up(run, RunStatus.FAILED, f"unforeseen: {type(error).__name__}, see the log of the bot")

    async def _give_up(self, run: Run, status: RunStatus, error: str | None) -> None:
        await asyncio.to_thread(self._carrying.clear, run)
        async with self._database.write() as tx:
            await tx.runs.finish(run.id, status, error)

    def _tell(self, run_id: int, told: Told) -> None:
        before = self.progress
        phase = told.phase if told.phase in _BEGINS else "train"
        done = min(1.0, told.done / max(1, told.total))
        if phase == "train":
            done = _BEFORE_STAGE.get(told.phase, 0.0) + _OF_TRAINING.get(told.phase, 1.0) * done
        share = _BEGINS[phase] + _LASTS[phase] * done
        share = max(share, before.share if before and before.run_id == run_id else 0.0)
        elapsed = time.monotonic() - self._begun_at
        left = elapsed / share * (1 - share) if share >= _FORETOLD_FROM else None
        self.progress = Progress(run_id, phase, share, left)
        self.changed.set()


def kinds_of(wish: str) -> tuple[str, ...]:
    """The kinds that somebody means who names one, or all of them; none where the name is unknown."""
    return _TOGETHER.get(wish) or ((wish,) if wish in KINDS else ())


async def _news(tx: Transaction, kind: str) -> int:
    last = await tx.runs.last(kind)
    since = last.started_at if last else None
    return await (tx.samples.count_labels(since) if kind == KIND else tx.samples.count_judged(since))
