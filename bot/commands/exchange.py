"""`dawen export` and `dawen import`: labelled texts out of the bot and into it."""

from pathlib import Path

from bot import console
from bot.app import check_home, open_database
from bot.exchange import Format, exported_rows, import_rows, write_rows
from bot.settings import Settings


async def export(settings: Settings, out: Path, wanted: Format | None, *, as_json: bool) -> None:
    """Write every labelled message that may leave the bot; the format is that of the name where none is given.

    Raises:
        DataError: there are none, or `out` is in use or cannot be written.
    """
    check_home(settings.home)
    async with open_database(settings) as database:
        rows = await exported_rows(database, settings.admins, assumed=settings.consent_assumed)
    write_rows(rows, out, wanted or ("jsonl" if out.suffix == ".jsonl" else "datasets"))
    golden = sum(row.golden for row in rows)
    if as_json:
        console.print_json({"rows": len(rows), "golden": golden, "out": str(out)})
    else:
        console.out.print(f"exported: {len(rows)} rows, {golden} of them golden, to {out}", markup=False)


def import_file(settings: Settings, path: Path, *, as_json: bool) -> None:
    """Keep the labelled texts of a file for the next retraining.

    Raises:
        DataError: a line cannot be used; then none is kept.
    """
    check_home(settings.home)
    done = import_rows(path, settings.learned_folder)
    if as_json:
        found = {"rows": done.rows, "golden": done.golden, "folder": str(done.folder), "known": done.known}
        console.print_json(found)
        return
    what = "were imported before" if done.known else "are kept for the next retraining"
    console.out.print(f"{done.rows} rows, {done.golden} of them golden, {what} ({done.folder})", markup=False)
