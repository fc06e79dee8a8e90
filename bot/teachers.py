"""What a trainer does for each kind of model: learn from a snapshot, keep the candidate, judge it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.evidence import ORIGIN
from bot.launching import Tell, Told
from bot.plans import PICTURE, Plan, Result
from bot.points import reached
from bot.snapshots import files_in
from nlp.encoder import Encoder, load_encoder
from nlp.errors import ModelError
from nlp.learning import snapshot_store
from nlp.learning.gate import judge
from nlp.learning.picture import draw_verdict
from nlp.learning.samples import Snapshot
from nlp.learning.snapshot import examples
from nlp.learning.verdict import FILE as VERDICT
from nlp.learning.verdict import Verdict
from nlp.model_store import ModelStore, write_extra, write_model
from nlp.router import KIND, Router, load_router
from nlp.training import Step, Steps, run
from nlp.training.continual import continue_router
from nlp.training.data import Example, read_examples
from nlp.training.feature_cache import CachedEncoder
from nlp.training.router import DEFAULT as DEFAULT
from nlp.training.router import describe_router, train_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog
from storage.records import Taught


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
    encoder = _encoder(job)
    reached("trainer.encoder.loaded")
    snapshot = snapshot_store.read(Path(plan.snapshot))
    live = load_router(store.folder(KIND, plan.live), encoder)[0] if plan.live else None
    candidate = _kept(store, plan, encoder) or _trained(job, store, encoder, live, snapshot)
    base = load_router(store.folder(KIND, plan.base), encoder)[0] if plan.base else None
    reached("trainer.models.loaded")
    job.tell(Told("judge", 0, 1))
    verdict = judge(candidate, live or candidate, base, _sets(plan, snapshot), taught=_new(snapshot))
    reached("trainer.judged")
    (job.folder / PICTURE).write_bytes(draw_verdict(verdict, "zh" if plan.language == "zh" else "en"))
    write_extra(store.folder(KIND, plan.version), VERDICT, verdict.to_dict())
    reached("trainer.picture.drawn")
    job.tell(Told("judge", 1, 1))
    return Result(plan.version, verdict.promote, verdict.to_dict(), _scores(verdict), tuple(_taught(snapshot)))


def _encoder(job: Job) -> Encoder:
    """The encoder of the plan, which reads again from disk what it has read in an earlier run."""
    plan = job.plan
    cache = Path(plan.cache) if plan.cache else None
    encoder = job.encoder or load_encoder(plan.encoder, plan.device, cache, plan.backend)
    return CachedEncoder(encoder, Path(plan.features))


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


def _trained(job: Job, store: ModelStore, encoder: Encoder, live: Router | None, snapshot: Snapshot) -> Router:
    log, plan = RunLog(), job.plan

    def on_step(step: Step) -> None:
        log(step)
        job.tell(Told(step.stage, step.done, step.total))
        reached("trainer.step")

    rows = examples(snapshot)
    router = run(_steps(plan, encoder, live, rows), on_step)
    reached("trainer.trained")
    sources = [f"snapshot {plan.data_sha256[:12]}"]
    manifest, arrays = describe_router(router, rows, DEFAULT, sources=sources, parent=plan.live)
    folder = store.folder(KIND, plan.version)
    write_model(folder, manifest, arrays, report_files(log, manifest, rows))
    reached("trainer.candidate.saved")
    return load_router(folder, encoder)[0]  # what is judged is what would serve


def _steps(plan: Plan, encoder: Encoder, live: Router | None, rows: list[Example]) -> Steps[Router]:
    if live is None or plan.afresh:
        return train_router(rows, encoder, DEFAULT)
    return continue_router(live, rows, encoder, DEFAULT)


def _sets(plan: Plan, snapshot: Snapshot) -> dict[str, list[Example]]:
    """What to judge on: the held-out seeds, recent conversations, and the owner's golden rows, as far as there are."""
    held_out = sorted(Path(plan.seeds).glob("*.test.jsonl"))
    sets = {
        "fixed": read_examples(*held_out),
        "recent": examples(snapshot, "recent"),
        "golden": [*examples(snapshot, "golden"), *read_examples(*files_in(Path(plan.learned), golden=True))],
    }
    return {name: rows for name, rows in sets.items() if rows}


def _new(snapshot: Snapshot) -> list[Example]:
    """The rows that came from messages."""
    return [row for row in examples(snapshot) if row.origin.startswith(ORIGIN)]


def _scores(verdict: Verdict) -> dict[str, float]:
    """The candidate's accuracy by set and language, such as `fixed/en`: the curve over versions."""
    return {f"{line.set}/{line.language}": line.candidate for line in verdict.lines if line.measure == "intent"}


def _taught(snapshot: Snapshot) -> Iterator[Taught]:
    """Every message and seed behind the rows that were learned from, repeats too."""
    for row in snapshot.split("train"):
        for source in row.sources:
            number = source.origin.removeprefix(ORIGIN)
            yield Taught(source.origin, int(number) if number != source.origin else None)


Teach = Callable[[Job], Result]
TEACHERS: dict[str, Teach] = {KIND: teach_router}
