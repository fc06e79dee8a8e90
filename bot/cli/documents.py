"""Commands for the documents: `ingest`, `documents`."""

from typing import Annotated

import typer

from bot.cli.options import Json, open_settings

app = typer.Typer()
documents_app = typer.Typer(invoke_without_command=True, help="List or remove documents.")
app.add_typer(documents_app, name="documents")


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

    console.run(documents.ingest(open_settings(), sources, as_json=as_json))


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

    console.run(documents.list_documents(open_settings(), as_json=as_json))


@documents_app.command("remove")
def remove_document(
    document: Annotated[str, typer.Argument(help="Its number, address or title.")], as_json: Json = False
) -> None:
    """Remove a document."""
    from bot import console
    from bot.commands import documents

    console.run(documents.remove_document(open_settings(), document, as_json=as_json))
