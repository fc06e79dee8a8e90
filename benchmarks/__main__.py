"""Print the project's figures as a Markdown table.

make bench                                  the project's own examples, manual and papers
python -m benchmarks --data FOLDER          also the public sets found in FOLDER: squad_v1/, cmrc2018/, and those of
                                            `python -m benchmarks.router`, whose options and output are added
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import baseline, questions, router
from benchmarks.router_sets import has_sets
from bot.app import open_app
from bot.progress import Silence
from bot.settings import load_settings
from nlp.encoder import Encoder, load_encoder
from nlp.evaluation.answers import evaluate_answers
from nlp.evaluation.qa_data import read_qa
from nlp.evaluation.retrieval import evaluate_retrieval
from nlp.evaluation.router import evaluate_router
from nlp.training.data import SEEDS, Example, read_examples

Row = tuple[str, str, str]


def main() -> None:
    """Measure and print, row by row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with public sets")
    router.add_options(parser)
    options = parser.parse_args()
    print("| What | Dawen | Beside it, same run |\n|---|---|---|")
    for what, ours, beside in rows(options.data):
        print(f"| {what} | {ours} | {beside} |", flush=True)
    if options.data is not None and has_sets(options.data):
        print()
        router.show(router.report(options), options.json)


def rows(data: Path | None) -> Iterator[Row]:
    """Every row of the table."""
    encoder = load_encoder()
    yield from asyncio.run(_collections())
    for language in ("en", "zh"):
        train, test = (read_examples(SEEDS / f"{language}{part}.jsonl") for part in ("", ".test"))
        yield _router(f"Own examples, {language}: intent accuracy", train, test, encoder)
    if data is not None:
        yield from _public(data, encoder)


async def _collections() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as home:
        async with open_app(load_settings(home=Path(home)), Silence()) as app:
            found = _figures("manual", await questions.ask_all(app, questions.MANUAL))
            found += _figures("papers of a clinic, a café, a shop", await questions.ask_at_counters(app))
            await questions.add_papers(app)
            return [*found, *_figures("papers of an office", await questions.ask_all(app, questions.OFFICE))]


def _figures(name: str, asked: list[questions.Asked]) -> list[Row]:
    rows = []
    for language in ("en", "zh"):
        right, shown, there, refused, absent, median = questions.figures(asked, language)
        ours = f"{right}/{there} answered, {shown}/{there} shown, {refused}/{absent} refused, median {median:.0f} ms"
        rows.append((f"Questions on the {name}, {language}", ours, "–"))
    return rows


def _public(data: Path, encoder: Encoder) -> Iterator[Row]:
    for name in ("squad_v1", "cmrc2018"):
        if (data / name).is_dir():
            yield from _questions(name, data / name / "dev.jsonl", encoder)


def _router(what: str, train: list[Example], test: list[Example], encoder: Encoder) -> Row:
    report = evaluate_router(train, test, [], encoder).figures
    theirs, seconds = baseline.accuracy(train, test)
    quality = f"{report.accuracy:.4f}, ECE {report.ece:.3f}"
    speed = f"embedding {report.encode_seconds:.0f} s, training {report.train_seconds:.0f} s"
    ours = f"{quality}; {speed}, {report.route_ms_p50:.1f} ms a message"
    return what, ours, f"TF-IDF + linear SVM {theirs:.4f}, {seconds:.0f} s"


def _questions(name: str, path: Path, encoder: Encoder) -> Iterator[Row]:
    data = read_qa(path)
    found = evaluate_retrieval(data, encoder)
    ours = f"{found.fused.recall_at_1:.4f} / {found.fused.recall_at_5:.4f}, p95 {found.search_ms_p95:.1f} ms"
    bm25 = f"BM25 alone {found.bm25.recall_at_1:.4f} / {found.bm25.recall_at_5:.4f}"
    dense = f"embeddings alone {found.dense.recall_at_1:.4f} / {found.dense.recall_at_5:.4f}"
    yield f"{name} dev: recall@1 / @5", ours, f"{bm25}; {dense}"
    answers = evaluate_answers(data.first(1000), encoder)
    ours = (
        f"sentence hit@1 {answers.sentence_hit_at_1:.3f}, any shown {answers.sentence_hit:.3f}, "
        f"refusal AUROC {answers.refusal_auroc:.3f}, p50 {answers.answer_ms_p50:.0f} ms"
    )
    yield f"{name} dev: answers (1000 questions)", ours, "–"


if __name__ == "__main__":
    main()
