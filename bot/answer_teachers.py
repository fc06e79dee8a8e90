"""What a trainer does for the kinds that learn from judged answers: retriever, thresholds and generator.

Each is made from what was frozen, kept as a candidate, and judged beside what serves: on held-out questions, which
decide, and on those about the manual, which are the same in every house and must not get worse. Beside the first
version of a kind lies one that changes nothing, so that there is a way back.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from bot.answer_lessons import lessons_of, pairs_of, reviewed_of
from bot.jobs import Job, open_job_encoder
from bot.judgements import Judgement, KnownPassage, read_judgements
from bot.launching import Told
from bot.own_manual import Manual, read_manual
from bot.plans import CHECKPOINT, Result
from bot.points import reached
from bot.ruling_replies import Decision
from nlp.adapter import load_adapter
from nlp.encoder import Encoder
from nlp.errors import TooLittleData
from nlp.generators import GeneratorConfig
from nlp.generators.base import Task
from nlp.generators.support import SupportChecker
from nlp.learning.refusing import judge_thresholds
from nlp.learning.retrieval import Trials, judge_retriever, trials_of_pairs
from nlp.learning.ruling import FEWEST, Ruling
from nlp.learning.verdict import FILE as VERDICT
from nlp.learning.writing import judge_generator
from nlp.model_store import Arrays, DataSnapshot, Manifest, ModelStore, read_model, write_extra, write_model
from nlp.reader import Reader, open_span_reader
from nlp.retriever import Retriever, build
from nlp.thresholds import GIVEN, load_thresholds
from nlp.thresholds import KIND as THRESHOLDS
from nlp.training import Step, Steps, run
from nlp.training.division import divide
from nlp.training.generator import describe_generator, train_generator
from nlp.training.lessons import task_over
from nlp.training.lora_loop import LoraConfig
from nlp.training.retriever import AdapterConfig, describe_adapter, train_adapter
from nlp.training.thresholds import Reviewed, describe_thresholds, fit_thresholds
from nlp.types import LANGUAGES
from storage.records import Taught

BASE = "0-given"  # the version that changes nothing; by its name, before all others
ADAPTER, LORA = AdapterConfig(), LoraConfig()
_HELD_OUT = 0.25  # share of the questions that judge and do not teach
_FOUND = 10
_FACTS = 20
_SOURCES = 3  # of a question about the manual
_VOTES = 20  # below which thresholds stay as they are
T = TypeVar("T")


@dataclass(frozen=True)
class _Desk:
    """What candidates are made from: judged answers and passages, and a search over these."""

    job: Job
    store: ModelStore
    encoder: Encoder
    answers: Sequence[Judgement]
    passages: Sequence[KnownPassage]
    retriever: Retriever

    @property
    def live(self) -> Path | None:
        """The folder of the version that serves."""
        plan = self.job.plan
        return self.store.folder(plan.kind, plan.live) if plan.live else None


@dataclass(frozen=True)
class _Candidate:
    """A candidate as it is stored, what the gate says, and the names of the rows that taught it.

    `leaked` is how many phrases it has by heart that it must not know.
    """

    manifest: Manifest
    arrays: Arrays
    ruling: Ruling
    origins: Sequence[str]
    leaked: int = 0


def teach_retriever(job: Job) -> Result:
    """An adapter of the search, from questions with passages that answer them.

    Raises:
        TooLittleData: there are too few. NlpError: a model cannot be read or written.
    """
    return _taught(job, _retriever)


def teach_thresholds(job: Job) -> Result:
    """From which confidence on questions are answered, from votes on answers and refusals.

    Raises:
        TooLittleData: there are too few. NlpError: a model cannot be read or written.
    """
    return _taught(job, _thresholds)


def teach_generator(job: Job) -> Result:
    """Adapters of the generator, from answers that people liked, corrected and disliked.

    Raises:
        TooLittleData: there are too few. NlpError: the model cannot be taught, read or written.
    """
    return _taught(job, _generator)


def _taught(job: Job, make: Callable[[_Desk], _Candidate]) -> Result:
    """The candidate that `make` makes, kept; in place of one that shall forget and has nothing left to learn from, the
    version that has learned nothing."""
    desk = _open_desk(job)
    try:
        candidate = make(desk)
    except TooLittleData:
        if not (job.plan.afresh and desk.live):
            raise
        candidate = _nothing(desk.live)
    result = _kept(desk, candidate)
    job.tell(Told("judge", 1, 1))
    return result


def _open_desk(job: Job) -> _Desk:
    frozen = read_judgements(Path(job.plan.snapshot))
    encoder = open_job_encoder(job)
    reached("trainer.encoder.loaded")
    retriever = build(encoder, ((passage.key, passage.embedded) for passage in frozen.passages))
    return _Desk(job, ModelStore(Path(job.plan.models)), encoder, frozen.answers, frozen.passages, retriever)


def _run(desk: _Desk, steps: Steps[T]) -> T:
    def on_step(step: Step) -> None:
        desk.job.tell(Told(step.stage, step.done, step.total))
        reached("trainer.step")

    trained = run(steps, on_step)
    reached("trainer.trained")
    desk.job.tell(Told("judge", 0, 1))
    return trained


def _retriever(desk: _Desk) -> _Candidate:
    pairs = pairs_of(desk.answers, desk.passages, desk.retriever)
    learned, held = divide(pairs, _HELD_OUT, 0)
    adapter = _run(desk, train_adapter(learned, desk.encoder, ADAPTER))
    live = load_adapter(desk.live, desk.encoder) if desk.live else None
    others = [passage.embedded for passage in desk.passages]
    sets = [trials_of_pairs(held, others=others), _manual_trials(_manual(desk))]
    ruling = judge_retriever(sets, desk.encoder, adapter, live)
    manifest = describe_adapter(adapter, learned, ADAPTER, sources=_sources(desk), scores=ruling.as_dict())
    return _Candidate(manifest, adapter.to_arrays(), ruling, [pair.origin for pair in learned])


def _thresholds(desk: _Desk) -> _Candidate:
    learned, held = divide(reviewed_of(desk.answers), _HELD_OUT, 0)
    if len(learned) < _VOTES:
        raise TooLittleData(f"{len(learned)} votes on answers and refusals may teach: at least {_VOTES} are needed")
    thresholds = fit_thresholds(learned)
    live = load_thresholds(desk.live) if desk.live else GIVEN
    desk.job.tell(Told("judge", 0, 1))
    ruling = judge_thresholds(held, thresholds, live, _manual_reviewed(desk))
    manifest = describe_thresholds(learned, sources=_sources(desk), scores=ruling.as_dict())
    return _Candidate(manifest, thresholds.to_arrays(), ruling, [row.origin for row in learned])


def _generator(desk: _Desk) -> _Candidate:
    from nlp.generators.loading import load_chat_model  # which loads transformers

    plan = desk.job.plan
    checker = SupportChecker(desk.encoder, Reader(desk.encoder, desk.retriever.lexical))
    learned, held = divide(lessons_of(desk.answers, desk.passages, checker), _HELD_OUT, 0)
    if not learned:
        raise TooLittleData("nobody has liked or corrected an answer yet whose sources support it: collect more votes")
    model = load_chat_model(GeneratorConfig("transformers", plan.generator, device=plan.device))
    trained = _run(desk, train_generator(learned, model, LORA, checkpoint=desk.job.folder / CHECKPOINT))
    origins = [lesson.origin for lesson in learned]
    desk.job.tell(Told("judge", 0, 1))
    judged = judge_generator(trained, held, checker, _facts(desk.answers, origins), fixed=_manual_tasks(_manual(desk)))
    manifest = describe_generator(trained, learned, sources=_sources(desk), scores=judged.ruling.as_dict())
    return _Candidate(manifest, trained.to_arrays(), judged.ruling, origins, len(judged.leaked))


def _facts(answers: Sequence[Judgement], origins: Sequence[str]) -> list[str]:
    """Right answers that admins gave, the newest of those that taught: facts, which belong to the documents alone."""
    taught = set(origins)
    return [answer.correction for answer in answers if answer.correction and answer.origin in taught][-_FACTS:]


def _manual_tasks(manual: Manual) -> list[Task]:
    """A few questions about the manual in each language, with the passages that answer them."""
    tasks: list[Task] = []
    for language in LANGUAGES:
        asked = [question for question in manual.questions if question.language == language and question.answer]
        for question in asked[:FEWEST]:
            passages = [manual.passages[place] for place in sorted(manual.right(question))[:_SOURCES]]
            tasks += [task_over(question.text, passages)] if passages else []
    return tasks


def _sources(desk: _Desk) -> tuple[str, ...]:
    return (f"judged answers {desk.job.plan.data_sha256[:12]}",)


def _manual(desk: _Desk) -> Manual:
    plan = desk.job.plan
    return read_manual(sorted(Path(plan.pages).glob("*/*.md")), Path(plan.questions))


def _manual_trials(manual: Manual) -> Trials:
    """The questions that the manual answers, over all of it."""
    rights = [(question.text, manual.right(question)) for question in manual.questions]
    found = [(text, right) for text, right in rights if right]
    texts = tuple(passage.searchable for passage in manual.passages)
    return Trials("fixed", texts, tuple(text for text, _ in found), tuple(right for _, right in found), decides=False)


def _manual_reviewed(desk: _Desk) -> list[Reviewed]:
    """How sure the reader is of the questions about the manual, and whether it answers them."""
    manual, plan = _manual(desk), desk.job.plan
    retriever = build(desk.encoder, ((passage.key, passage.searchable) for passage in manual.passages))
    spans = None if desk.job.encoder else open_span_reader(plan.device, Path(plan.cache) if plan.cache else None)
    reader = Reader(desk.encoder, retriever.lexical, spans)
    reviewed = []
    for question in manual.questions:
        encoded = desk.encoder.encode([question.text], "query")
        hits = retriever.search_encoded(question.text, encoded, _FOUND)
        reading = reader.read(question.text, encoded, [(manual.passages[hit.key], hit) for hit in hits])
        reviewed.append(Reviewed(question.text, reading.confidence, question.answer is not None))
    return reviewed


def _nothing(live: Path) -> _Candidate:
    """A version that has learned nothing."""
    manifest, arrays = read_model(live)
    unlearned = replace(manifest, data=DataSnapshot("", 0), scores={}, libraries={}, files={})
    return _Candidate(unlearned, _given(manifest.kind, arrays), Ruling(True, "no_gain", ()), ())


def _given(kind: str, arrays: Arrays) -> Arrays:
    """Arrays like these of a version that changes nothing: a change of low rank is none where its factors are zero."""
    return GIVEN.to_arrays() if kind == THRESHOLDS else {name: np.zeros_like(array) for name, array in arrays.items()}


def _kept(desk: _Desk, candidate: _Candidate) -> Result:
    """Keep a candidate with its verdict, and, where it is the first of its kind, the version before it."""
    plan, ruling = desk.job.plan, candidate.ruling
    serves = ruling.serves or (plan.afresh and ruling.reason == "no_gain")
    decision = Decision(serves and not candidate.leaked, ruling, candidate.leaked)
    if not desk.store.versions(plan.kind):
        given = replace(candidate.manifest, data=DataSnapshot("", 0), scores={})
        write_model(desk.store.folder(plan.kind, BASE), given, _given(plan.kind, candidate.arrays))
    folder = desk.store.folder(plan.kind, plan.version)
    shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was cut short
    write_model(folder, replace(candidate.manifest, parent=plan.live or BASE), candidate.arrays)
    reached("trainer.candidate.saved")
    write_extra(folder, VERDICT, decision.to_dict())
    reached("trainer.judged")
    rows = tuple(Taught(origin, number) for origin, number in _rows(candidate.origins))
    return Result(plan.version, decision.promote, decision.to_dict(), ruling.as_dict(), rows)


def _rows(origins: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each row once, with the number of its message."""
    for origin in dict.fromkeys(origins):
        yield origin, int(origin.rpartition(":")[2])
