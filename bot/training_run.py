"""One training run from beginning to end; what each step leaves on disk is where the next attempt goes on."""

import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bot import tracing
from bot.errors import RunError
from bot.judgements import FILE as JUDGED
from bot.judgements import freeze_judgements
from bot.launching import Launch, Tell, Told
from bot.own_manual import manual_folder, manual_questions
from bot.plans import CHECKPOINT, Plan, Result, count_attempt, read_plan, read_result, write_plan
from bot.points import reached
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.snapshots import Frozen, freeze
from nlp.model_store import read_manifest
from nlp.router import KIND
from nlp.training.data import SEEDS
from storage.database import Database
from storage.records import Run, RunStatus

MOST_ATTEMPTS = 3
OUTDATED = "outdated"  # the error of a run whose version came too late to serve
FORGOTTEN = "forgotten"  # the reason of a run that shall leave nothing of what somebody took back


class TrainingRun:
    """Carries out a run that the database calls running."""

    def __init__(self, settings: Settings, database: Database, rollouts: Rollouts, launch: Launch) -> None:
        self._settings = settings
        self._database = database
        self._rollouts = rollouts
        self._launch = launch

    async def carry_out(self, run: Run, tell: Tell) -> None:
        """From wherever it stands to its end.

        Raises:
            BotError, NlpError: it cannot be carried through; the sentence says why.
        """
        folder = self.folder(run)
        result = read_result(folder)
        plan = read_plan(folder)
        if plan is None:
            tell(Told("snapshot", 0, 1))
            with tracing.part("snapshot"):
                plan = await self._prepare(run, folder)
        if result is None:
            tell(Told("start", 0, 1))
            with tracing.part("train"):
                result = await self._train(folder, tell)
        reached("run.result.read")
        if result.error:
            raise RunError(result.error, result.reason)
        tell(Told("rollout", 0, 1))  # from here on it cannot be cancelled
        with tracing.part("rollout"):
            await self._conclude(run, plan, result)

    def folder(self, run: Run) -> Path:
        """Where the plan and the result of a run are."""
        return (self._settings.runs_folder / str(run.id)).absolute()

    async def _prepare(self, run: Run, folder: Path) -> Plan:
        """Freeze the data and write down what to do with it."""
        await self._advance(run, "snapshot")
        frozen = await self._freeze(run, folder)
        settings, store = self._settings, self._rollouts.store
        cache = settings.encoder_cache
        plan = Plan(
            run=run.id,
            kind=run.kind,
            version=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-run{run.id}",
            snapshot=str(frozen.folder),
            data_sha256=frozen.sha256,
            rows=frozen.rows,
            models=str(settings.models_folder.absolute()),
            live=store.current(run.kind),
            base=self._rollouts.base(run.kind),
            language=run.language,
            encoder=settings.encoder,
            device=settings.device,
            backend=settings.backend,
            cache=str(cache.absolute()) if cache else None,
            features=str(settings.features_folder.absolute()),
            afresh=run.reason == FORGOTTEN,
            learned=str(settings.learned_folder.absolute()),
            seeds=str((settings.seeds or SEEDS).absolute()),
            generator=settings.generator_model,
            pages=str(manual_folder().absolute()),
            questions=str(manual_questions().absolute()),
        )
        write_plan(folder, plan)
        reached("run.plan.written")
        await self._advance(run, "start", data_sha256=plan.data_sha256, rows=plan.rows, parent=plan.live)
        reached("run.plan.recorded")
        return plan

    async def _freeze(self, run: Run, folder: Path) -> Frozen:
        """Freeze what a kind learns from.

        Raises:
            RunError: there is nothing to learn.
        """
        if run.kind == KIND:
            frozen = await freeze(self._database, self._settings)
            if not frozen.rows and run.reason != FORGOTTEN:
                raise RunError("the new labels say what is known, or their writers do not let the bot learn", "nothing")
            return frozen
        judged = await freeze_judgements(self._database, self._settings, folder)
        reached("run.samples.read")
        if not judged.answers and run.reason != FORGOTTEN:
            raise RunError("nobody who lets the bot learn has had an answer judged", "few")
        reached("run.snapshot.written")
        return Frozen(folder / JUDGED, judged.sha256, len(judged.answers))

    async def _train(self, folder: Path, tell: Tell) -> Result:
        if count_attempt(folder) > MOST_ATTEMPTS:
            raise RunError(f"the training was cut short {MOST_ATTEMPTS} times: see the log of the bot", "attempts")
        reached("run.trainer.starting")
        await self._launch(folder, tell)
        reached("run.trainer.ended")
        result = read_result(folder)
        if result is None:
            raise RunError("the trainer left no result: see the log of the bot", "trainer")
        return result

    async def _conclude(self, run: Run, plan: Plan, result: Result) -> None:
        """Store what came out, and put it into service where it may."""
        manifest = read_manifest(self._rollouts.store.folder(run.kind, result.version))
        async with self._database.write() as tx:
            verdict, scores = dict(result.verdict), dict(result.scores)
            await tx.runs.advance(run.id, "rollout", version=result.version, verdict=verdict, scores=scores)
            await tx.models.record_version(run.kind, result.version, asdict(manifest), run.id)
            await tx.runs.taught(run.id, result.taught)
        reached("run.taught.recorded")
        late = result.promote and not await self._rollouts.offer(run.kind, result.version, plan.live)
        async with self._database.write() as tx:
            await tx.runs.finish(run.id, RunStatus.DONE, OUTDATED if late else None)
        reached("run.finished")
        _clear_frozen(self.folder(run))

    async def _advance(self, run: Run, phase: str, **facts: object) -> None:
        async with self._database.write() as tx:
            await tx.runs.advance(run.id, phase, **facts)

    def clear(self, run: Run) -> None:
        """Remove what a run that came to nothing has left: its candidate serves nobody and is in no list."""
        plan = read_plan(self.folder(run))
        _clear_frozen(self.folder(run))
        if plan is not None and plan.version != self._rollouts.store.current(run.kind):
            shutil.rmtree(self._rollouts.store.folder(run.kind, plan.version), ignore_errors=True)


def _clear_frozen(folder: Path) -> None:
    """Remove what was frozen for a run that is over, and what its training would have gone on from."""
    (folder / JUDGED).unlink(missing_ok=True)
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
