"""Commands that keep the bot well: `inbox`, `backup`, `restore`, `keys`, `cluster`, `db`, `doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Json, open_settings

app = typer.Typer()
inbox_app = typer.Typer(no_args_is_help=True, help="Look after messages that could not be dealt with.")
keys_app = typer.Typer(no_args_is_help=True, help="Look after the keys of the REST API.")
cluster_app = typer.Typer(no_args_is_help=True, help="Look after the models on the Ray cluster of DAWEN_INFERENCE.")
db_app = typer.Typer(no_args_is_help=True, help="Look after the database.")
app.add_typer(inbox_app, name="inbox")
app.add_typer(keys_app, name="keys")
app.add_typer(cluster_app, name="cluster")
app.add_typer(db_app, name="db")

Numbers = Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Their numbers; else all.")]


@inbox_app.command("list")
def list_inbox(as_json: Json = False) -> None:
    """List the updates that were set aside after their last attempt."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.list_inbox(open_settings(), as_json=as_json))


@inbox_app.command("retry")
def retry_inbox(numbers: Numbers = None, as_json: Json = False) -> None:
    """Let updates that were set aside be tried again: those named, else all."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.retry(open_settings(), numbers or [], as_json=as_json))


@inbox_app.command("drop")
def drop_inbox(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Their numbers.")], as_json: Json = False
) -> None:
    """Give up updates that were set aside."""
    from bot import console
    from bot.commands import inbox

    console.run(inbox.drop(open_settings(), numbers, as_json=as_json))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="A new file, outside the home folder.")],
    as_json: Json = False,
) -> None:
    """Write everything that Dawen keeps into one file; the bot may run meanwhile."""
    from bot import console
    from bot.commands import backup as backups

    console.run(backups.back_up(open_settings(), file, as_json=as_json))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="A backup.")], as_json: Json = False
) -> None:
    """Put a backup into an empty home folder."""
    from bot import console
    from bot.commands import backup as backups

    console.run(backups.restore(open_settings(), file, as_json=as_json))


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

    console.run(keys.create(open_settings(), name, admin=admin, teach=teach, as_json=as_json))


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys, without their secrets."""
    from bot import console
    from bot.commands import keys

    console.run(keys.list_keys(open_settings(), as_json=as_json))


@keys_app.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Its name.")], as_json: Json = False) -> None:
    """Let nobody in with a key any more, at once."""
    from bot import console
    from bot.commands import keys

    console.run(keys.revoke(open_settings(), name, as_json=as_json))


@cluster_app.command("status")
def cluster_status(as_json: Json = False) -> None:
    """Show the nodes and which of Dawen's models are there."""
    from bot import console
    from bot.commands import cluster

    settings = open_settings()
    with console.clear_errors():
        cluster.status(settings, as_json=as_json)


@cluster_app.command("clear")
def clear_cluster(
    old: Annotated[bool, typer.Option("--old", help="Only those that this bot does not use.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Json = False,
) -> None:
    """Remove Dawen's models from the cluster, and nothing else; bots put theirs there again when they start."""
    from bot import console
    from bot.commands import cluster

    settings = open_settings()
    with console.clear_errors():
        cluster.clear(settings, old=old, sure=yes, as_json=as_json)


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date; `dawen run` does so by itself."""
    from bot import console
    from bot.commands import doctor

    console.run(doctor.upgrade(open_settings()))


@db_app.command("check")
def db_check() -> None:
    """Tell whether the tables are what this version expects."""
    from bot import console
    from bot.commands import doctor

    console.run(doctor.check(open_settings()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check the set-up and say what to do about each fault."""
    from bot import console
    from bot.commands import doctor as check_up

    console.run(check_up.doctor(open_settings(), as_json=as_json))
