"""`dawen backup` and `dawen restore`: everything that Dawen keeps, in one file and back."""

from dataclasses import asdict
from pathlib import Path

from bot import backups, console
from bot.settings import FILE, Settings


async def back_up(settings: Settings, target: Path, *, as_json: bool) -> None:
    """Write a backup, and say plainly where the database is not in it.

    Raises:
        BackupError: it cannot be written. StorageError: the database cannot be copied.
    """
    made = await backups.back_up(settings, target)
    if as_json:
        console.print_json({"file": str(target), **asdict(made)})
        return
    console.out.print(f"{made.files} files, {made.size / 1e6:.1f} MB, are in {str(target)!r}", markup=False)
    if not made.database:
        console.out.print(
            "It holds models, settings and the texts of the shared documents, not the database: back up PostgreSQL "
            "with 'pg_dump --format=custom' as well",
            markup=False,
        )


async def restore(settings: Settings, archive: Path, *, as_json: bool) -> None:
    """Make the home folder of a backup.

    Raises:
        BackupError: the home folder is not empty, or the backup is damaged. StorageError: its tables are newer.
    """
    made = await backups.restore(settings, archive)
    if as_json:
        console.print_json({"home": str(settings.home), **asdict(made)})
        return
    console.out.print(f"{made.files} files are back in {str(settings.home)!r}", markup=False)
    console.out.print(f"Settings are in {str(settings.home / FILE)!r}; tokens and keys are set anew", markup=False)
    if not made.database:
        console.out.print("The database is not in it: restore PostgreSQL with 'pg_restore'", markup=False)
