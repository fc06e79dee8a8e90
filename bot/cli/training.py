"""Commands that train from files and measure on files: `train`, `evaluate`, `bench`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Json, open_settings
from nlp.training.configs import Precision

app = typer.Typer()
train_app = typer.Typer(no_args_is_help=True, help="Train a model.")
evaluate_app = typer.Typer(no_args_is_help=True, help="Measure quality and speed on a data file.")
bench_app = typer.Typer(no_args_is_help=True, help="Measure speed on this machine.")
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(bench_app, name="bench")

Data = Annotated[Path, typer.Option("--data", help="JSON Lines with question, context and answers.")]
Articles = Annotated[Path, typer.Option("--data", help="JSON Lines with source or article, and target or summary.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Use at most so many rows, spread over the file.")]
Arch = Annotated[str, typer.Option("--arch", help="Architecture of the router: fused, transformer, lstm.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the training, such as epochs=3; again for more."),
]
Vectors = Annotated[
    Path | None, typer.Option("--vectors", help="Word vectors as text, .gz or not, for --arch lstm to begin with.")
]


@train_app.command("router")
def train_router(
    train: Annotated[
        Path | None, typer.Option(help="JSON Lines, CSV or TSV with text and label; else the seeds.")
    ] = None,
    valid: Annotated[Path | None, typer.Option(help="Held-out rows to score the result with.")] = None,
    arch: Arch = "fused",
    setting: Set = None,
    vectors: Vectors = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Folder to resume from, if this very training was cut short there.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="New folder for the model; else it becomes the one that serves.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train the router."""
    from bot import console
    from bot.commands import models

    plan = models.Plan(arch, setting or (), vectors, checkpoint)
    console.run(models.train_router(open_settings(), plan, train, valid, out, as_json=as_json))


@train_app.command("labels")
def train_labels(
    train: Annotated[Path, typer.Option(help="JSON Lines, CSV or TSV with text and label; about 20 rows a new label.")],
    replay: Annotated[Path | None, typer.Option(help="What the router was trained on; else the seeds.")] = None,
    as_json: Json = False,
) -> None:
    """Add new labels to the router that serves, in seconds."""
    from bot import console
    from bot.commands import extend

    console.run(extend.train_labels(open_settings(), train, replay, as_json=as_json))


@train_app.command("reader")
def train_reader(
    train: Annotated[
        list[Path], typer.Option(help="JSON Lines with question, context and answers; again for more files.")
    ],
    out: Annotated[Path, typer.Option(help="New folder for the reader's weights.")],
    precision: Annotated[Precision, typer.Option(help="Of its close reading: bf16 pays on new processors.")] = "auto",
    keep_reading: Annotated[
        bool, typer.Option("--keep-reading", help="Keep how sentences are read closely, which takes hours to learn.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train the reader, which finds the sentences that answer."""
    from bot import console
    from bot.commands import reader

    settings = open_settings()
    with console.clear_errors():
        reader.teach_reader(settings, train, out, precision, keep_reading=keep_reading, as_json=as_json)


@evaluate_app.command("router")
def evaluate_router(
    train: Annotated[Path, typer.Option(help="JSON Lines, CSV or TSV with text and label to train on.")],
    test: Annotated[Path, typer.Option(help="Such a file to measure on.")],
    oos: Annotated[Path | None, typer.Option(help="Out-of-scope texts, to tell from the test texts.")] = None,
    arch: Arch = "fused",
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for a page with pictures.")] = None,
    setting: Set = None,
    vectors: Vectors = None,
    as_json: Json = False,
) -> None:
    """Train a router on one file and measure it on another."""
    from bot import console
    from bot.commands import models

    settings = open_settings()
    with console.clear_errors():
        plan = models.Plan(arch, setting or (), vectors)
        models.router_report(settings, plan, models.Files(train, test, oos), report, as_json=as_json)


@evaluate_app.command("retrieval")
def evaluate_retrieval(data: Data, limit: Limit = None, as_json: Json = False) -> None:
    """Ask every question against all passages of a file, beside BM25 alone and embeddings alone."""
    from bot import console
    from bot.commands import models

    settings = open_settings()
    with console.clear_errors():
        models.retrieval_report(settings, data, limit, as_json=as_json)


@evaluate_app.command("answers")
def evaluate_answers(data: Data, limit: Limit = None, as_json: Json = False) -> None:
    """Answer every question of a file from all of its passages, and without the article it is about."""
    from bot import console
    from bot.commands import models

    settings = open_settings()
    with console.clear_errors():
        models.answers_report(settings, data, limit, as_json=as_json)


@evaluate_app.command("summaries")
def evaluate_summaries(data: Articles, limit: Limit = None, as_json: Json = False) -> None:
    """Summarise every article of a file, beside its first sentences."""
    from bot import console
    from bot.commands import models

    settings = open_settings()
    with console.clear_errors():
        models.summaries_report(settings, data, limit, as_json=as_json)


@evaluate_app.command("articles")
def evaluate_articles(
    data: Annotated[Path, typer.Option("--data", help="Folder with ground_truth.jsonl and html/ID.html.gz.")],
    as_json: Json = False,
) -> None:
    """Find the articles of web pages and compare them with the true ones."""
    from bot import console
    from bot.commands import articles

    open_settings()
    with console.clear_errors():
        articles.articles_report(data, as_json=as_json)


@bench_app.command("ingest")
def bench_ingest(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Files and folders; else the English manual.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add documents to a scratch knowledge, beside sentence-transformers' encode of the same texts."""
    from bot import console
    from bot.commands import bench

    console.run(bench.bench_ingest(open_settings(), sources or (), as_json=as_json))


@bench_app.command("load")
def bench_load(
    seconds: Annotated[float, typer.Option(min=1, help="How long messages come at a steady rate.")] = 600,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Messages a second.")] = 30,
    backlog: Annotated[int, typer.Option(min=1, help="Messages that wait at once.")] = 50_000,
    quick: Annotated[bool, typer.Option("--quick", help="A few minutes, to see that it works.")] = False,
    as_json: Json = False,
) -> None:
    """Let a thousand people write to the whole bot: how long they wait, in calm, in a flood and after a backlog."""
    from bot import console
    from bot.commands import load

    plan = load.Plan(seconds=seconds, rate=rate, backlog=backlog)
    console.run(load.bench_load(open_settings(), plan.shorter() if quick else plan, as_json=as_json))
