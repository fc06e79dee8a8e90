"""The command line: one small function per command. Anything heavy is imported when its command runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.logs import set_up_logging
from bot.settings import Settings
from nlp.training.configs import Precision

app = typer.Typer(
    name="dawen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
train_app = typer.Typer(no_args_is_help=True, help="Train a model.")
evaluate_app = typer.Typer(no_args_is_help=True, help="Measure quality and speed on a data file.")
documents_app = typer.Typer(invoke_without_command=True, help="List or remove documents.")
bench_app = typer.Typer(no_args_is_help=True, help="Measure speed on this machine.")
db_app = typer.Typer(no_args_is_help=True, help="Look after the database.")
inbox_app = typer.Typer(no_args_is_help=True, help="Look after messages that could not be dealt with.")
keys_app = typer.Typer(no_args_is_help=True, help="Look after the keys of the REST API.")
models_app = typer.Typer(no_args_is_help=True, help="Look after the versions of the router.")
app.add_typer(documents_app, name="documents")
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(inbox_app, name="inbox")
app.add_typer(keys_app, name="keys")
app.add_typer(models_app, name="models")
app.add_typer(bench_app, name="bench")
app.add_typer(db_app, name="db")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Data = Annotated[Path, typer.Option("--data", help="JSON Lines with question, context and answers.")]
Articles = Annotated[Path, typer.Option("--data", help="JSON Lines with source or article, and target or summary.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Use at most so many rows, spread over the file.")]
Version = Annotated[str | None, typer.Argument(help="A version; else the one that serves.")]
Numbers = Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Their numbers; else all.")]
Arch = Annotated[str, typer.Option("--arch", help="Architecture of the router: fused, transformer, lstm.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the training, such as epochs=3; again for more."),
]
Vectors = Annotated[
    Path | None, typer.Option("--vectors", help="Word vectors as text, .gz or not, for --arch lstm to begin with.")
]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dawen {version('dawen')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Dawen 答问: a question-answering bot for Telegram that runs on your own machine."""


def _settings() -> Settings:
    from bot.console import clear_errors
    from bot.settings import load_settings

    with clear_errors():
        settings = load_settings()
        set_up_logging(settings.log_level, settings.log_format)
    return settings


@app.command()
def run(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the local chat page; 0 takes any.")
    ] = None,
) -> None:
    """Start the bot: on Telegram if TELEGRAM_BOT_TOKEN is set, else with a local chat page."""
    from bot import console
    from bot.commands.run import run_bot

    settings = _settings()
    console.run(run_bot(settings, settings.port if port is None else port))


@app.command()
def chat() -> None:
    """Talk to the bot in the terminal."""
    from bot import console
    from bot.commands import talk

    console.run(talk.chat(_settings()))


@app.command()
def ask(question: Annotated[str, typer.Argument(help="What to ask.")], as_json: Json = False) -> None:
    """Ask the documents one question."""
    from bot import console
    from bot.commands import talk

    console.run(talk.ask(_settings(), question, as_json=as_json))


@app.command()
def ingest(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, patterns, links, sitemaps.")
    ],
    as_json: Json = False,
) -> None:
    """Add documents to the shared knowledge; the same content again changes nothing."""
    from bot import console
    from bot.commands import documents

    console.run(documents.ingest(_settings(), sources, as_json=as_json))


@documents_app.callback()
def documents(context: typer.Context, as_json: Json = False) -> None:
    """List the documents."""
    if context.invoked_subcommand is None:
        list_documents(as_json)
    elif as_json:
        raise typer.BadParameter("put it at the end", param_hint="--json")


@documents_app.command("list")
def list_documents(as_json: Json = False) -> None:
    """List the documents."""
    from bot import console
    from bot.commands import documents

    console.run(documents.list_documents(_settings(), as_json=as_json))


@documents_app.command("remove")
def remove_document(
    document: Annotated[str, typer.Argument(help="Its number, address or title.")], as_json: Json = False
) -> None:
    """Remove a document."""
    from bot import console
    from bot.commands import documents

    console.run(documents.remove_document(_settings(), document, as_json=as_json))


@app.command()
def summarize(
    source: Annotated[str, typer.Argument(help="A file, a link, or a text in quotes.")],
    sentences: Annotated[int, typer.Option(min=1, max=20, help="How many sentences.")] = 3,
    as_json: Json = False,
) -> None:
    """Summarise a file, a link, or a text."""
    from bot import console
    from bot.commands import documents

    console.run(documents.summarize(_settings(), source, sentences, as_json=as_json))


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
    console.run(models.train_router(_settings(), plan, train, valid, out, as_json=as_json))


@train_app.command("labels")
def train_labels(
    train: Annotated[Path, typer.Option(help="JSON Lines, CSV or TSV with text and label; about 20 rows a new label.")],
    replay: Annotated[Path | None, typer.Option(help="What the router was trained on; else the seeds.")] = None,
    as_json: Json = False,
) -> None:
    """Add new labels to the router that serves, in seconds."""
    from bot import console
    from bot.commands import extend

    console.run(extend.train_labels(_settings(), train, replay, as_json=as_json))


@train_app.command("reader")
def train_reader(
    train: Annotated[
        list[Path], typer.Option(help="JSON Lines with question, context and answers; again for more files.")
    ],
    out: Annotated[Path, typer.Option(help="New folder for the reader's weights.")],
    precision: Annotated[Precision, typer.Option(help="Of its close reading: bf16 pays on new processors.")] = "auto",
    as_json: Json = False,
) -> None:
    """Train the reader, which finds the sentences that answer."""
    from bot import console
    from bot.commands import reader

    settings = _settings()
    with console.clear_errors():
        reader.teach_reader(settings, train, out, precision, as_json=as_json)


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

    settings = _settings()
    with console.clear_errors():
        plan = models.Plan(arch, setting or (), vectors)
        models.router_report(settings, plan, models.Files(train, test, oos), report, as_json=as_json)


@evaluate_app.command("retrieval")
def evaluate_retrieval(data: Data, limit: Limit = None, as_json: Json = False) -> None:
    """Ask every question against all passages of a file, beside BM25 alone and embeddings alone."""
    from bot import console
    from bot.commands import models

    settings = _settings()
    with console.clear_errors():
        models.retrieval_report(settings, data, limit, as_json=as_json)


@evaluate_app.command("answers")
def evaluate_answers(data: Data, limit: Limit = None, as_json: Json = False) -> None:
    """Answer every question of a file from all of its passages, and without the article it is about."""
    from bot import console
    from bot.commands import models

    settings = _settings()
    with console.clear_errors():
        models.answers_report(settings, data, limit, as_json=as_json)


@evaluate_app.command("summaries")
def evaluate_summaries(data: Articles, limit: Limit = None, as_json: Json = False) -> None:
    """Summarise every article of a file, beside its first sentences."""
    from bot import console
    from bot.commands import models

    settings = _settings()
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

    _settings()
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

    console.run(bench.bench_ingest(_settings(), sources or (), as_json=as_json))


@bench_app.command("load")
def bench_load(
    seconds: Annotated[float, typer.Option(min=1, help="How long messages come at a steady rate.")] = 600,
    quick: Annotated[bool, typer.Option("--quick", help="A few minutes, to see that it works.")] = False,
    as_json: Json = False,
) -> None:
    """Let a thousand people write to the whole bot: how long they wait, in calm, in a flood and after a backlog."""
    from bot import console
    from bot.commands import load

    plan = load.Plan(seconds=seconds)
    console.run(load.bench_load(_settings(), plan.shorter() if quick else plan, as_json=as_json))


@app.command("retrain")
def retrain(
    kind: Annotated[str, typer.Argument(help="router, retriever, thresholds, generator or all.")] = "router",
    as_json: Json = False,
) -> None:
    """Train from the labels and votes of the chats; what is better serves, where the gate says so."""
    from bot import console
    from bot.commands import retraining

    console.run(retraining.retrain(_settings(), kind, as_json=as_json))


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the versions of all kinds."""
    from bot import console
    from bot.commands import versions

    settings = _settings()
    with console.clear_errors():
        versions.list_versions(settings, as_json=as_json)


@models_app.command("show")
def show_model(version: Version = None, as_json: Json = False) -> None:
    """Show what a version says of itself."""
    from bot import console
    from bot.commands import versions

    settings = _settings()
    with console.clear_errors():
        versions.show_version(settings, version, as_json=as_json)


@models_app.command("promote")
def promote_model(version: Annotated[str, typer.Argument(help="A version.")], as_json: Json = False) -> None:
    """Make a version the one that serves from the next start on."""
    from bot import console
    from bot.commands import versions

    console.run(versions.promote(_settings(), version, as_json=as_json))


@models_app.command("rollback")
def roll_back_model(as_json: Json = False) -> None:
    """Make the parent of the serving version serve again."""
    from bot import console
    from bot.commands import versions

    console.run(versions.rollback(_settings(), as_json=as_json))


@models_app.command("prune")
def prune_models(
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest to keep in any case.")] = 5,
    as_json: Json = False,
) -> None:
    """Remove old versions of the router; what serves, the one before and the first stay."""
    from bot import console
    from bot.commands import prune

    console.run(prune.prune(_settings(), keep, as_json=as_json))


@models_app.command("compress")
def compress_model(
    version: Version = None,
    int8: Annotated[bool, typer.Option("--int8", help="Heads and encoder in int8 where accuracy allows.")] = False,
    prune: Annotated[float, typer.Option(min=0, max=0.99, help="Share of the n-gram weights to drop.")] = 0.0,
    test: Annotated[Path | None, typer.Option(help="Labelled texts to measure on; else the held-out seeds.")] = None,
    train: Annotated[Path | None, typer.Option(help="Texts to tune a pruned router on; else the seeds.")] = None,
    onnx: Annotated[Path | None, typer.Option(help="Also write encoder and dense heads as one ONNX file.")] = None,
    out: Annotated[Path | None, typer.Option(help="New folder for the result; else a new version.")] = None,
    as_json: Json = False,
) -> None:
    """Write a smaller, faster version of the router and say what it costs; it serves once it is promoted."""
    from bot import console
    from bot.commands import compress

    settings = _settings()
    wanted = compress.Wanted(int8, prune, onnx, test, train, out)
    with console.clear_errors():
        compress.compress_router(settings, version, wanted, as_json=as_json)


@app.command()
def review() -> None:
    """Say what messages were, so that the bot learns it; also /review in an admin's chat."""
    from bot import console
    from bot.commands import review as cards

    console.run(cards.review(_settings()))


@app.command()
def export(
    out: Annotated[Path, typer.Option(metavar="FILE|FOLDER", help="New file NAME.jsonl, or new folder.")],
    wanted: Annotated[
        str | None, typer.Option("--format", help="jsonl, or datasets for a folder that Hugging Face datasets reads.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the labelled messages of people who agreed, without personal data."""
    from bot import console
    from bot.commands import exchange
    from bot.exchange import FORMATS

    known = next((name for name in FORMATS if name == wanted), None)
    if wanted is not None and known is None:
        raise typer.BadParameter(f"{wanted!r} is none: use {' or '.join(FORMATS)}", param_hint="--format")
    console.run(exchange.export(_settings(), out, known, as_json=as_json))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or TSV with text and intent, perhaps topic, language.")],
    as_json: Json = False,
) -> None:
    """Keep labelled texts for the next retraining, all rows of a file or none."""
    from bot import console
    from bot.commands import exchange

    settings = _settings()
    with console.clear_errors():
        exchange.import_file(settings, file, as_json=as_json)


@inbox_app.command("list")
def list_inbox(as_json: Json = False) -> None:
    """List the updates that were set aside after their last attempt."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.list_inbox(_settings(), as_json=as_json))


@inbox_app.command("retry")
def retry_inbox(numbers: Numbers = None, as_json: Json = False) -> None:
    """Let updates that were set aside be tried again: those named, else all."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.retry(_settings(), numbers or [], as_json=as_json))


@inbox_app.command("drop")
def drop_inbox(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Their numbers.")], as_json: Json = False
) -> None:
    """Give up updates that were set aside."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.drop(_settings(), numbers, as_json=as_json))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="A new file, outside the home folder.")],
    as_json: Json = False,
) -> None:
    """Write everything that Dawen keeps into one file; the bot may run meanwhile."""
    from bot import console
    from bot.commands import backup as backups

    console.run(backups.back_up(_settings(), file, as_json=as_json))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="A backup.")], as_json: Json = False
) -> None:
    """Put a backup into an empty home folder."""
    from bot import console
    from bot.commands import backup as backups

    console.run(backups.restore(_settings(), file, as_json=as_json))


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    admin: Annotated[bool, typer.Option("--admin", help="May change the shared documents.")] = False,
    teach: Annotated[bool, typer.Option("--teach", help="What is asked with it may teach the bot.")] = False,
    as_json: Json = False,
) -> None:
    """Make a key for a program; it is shown this once only."""
    from bot import console
    from bot.commands import keys

    console.run(keys.create(_settings(), name, admin=admin, teach=teach, as_json=as_json))


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys, without their secrets."""
    from bot import console
    from bot.commands import keys

    console.run(keys.list_keys(_settings(), as_json=as_json))


@keys_app.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Its name.")], as_json: Json = False) -> None:
    """Let nobody in with a key any more, at once."""
    from bot import console
    from bot.commands import keys

    console.run(keys.revoke(_settings(), name, as_json=as_json))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date; `dawen run` does so by itself."""
    from bot import console
    from bot.commands import doctor

    console.run(doctor.upgrade(_settings()))


@db_app.command("check")
def db_check() -> None:
    """Tell whether the tables are what this version expects."""
    from bot import console
    from bot.commands import doctor

    console.run(doctor.check(_settings()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check the set-up and say what to do about each fault."""
    from bot import console
    from bot.commands import doctor as check_up

    console.run(check_up.doctor(_settings(), as_json=as_json))
