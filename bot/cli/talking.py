"""Commands that answer: `run`, `chat`, `ask`, `summarize`."""

import os
from typing import Annotated

import typer

from bot.cli.options import Json, open_settings

app = typer.Typer()


@app.command()
def run(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the local chat page; 0 takes any.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(help="What this process does: all, receiver, worker or trainer; parts need PostgreSQL."),
    ] = None,
) -> None:
    """Start the bot: on Telegram if TELEGRAM_BOT_TOKEN is set, else with a local chat page."""
    # Read when numpy is imported: a message's small matrices are no faster on several cores, and keep them all busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bot import console
    from bot.commands.run import run_bot

    settings = open_settings(**({} if role is None else {"role": role}))
    console.run(run_bot(settings, settings.port if port is None else port))


@app.command()
def chat() -> None:
    """Talk to the bot in the terminal."""
    from bot import console
    from bot.commands import talk

    console.run(talk.chat(open_settings()))


@app.command()
def ask(question: Annotated[str, typer.Argument(help="What to ask.")], as_json: Json = False) -> None:
    """Ask the documents one question."""
    from bot import console
    from bot.commands import talk

    console.run(talk.ask(open_settings(), question, as_json=as_json))


@app.command()
def summarize(
    source: Annotated[str, typer.Argument(help="A file, a link, or a text in quotes.")],
    sentences: Annotated[int, typer.Option(min=1, max=20, help="How many sentences.")] = 3,
    as_json: Json = False,
) -> None:
    """Summarise a file, a link, or a text."""
    from bot import console
    from bot.commands import documents

    console.run(documents.summarize(open_settings(), source, sentences, as_json=as_json))
