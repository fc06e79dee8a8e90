"""`dawen retrain`: train what has anything new to learn from, here and now, or take back what waits."""

import asyncio

from filelock import Timeout

from bot import console
from bot import retrain_texts as texts
from bot.app import check_home, open_database
from bot.errors import RunError, SettingsError
from bot.launching import launch_trainer
from bot.leading import TRAINER, holding
from bot.parts import KINDS
from bot.progress import Progress
from bot.retrain_replies import end_text, kind_name
from bot.retraining import Retraining, kinds_of
from bot.richtext import to_plain
from bot.rollout import Rollouts
from bot.settings import Settings
from storage.database import Database
from storage.records import NewRun, Run, RunStatus

_LOOK_EVERY = 0.5  # seconds


async def retrain(settings: Settings, wish: str, *, as_json: bool) -> None:
    """Train the kinds that `wish` names, one after the other; a bot that runs serves what is better within a minute.

    Raises:
        SettingsError: the kind is not known, or cannot be taught here. RunError: another run goes on.
    """
    kinds = kinds_of(wish)
    if not kinds:
        raise SettingsError(f"{wish!r} is nothing that can be trained: use {', '.join(KINDS)} or all")
    check_home(settings.home)
    async with open_database(settings) as database:
        retraining = Retraining(settings, database, Rollouts(settings, database), launch_trainer)
        if not any(map(retraining.can_teach, kinds)):
            raise SettingsError(to_plain(texts.NO_GENERATOR.rich("en")))
        runs = await retraining.request(kinds, NewRun(wish, "terminal"))
        if runs:
            await _work_off_alone(database, retraining)
        _report([await _ended(database, run) for run in runs], as_json=as_json)


async def _work_off_alone(database: Database, retraining: Retraining) -> None:
    """Carry the runs out as the one trainer on the database.

    Raises:
        RunError: another process is that.
    """
    async with holding(database, TRAINER) as mine:
        if not mine:
            raise RunError("the trainer of this database carries the runs out: see its chat", "busy")
        await _work_off(retraining)


async def _work_off(retraining: Retraining) -> None:
    """Carry the runs out, showing how far they are."""
    with Progress().job("Training") as advance:
        work = asyncio.create_task(retraining.work_off())
        while not (await asyncio.wait([work], timeout=_LOOK_EVERY))[0]:
            if retraining.progress is not None:
                advance(round(100 * retraining.progress.share), 100)
        try:
            await work
        except Timeout as error:
            raise RunError("the bot that runs on this folder carries the runs out: see its chat", "busy") from error


async def _ended(database: Database, run: Run) -> Run:
    async with database.read() as tx:
        return await tx.runs.get(run.id) or run


def _report(runs: list[Run], *, as_json: bool) -> None:
    if as_json:
        console.print_json({"runs": [_plain(run) for run in runs]})
        return
    if not runs:
        console.out.print(to_plain(texts.NOTHING_NEW.rich("en")), markup=False)
    for run in runs:
        said = to_plain(end_text(run, None, "en", hot=False))
        console.out.print(f"{kind_name(run.kind, 'en')}: {said}", markup=False)
        if run.status is RunStatus.FAILED and run.error:
            console.out.print(f"  {run.error.partition(': ')[2]}", markup=False)


def _plain(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "kind": run.kind,
        "status": run.status.value,
        "version": run.version,
        "promoted": bool(run.verdict and run.verdict.get("promote")),
        "verdict": run.verdict,
        "scores": dict(run.scores),
        "error": run.error,
    }
