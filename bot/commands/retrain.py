"""`dawen retrain` and `dawen models prune`: a training run in the terminal, and versions that nobody needs any more."""

import asyncio
from collections.abc import Sequence
from typing import Any

from filelock import Timeout

from bot import console
from bot.app import check_home, open_database
from bot.commands.versions import router_folder
from bot.errors import RunError
from bot.launching import launch_trainer
from bot.progress import Progress
from bot.retrain_texts import PHASES
from bot.retraining import KINDS, Retraining
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.verdict_replies import verdict_rows
from nlp.router import KIND
from storage.database import Database
from storage.records import NewRun, Run, RunStatus

_TITLES = {name: text.plain("en").capitalize() for name, text in PHASES.items()}
_HUNDRED = 100


async def retrain(settings: Settings, kind: str, *, as_json: bool) -> None:
    """Train a kind, or all, from what conversations teach; what is better serves.

    Raises:
        RunError: the kind is not known, a run goes on already, or this one failed. ModelError: no router serves yet.
    """
    if kind not in (*KINDS, "all"):
        raise RunError(f"{kind!r} cannot be trained: use {', '.join(KINDS)} or all", "data")
    check_home(settings.home)
    router_folder(settings, None)
    async with open_database(settings) as database:
        rollouts = Rollouts(settings, database)
        retraining = Retraining(settings, database, rollouts, launch_trainer)
        runs = await retraining.request(KINDS if kind == "all" else [kind], NewRun(kind, "terminal"))
        await _work_off(retraining)
        _report([await _ended(database, run) for run in runs], as_json=as_json)


async def _work_off(retraining: Retraining) -> None:
    """Carry out what waits, showing each phase as a bar."""
    work = asyncio.create_task(retraining.work_off())
    try:
        with Progress().stages(_TITLES) as show:
            while not work.done():
                if (progress := retraining.progress) is not None:
                    show(progress.phase, round(_HUNDRED * progress.share), _HUNDRED)
                await asyncio.wait([work], timeout=0.2)
        await work
    except Timeout as error:
        raise RunError("a training run goes on in another process: wait for its end", "busy") from error
    finally:
        work.cancel()


async def _ended(database: Database, run: Run) -> Run:
    async with database.read() as tx:
        return await tx.runs.get(run.id) or run


def _report(runs: Sequence[Run], *, as_json: bool) -> None:
    failed = [run for run in runs if run.status is not RunStatus.DONE]
    if failed:
        raise RunError(f"the training of the {failed[0].kind} failed: {failed[0].error}", "data")
    if as_json:
        console.print_json({"runs": [_plain(run) for run in runs]})
        return
    if not runs:
        console.out.print("nothing to learn: there are no new labels and no new opinions", markup=False)
    for run in runs:
        console.print_table([(run.kind, run.version or ""), *verdict_rows(run.verdict or {})], "fact", "value")


def _plain(run: Run) -> dict[str, Any]:
    verdict = dict(run.verdict or {})
    return {
        "run": run.id,
        "kind": run.kind,
        "version": run.version,
        "parent": run.parent,
        "rows": run.rows,
        "data_sha256": run.data_sha256,
        "promoted": bool(verdict.get("promote")) and run.error is None,
        "verdict": verdict,
    }


async def prune(settings: Settings, keep: int, *, as_json: bool) -> None:
    """Remove all versions of the router but the newest `keep`, the one that serves, the one before, one on trial, and
    the first.

    Raises:
        ModelError: a version cannot be removed.
    """
    check_home(settings.home)
    async with open_database(settings) as database:
        rollouts = Rollouts(settings, database)
        needed = await rollouts.needed(KIND)
        versions = rollouts.store.versions(KIND)
        gone = [version for version in versions[: len(versions) - keep] if version not in needed]
        for version in gone:
            rollouts.store.remove(KIND, version)
    if as_json:
        console.print_json({"removed": gone})
    else:
        console.out.print(f"{len(gone)} versions removed, {len(versions) - len(gone)} kept", markup=False)
