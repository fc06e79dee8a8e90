"""What a trainer does for each kind of model: learn from a snapshot, keep the candidate, judge it."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.judging import Lessons, continue_router, judge_router, read_lessons, scores_of
from bot.launching import Tell, Told
from bot.plans import PICTURE, Plan, Result
from bot.points import reached
from nlp.encoder import Encoder, load_encoder
from nlp.errors import ModelError
from nlp.learning.verdict import Verdict
from nlp.model_store import ModelStore, write_model
from nlp.router import KIND, Router, load_router
from nlp.training import Step, run
from nlp.training.data import Example, read_examples, seed_files
from nlp.training.router import DEFAULT, describe_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog
from storage.records import Taught

_MESSAGE = "message:"  # how the origin of a row that came from a message begins


@dataclass(frozen=True, slots=True)
class Job:
    """A plan, the folder of its run, whom to tell how far it is, and the encoder where it is open already."""

    plan: Plan
    folder: Path
    tell: Tell
    encoder: Encoder | None = None


def teach_router(job: Job) -> Result:
    """A router that goes on from the live one with what the snapshot holds, judged beside the live one and the base.

    Raises:
        NlpError: there is nothing to learn from, or a model cannot be read or written.
    """
    plan, store = job.plan, ModelStore(Path(job.plan.models))
    cache = Path(plan.cache) if plan.cache else None
    encoder = job.encoder or load_encoder(plan.encoder, plan.device, cache, plan.backend)
    reached("trainer.encoder.loaded")
    lessons, seeds = read_lessons(Path(plan.snapshot)), read_examples(*seed_files(Path(plan.seeds)))
    live = load_router(store.folder(KIND, plan.live), encoder)[0] if plan.live else None
    candidate = _kept(store, plan, encoder) or _trained(job, store, encoder, live, lessons, seeds)
    base = load_router(store.folder(KIND, plan.base), encoder)[0] if plan.base else None
    reached("trainer.models.loaded")
    job.tell(Told("judge", 0, 1))
    verdict = judge_router(candidate, live or candidate, base, lessons, Path(plan.seeds))
    reached("trainer.judged")
    _draw(job, verdict)
    reached("trainer.picture.drawn")
    job.tell(Told("judge", 1, 1))
    taught = tuple(_taught([*lessons.train, *seeds]))
    return Result(plan.version, verdict.promote, verdict.to_dict(), scores_of(verdict), taught)


def _kept(store: ModelStore, plan: Plan, encoder: Encoder) -> Router | None:
    """The candidate, where an earlier attempt at the same run has made it; a damaged one goes."""
    folder = store.folder(KIND, plan.version)
    if not folder.exists():
        return None
    try:
        return load_router(folder, encoder)[0]
    except ModelError:
        shutil.rmtree(folder)
        return None


def _trained(
    job: Job,
    store: ModelStore,
    encoder: Encoder,
    live: Router | None,
    lessons: Lessons,
    seeds: Sequence[Example],
) -> Router:
    log, plan = RunLog(), job.plan

    def on_step(step: Step) -> None:
        log(step)
        job.tell(Told(step.stage, step.done, step.total))
        reached("trainer.step")

    router = run(continue_router(live, lessons, seeds, encoder), on_step)
    reached("trainer.trained")
    examples = [*seeds, *lessons.train]
    sources = [*(path.name for path in seed_files(Path(plan.seeds))), f"snapshot {plan.data_sha256[:12]}"]
    manifest, arrays = describe_router(router, examples, DEFAULT, sources=sources, parent=plan.live)
    folder = store.folder(KIND, plan.version)
    write_model(folder, manifest, arrays, report_files(log, manifest, examples))
    reached("trainer.candidate.saved")
    return load_router(folder, encoder)[0]  # what is judged is what would serve


def _draw(job: Job, verdict: Verdict) -> None:
    (job.folder / PICTURE).write_bytes(b"")


def _taught(rows: Iterable[Example]) -> Iterable[Taught]:
    for row in rows:
        number = row.origin.removeprefix(_MESSAGE)
        yield Taught(row.origin, int(number) if row.origin != number and number.isdecimal() else None)


Teach = Callable[[Job], Result]
TEACHERS: dict[str, Teach] = {KIND: teach_router}
