"""What a trainer does for each kind of model: learn from a snapshot, keep the candidate, judge it."""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.answer_teachers import teach_generator, teach_retriever, teach_thresholds
from bot.evidence import ORIGIN
from bot.jobs import Job, open_job_encoder
from bot.launching import Told
from bot.plans import PICTURE, Plan, Result
from bot.points import reached
from bot.snapshots import files_in
from nlp.adapter import KIND as RETRIEVER
from nlp.architectures.fused import FusedScorer
from nlp.encoder import Encoder
from nlp.errors import DataError, ModelError
from nlp.generators.lora import KIND as GENERATOR
from nlp.learning import snapshot_store
from nlp.learning.decisions import Decider
from nlp.learning.gate import judge
from nlp.learning.picture import draw_verdict
from nlp.learning.samples import Snapshot
from nlp.learning.snapshot import examples
from nlp.learning.verdict import FILE as VERDICT
from nlp.learning.verdict import GAINS, Code, Verdict
from nlp.model_store import ModelStore, write_extra, write_model
from nlp.router import KIND, Router, load_router
from nlp.thresholds import KIND as THRESHOLDS
from nlp.training import Step, Steps, run
from nlp.training.blending import blend, can_blend
from nlp.training.continual import continue_router
from nlp.training.data import Example, read_examples
from nlp.training.feature_cache import CachedEncoder
from nlp.training.incremental import REPLAYED, add_labels
from nlp.training.router import DEFAULT as DEFAULT
from nlp.training.router import describe_router, train_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog
from storage.records import Taught


def teach_router(job: Job) -> Result:
    """A router that learns what the snapshot holds, judged beside the live one and the base.

    Where the gate keeps it out, more cautious ones are tried: the one half way from the live router to it, and, for
    labels that are new, the live one with columns for these beside its own. Of both, less changes sides by chance.

    Raises:
        NlpError: there is nothing to learn from, or a model cannot be read or written.
    """
    desk = _open_desk(job)
    version, verdict = job.plan.version, _judged(desk, job.plan.version, _whole)
    for suffix, steps in _more_cautious(desk) if not verdict.promote else ():
        other = _judged(desk, f"{job.plan.version}{suffix}", steps)
        if other.promote:
            shutil.rmtree(desk.store.folder(KIND, version), ignore_errors=True)
            version, verdict = f"{version}{suffix}", other
            break
        shutil.rmtree(desk.store.folder(KIND, f"{version}{suffix}"), ignore_errors=True)
    (job.folder / PICTURE).write_bytes(draw_verdict(verdict, "zh" if job.plan.language == "zh" else "en"))
    reached("trainer.picture.drawn")
    job.tell(Told("judge", 1, 1))
    taught = tuple(_taught(desk.snapshot))
    return Result(version, _may_serve(job.plan, verdict), verdict.to_dict(), _scores(verdict), taught)


def _may_serve(plan: Plan, verdict: Verdict) -> bool:
    """What the verdict says; what is trained to forget need not be better, only not be found worse."""
    borne = GAINS | {Code.NO_GAIN, Code.UNPROVEN}
    return verdict.promote or (plan.afresh and all(reason.code in borne for reason in verdict.reasons))


@dataclass(frozen=True)
class _Desk:
    """What candidates are made from and judged by."""

    job: Job
    store: ModelStore
    encoder: Encoder
    snapshot: Snapshot
    live: Router | None
    base: Router | None
    decide: Decider

    @property
    def rows(self) -> list[Example]:
        """What teaches."""
        return examples(self.snapshot)

    @property
    def new_labels(self) -> bool:
        """True where the snapshot names intents that the live router, of the fused architecture, lacks."""
        if self.live is None or self.job.plan.afresh or not isinstance(self.live.scorer, FusedScorer):
            return False
        return bool({row.intent for row in self.rows} - set(self.live.heads[0].labels))


def _open_desk(job: Job) -> _Desk:
    plan, store = job.plan, ModelStore(Path(job.plan.models))
    encoder = _encoder(job)
    reached("trainer.encoder.loaded")
    snapshot = snapshot_store.read(Path(plan.snapshot))
    live, base = (
        load_router(store.folder(KIND, version), encoder)[0] if version else None for version in (plan.live, plan.base)
    )
    reached("trainer.models.loaded")
    return _Desk(job, store, encoder, snapshot, live, base, Decider())


def _judged(desk: _Desk, version: str, steps: Callable[[_Desk], Steps[Router]]) -> Verdict:
    """The verdict on a candidate, which is trained and kept first, where no earlier attempt did that."""
    candidate = _kept(desk, version) or _trained(desk, version, steps(desk))
    desk.job.tell(Told("judge", 0, 1))
    sets, taught = _sets(desk.job.plan, desk.snapshot), _new(desk.snapshot)
    verdict = judge(candidate, desk.live or candidate, desk.base, sets, taught=taught, decide=desk.decide)
    reached("trainer.judged")
    write_extra(desk.store.folder(KIND, version), VERDICT, verdict.to_dict())
    return verdict


def _encoder(job: Job) -> Encoder:
    """The encoder of the plan, which reads again from disk what it has read in an earlier run."""
    return CachedEncoder(open_job_encoder(job), Path(job.plan.features))


def _kept(desk: _Desk, version: str) -> Router | None:
    """The candidate, where an earlier attempt at the same run has made it; a damaged one goes."""
    folder = desk.store.folder(KIND, version)
    if not folder.exists():
        return None
    try:
        return load_router(folder, desk.encoder)[0]
    except ModelError:
        shutil.rmtree(folder)
        return None


def _trained(desk: _Desk, version: str, steps: Steps[Router]) -> Router:
    log, plan = RunLog(), desk.job.plan

    def on_step(step: Step) -> None:
        log(step)
        desk.job.tell(Told(step.stage, step.done, step.total))
        reached("trainer.step")

    router = run(steps, on_step)
    reached("trainer.trained")
    rows, sources = desk.rows, [f"snapshot {plan.data_sha256[:12]}"]
    manifest, arrays = describe_router(router, rows, DEFAULT, sources=sources, parent=plan.live)
    folder = desk.store.folder(KIND, version)
    write_model(folder, manifest, arrays, report_files(log, manifest, rows))
    reached("trainer.candidate.saved")
    return load_router(folder, desk.encoder)[0]  # what is judged is what would serve


def _whole(desk: _Desk) -> Steps[Router]:
    if desk.live is None or desk.job.plan.afresh:
        return train_router(desk.rows, desk.encoder, DEFAULT)
    return continue_router(desk.live, desk.rows, desk.encoder, DEFAULT)


def _more_cautious(desk: _Desk) -> Iterator[tuple[str, Callable[[_Desk], Steps[Router]]]]:
    """What may be tried where the candidate is kept out, by the suffix of its version; nothing of what shall forget."""
    if desk.live is None or desk.job.plan.afresh:
        return
    live, candidate = desk.live, _kept(desk, desk.job.plan.version)
    if candidate is not None and can_blend(live, candidate):
        yield "-half", lambda desk: _half_way(desk, live, candidate)
    if desk.new_labels:
        yield "-labels", _labels_alone


def _half_way(desk: _Desk, live: Router, candidate: Router) -> Steps[Router]:
    yield Step("fit", 0, 1)
    return blend(live, candidate, [row.text for row in _sampled(desk.rows)])


def _labels_alone(desk: _Desk) -> Steps[Router]:
    if desk.live is None:
        raise DataError("there is no router yet that labels could be added to: train one first")
    known = set(desk.live.heads[0].labels)
    return add_labels(desk.live, desk.rows, _sampled([row for row in desk.rows if row.intent in known]))


def _sampled(rows: Sequence[Example]) -> list[Example]:
    """As many rows as are enough to stand for all, the same ones every time."""
    return random.Random(0).sample(rows, min(REPLAYED, len(rows)))  # noqa: S311 - a reproducible sample


def _sets(plan: Plan, snapshot: Snapshot) -> dict[str, list[Example]]:
    """What to judge on, as far as there is any: the held-out seeds, recent conversations, those of them that admins
    labelled, and the owner's golden rows."""
    held_out = sorted(Path(plan.seeds).glob("*.test.jsonl"))
    sets = {
        "fixed": read_examples(*held_out),
        "recent": examples(snapshot, "recent"),
        "reviewed": examples(snapshot, "reviewed"),
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
TEACHERS: dict[str, Teach] = {
    KIND: teach_router,
    RETRIEVER: teach_retriever,
    THRESHOLDS: teach_thresholds,
    GENERATOR: teach_generator,
}
