"""`dawen train` and `dawen evaluate`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import console
from bot.app import check_home, open_database
from bot.errors import SettingsError
from bot.learned import open_models
from bot.learning import TITLES, describe, put_into_service, train_with_progress
from bot.progress import Progress, Silence
from bot.settings import Settings
from bot.sites import open_encoder, open_spans
from nlp.architectures import ARCHITECTURES
from nlp.encoder import BUNDLED, Encoder
from nlp.errors import DataError
from nlp.evaluation.answers import evaluate_answers
from nlp.evaluation.qa_data import QaData, read_qa
from nlp.evaluation.report import check_report_folder, write_report
from nlp.evaluation.retrieval import evaluate_retrieval
from nlp.evaluation.router import RouterReport, measure_router
from nlp.evaluation.study import study_router
from nlp.evaluation.summaries import evaluate_summaries
from nlp.evaluation.summary_data import read_samples
from nlp.model_store import Manifest, check_unused, write_model
from nlp.router import Router
from nlp.summarizer import Summarizer
from nlp.training.data import SEEDS, Example, read_examples, seed_files
from nlp.training.options import configure
from nlp.training.processes import join_processes, launched_together, part_processes
from nlp.training.router import CONFIGS, AnyConfig, describe_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog

NEEDED = "question"  # the intent without which nothing would be asked of the documents


@dataclass(frozen=True)
class Plan:
    """How a router shall be made: `settings` are "KEY=VALUE" for the configuration of `architecture`."""

    architecture: str
    settings: Sequence[str] = ()
    vectors: Path | None = None
    checkpoint: Path | None = None


async def train_router(
    settings: Settings, plan: Plan, train: Path | None, valid: Path | None, out: Path | None, *, as_json: bool
) -> None:
    """Train a router on a file, or on the seeds; write it to a folder, or make it the one that serves.

    Of several processes that torchrun started, all train, and the main one writes and prints.

    Raises:
        DataError: it shall serve, and its labels are not those that the bot acts on; or a setting is off.
        ModelError: the checkpoint is of another run, or something cannot be written.
    """
    config = make_config(plan, settings)
    if out is None:
        check_home(settings.home)
    else:
        check_unused(out)
    files = [train] if train else seed_files(settings.seeds or SEEDS)
    examples, sources = read_examples(*files), [path.name for path in files]
    if out is None and all(example.intent != NEEDED for example in examples):
        raise DataError(
            f"{', '.join(sources)} has no example of the intent {NEEDED!r}, without which the bot cannot serve: "
            "add some, or use --out FOLDER to train without putting it into service"
        )
    held_out = read_examples(valid) if valid else []
    main = not launched_together() or join_processes(getattr(config, "device", "auto")).is_main
    log = RunLog()
    try:
        router = await train_with_progress(
            examples,
            open_encoder(settings),
            Progress() if main else Silence(),
            log,
            config,
            held_out,
            plan.checkpoint,
        )
    finally:
        part_processes()
    if main:
        await _keep(settings, _Trained(router, config, examples, sources, log), held_out, out, as_json=as_json)


@dataclass(frozen=True)
class _Trained:
    router: Router
    config: AnyConfig
    examples: Sequence[Example]
    sources: Sequence[str]
    log: RunLog


async def _keep(
    settings: Settings, trained: _Trained, held_out: Sequence[Example], out: Path | None, *, as_json: bool
) -> None:
    router, config, examples, sources = trained.router, trained.config, trained.examples, trained.sources
    scores = _scores(measure_router(router, held_out, [], 0.0, 0.0, len(examples)).figures) if held_out else None
    if out is None:
        store = open_models(settings)
        async with open_database(settings) as database:
            manifest = await put_into_service(
                database, store, router, examples, sources, scores, trained.log, config=config
            )
    else:
        manifest, arrays = describe_router(router, examples, config, sources=sources, scores=scores)
        manifest = write_model(out, manifest, arrays, report_files(trained.log, manifest, examples))
    report_training(manifest, "examples", as_json=as_json)


def make_config(plan: Plan, settings: Settings) -> AnyConfig:
    """The training configuration of a plan; device and encoder are those of `settings` where the plan is silent.

    Raises:
        SettingsError: the architecture is not known, or does not take what the plan gives it.
        DataError: a setting is not known, or its value is not allowed.
    """
    check_architecture(plan.architecture)
    words = list(plan.settings)
    if plan.architecture != "fused":
        words.insert(0, f"device={settings.device}")
    if plan.architecture == "transformer" and settings.encoder != BUNDLED:
        words.insert(0, f"base={settings.encoder}")
    if plan.vectors and plan.architecture != "lstm":
        raise SettingsError("--vectors is for --arch lstm: the other architectures read no word vectors")
    if plan.vectors:
        words.append(f"vectors={plan.vectors}")
    if plan.checkpoint and plan.architecture == "fused":
        raise SettingsError("--checkpoint is for --arch transformer and lstm: fused trains in seconds")
    return configure(CONFIGS[plan.architecture], words)


def _scores(report: RouterReport) -> dict[str, float]:
    return {"accuracy": report.accuracy, "macro_f1": report.macro_f1, "ece": report.ece}


def report_training(manifest: Manifest, rows: str, *, as_json: bool) -> None:
    """Say what was trained, on how many `rows` (such as "examples"), and how good it is."""
    if as_json:
        console.print_json(asdict(manifest))
        return
    console.out.print(f"{manifest.kind} {manifest.version}: {manifest.data.rows} {rows}", markup=False)
    for name, score in manifest.scores.items():
        console.out.print(f"  {name} {score:.4f}", markup=False)


@dataclass(frozen=True)
class Files:
    """What a router is trained on and measured on; `oos` holds texts that are out of scope."""

    train: Path
    test: Path
    oos: Path | None = None


def router_report(settings: Settings, plan: Plan, files: Files, report: Path | None, *, as_json: bool) -> None:
    """Train on one file and measure on another; `report` is a new folder for a page about it."""
    config = make_config(plan, settings)
    if report:
        check_report_folder(report)
    examples, held_out = read_examples(files.train), read_examples(files.test)
    strange = [example.text for example in read_examples(files.oos)] if files.oos else []
    encoder = open_encoder(settings)
    with Progress().stages(TITLES) as show:
        study = study_router(
            examples,
            held_out,
            strange,
            encoder,
            config,
            on_step=lambda step: show(step.stage, step.done, step.total, describe(step)),
            names=(files.train.name, files.test.name),
            with_curve=report is not None and plan.architecture == "fused",
        )
    for notice in study.notices:
        console.err.print(f"dawen: {notice.english}", markup=False)
    if report:
        write_report(report, study)
        console.err.print(f"report: {report / 'index.html'}", markup=False)
    print_report(study.figures.as_dict(), as_json=as_json)


def retrieval_report(settings: Settings, data: Path, limit: int | None, *, as_json: bool) -> None:
    """Measure retrieval on a question-answering file."""
    _question_report(settings, data, limit, lambda *work: evaluate_retrieval(*work).as_dict(), as_json=as_json)


def answers_report(settings: Settings, data: Path, limit: int | None, *, as_json: bool) -> None:
    """Measure answers on a question-answering file."""
    spans = open_spans(settings)

    def evaluate(questions: QaData, encoder: Encoder, tell: Callable[[int, int], object]) -> Mapping[str, Any]:
        return evaluate_answers(questions, encoder, tell, spans).as_dict()

    _question_report(settings, data, limit, evaluate, as_json=as_json)


def summaries_report(settings: Settings, data: Path, limit: int | None, *, as_json: bool) -> None:
    """Measure summaries on a file of articles with reference summaries."""
    samples = read_samples(data, limit)
    summarizer = Summarizer(open_encoder(settings))
    with Progress().job(f"Summarising the articles of {data.name}") as advance:
        report = evaluate_summaries(samples, summarizer, advance).as_dict()
    print_report(report, as_json=as_json)


def _question_report(
    settings: Settings,
    data: Path,
    limit: int | None,
    evaluate: Callable[[QaData, Encoder, Callable[[int, int], object]], Mapping[str, Any]],
    *,
    as_json: bool,
) -> None:
    questions = read_qa(data).first(limit)
    encoder = open_encoder(settings)
    with Progress().job(f"Asking the questions of {data.name}") as advance:
        report = evaluate(questions, encoder, advance)
    print_report(report, as_json=as_json)


def print_report(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Figures as JSON, or as a table."""
    if as_json:
        console.print_json(report)
        return
    rows: list[tuple[object, ...]] = []
    for name, value in report.items():
        inner = value.items() if isinstance(value, Mapping) else [("", value)]
        rows += [(f"{name} {key}".strip(), "–" if figure is None else figure) for key, figure in inner]
    console.print_table(rows, "figure", "value")


def check_architecture(name: str) -> None:
    """Refuse an architecture that is not known.

    Raises:
        SettingsError: it is not.
    """
    if name not in ARCHITECTURES:
        raise SettingsError(f"architecture {name!r} is not known: use {', '.join(ARCHITECTURES)}")
