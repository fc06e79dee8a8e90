"""`dawen doctor` and `dawen db`: is everything in order, and what to do if not."""

from dataclasses import asdict

from bot import console
from bot.app import open_database
from bot.checks import look_through
from bot.errors import StartError
from bot.settings import Settings
from storage import migrate
from storage.database import Database

_SHOWN = {"ok": "ok", "warning": "WARN", "fault": "FAULT"}


async def doctor(settings: Settings, *, as_json: bool) -> None:
    """Check everything and say what is wrong.

    Raises:
        StartError: something is.
    """
    findings = await look_through(settings)
    if as_json:
        checks = [asdict(finding) | {"ok": finding.ok} for finding in findings]
        console.print_json({"ok": all(finding.ok for finding in findings), "checks": checks})
    else:
        console.print_table([(_SHOWN[f.state], f.name, f.detail) for f in findings], "", "check", "")
    faults = sum(not finding.ok for finding in findings)
    if faults:
        raise StartError(f"{faults} of {len(findings)} checks failed")


async def upgrade(settings: Settings) -> None:
    """Bring the tables up to date."""
    async with open_database(settings) as database:
        console.out.print(f"{database.describe()} is at {await migrate.current(database)}", markup=False)


async def check(settings: Settings) -> None:
    """Compare the tables with what this version expects."""
    database = Database(settings.database_url)
    try:
        await database.ping()
        await migrate.check(database)
    finally:
        await database.close()
    console.out.print(f"{database.describe()} is up to date", markup=False)
