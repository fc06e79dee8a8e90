"""`dawen train` and `dawen evaluate`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import console
from bot.app import check_home, open_database, open_encoder
from bot.errors import SettingsError
from bot.learning import put_into_service, train_with_progress
from bot.progress import Progress
from bot.settings import Settings
from nlp.architectures import ARCHITECTURES
from nlp.encoder import Encoder
from nlp.errors import DataError
from nlp.evaluation.answers import evaluate_answers
from nlp.evaluation.qa_data import QaData, read_qa
from nlp.evaluation.report import check_report_folder, write_report
from nlp.evaluation.retrieval import evaluate_retrieval
from nlp.evaluation.router import RouterReport, measure_router
from nlp.evaluation.study import study_router
from nlp.model_store import Manifest, ModelStore, check_unused, write_model
from nlp.training.data import SEEDS, read_examples, seed_files
from nlp.training.router import DEFAULT, describe_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog

NEEDED = "question"  # the intent without which nothing would be asked of the documents


async def train_router(
    settings: Settings, train: Path | None, valid: Path | None, out: Path | None, architecture: str, *, as_json: bool
) -> None:
    """Train a router on a file, or on the seeds; write it to a folder, or make it the one that serves.

    Raises:
        DataError: it shall serve, and its labels are not those that the bot acts on.
    """
    check_architecture(architecture)
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
    encoder = open_encoder(settings)
    router = await train_with_progress(examples, encoder, Progress(), log := RunLog())
    scores = _scores(measure_router(router, held_out, [], 0.0, 0.0, len(examples)).figures) if held_out else None
    if out is None:
        store = ModelStore(settings.models_folder)
        async with open_database(settings) as database:
            manifest = await put_into_service(database, store, router, examples, sources, scores, log)
    else:
        manifest, arrays = describe_router(router, examples, DEFAULT, sources=sources, scores=scores)
        manifest = write_model(out, manifest, arrays, report_files(log, manifest, examples))
    _report_training(manifest, as_json=as_json)


def _scores(report: RouterReport) -> dict[str, float]:
    return {"accuracy": report.accuracy, "macro_f1": report.macro_f1, "ece": report.ece}


def _report_training(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        console.print_json(asdict(manifest))
        return
    console.out.print(f"router {manifest.version}: {manifest.data.rows} examples", markup=False)
    for name, score in manifest.scores.items():
        console.out.print(f"  {name} {score:.4f}", markup=False)


def router_report(
    settings: Settings,
    train: Path,
    test: Path,
    oos: Path | None,
    architecture: str,
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    """Train on one file and measure on another; `report` is a new folder for a page about it."""
    check_architecture(architecture)
    if report:
        check_report_folder(report)
    examples, held_out = read_examples(train), read_examples(test)
    strange = [example.text for example in read_examples(oos)] if oos else []
    encoder = open_encoder(settings)
    with Progress().stages({}) as show:
        study = study_router(
            examples,
            held_out,
            strange,
            encoder,
            on_step=lambda step: show(step.stage, step.done, step.total),
            names=(train.name, test.name),
            with_curve=report is not None,
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
    _question_report(settings, data, limit, lambda *work: evaluate_answers(*work).as_dict(), as_json=as_json)


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
