"""The command line: one small function per command. Anything heavy is imported when its command runs."""

from typing import Annotated

import typer

from bot.cli import documents, learning, talking, training, upkeep

app = typer.Typer(
    name="dawen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (talking, documents, training, learning, upkeep):
    app.add_typer(group.app)


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
