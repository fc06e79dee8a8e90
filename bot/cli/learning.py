"""Commands of the learning loop: `retrain`, `models`, `review`, `export`, `import`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Json, Version, open_settings

app = typer.Typer()
models_app = typer.Typer(no_args_is_help=True, help="Look after the versions of what was learned.")
app.add_typer(models_app, name="models")


@app.command("retrain")
def retrain(
    kind: Annotated[str, typer.Argument(help="router, retriever, thresholds, generator or all.")] = "router",
    as_json: Json = False,
) -> None:
    """Train from the labels and votes of the chats; what is better serves, where the gate says so."""
    from bot import console
    from bot.commands import retraining

    console.run(retraining.retrain(open_settings(), kind, as_json=as_json))


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the versions of all kinds."""
    from bot import console
    from bot.commands import versions

    settings = open_settings()
    with console.clear_errors():
        versions.list_versions(settings, as_json=as_json)


@models_app.command("show")
def show_model(version: Version = None, as_json: Json = False) -> None:
    """Show what a version says of itself."""
    from bot import console
    from bot.commands import versions

    settings = open_settings()
    with console.clear_errors():
        versions.show_version(settings, version, as_json=as_json)


@models_app.command("promote")
def promote_model(version: Annotated[str, typer.Argument(help="A version.")], as_json: Json = False) -> None:
    """Make a version, of whatever kind, the one that serves."""
    from bot import console
    from bot.commands import versions

    console.run(versions.promote(open_settings(), version, as_json=as_json))


@models_app.command("rollback")
def roll_back_model(
    kind: Annotated[str, typer.Argument(help="router, retriever, thresholds or generator.")] = "router",
    as_json: Json = False,
) -> None:
    """Make what served before serve again."""
    from bot import console
    from bot.commands import versions

    console.run(versions.rollback(open_settings(), kind, as_json=as_json))


@models_app.command("prune")
def prune_models(
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest to keep in any case.")] = 5,
    as_json: Json = False,
) -> None:
    """Remove old versions of all kinds; what serves, the one before and the first stay."""
    from bot import console
    from bot.commands import prune

    console.run(prune.prune(open_settings(), keep, as_json=as_json))


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

    settings = open_settings()
    wanted = compress.Wanted(int8, prune, onnx, test, train, out)
    with console.clear_errors():
        compress.compress_router(settings, version, wanted, as_json=as_json)


@app.command()
def review() -> None:
    """Say what messages were, so that the bot learns it; also /review in an admin's chat."""
    from bot import console
    from bot.commands import review as cards

    console.run(cards.review(open_settings()))


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
    console.run(exchange.export(open_settings(), out, known, as_json=as_json))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or TSV with text and intent, perhaps topic, language.")],
    as_json: Json = False,
) -> None:
    """Keep labelled texts for the next retraining, all rows of a file or none."""
    from bot import console
    from bot.commands import exchange

    settings = open_settings()
    with console.clear_errors():
        exchange.import_file(settings, file, as_json=as_json)
