"""`python -m tests.campaigns`: everything that goes wrong in the field, done to the real bot on purpose, and counted.

    kills     SIGKILL at named points and at random times; polling and webhook; SQLite and PostgreSQL
    faults    what networks and servers do, by a proxy before the Bot API server and before the webhook
    damage    the disk full, the database locked, gone or read-only, the clock moved
    load      thirty messages a second, a flood, a backlog (only where asked for: it needs the real models)

`--quick` takes minutes instead of hours. `--json` prints one object, whose last keys are totals of all that ran:
`lost` (messages without an answer), `out_of_order` (answers after that to a later message), `duplicates` (answers that
came twice where that has no excuse) and `kills`. An answer may come twice where the process ended, or the network
broke, after Telegram had taken it and before the bot could know: `in_window` counts these apart.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.campaigns import damage, faults, kills, load
from tests.campaigns.life import nursery
from tests.campaigns.report import Report, print_table, totals
from tests.campaigns.stage import Stage, stage

Part = Callable[[Stage, bool], Report]
PARTS: dict[str, Part] = {
    "kills": kills.report,
    "faults": faults.report,
    "damage": damage.report,
    "load": load.report,
}
USUAL = ("kills", "faults", "damage")
_QUICK = 80.0  # seconds after which nothing more is begun in haste


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 where nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few of each, within three minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be given again")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    reports = run(options.only or USUAL, quick=options.quick)
    if options.json:
        parts = {name: report.figures() for name, report in reports.items()}
        sys.stdout.write(json.dumps({"parts": parts, **totals(reports.values())}, ensure_ascii=False) + "\n")
    else:
        print_table(reports)
    return int(any(report.failed for report in reports.values()))


def run(names: Iterable[str], *, quick: bool) -> dict[str, Report]:
    """The reports of some parts: one after the other, or in haste side by side, as most of their time is waiting."""
    chosen = list(names)
    with scene() as where, ThreadPoolExecutor(len(chosen) if quick else 1) as pool:
        if quick:
            where = replace(where, until=time.monotonic() + _QUICK)
        return dict(zip(chosen, pool.map(lambda name: PARTS[name](where, quick), chosen), strict=True))


@contextmanager
def scene() -> Iterator[Stage]:
    """The stage for all parts, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="dawen-campaigns-") as folder:
        Path(folder).chmod(0o755)  # the PostgreSQL server is another user's where root runs this
        with nursery(), stage(Path(folder) / "stage") as where:
            yield where


if __name__ == "__main__":
    sys.exit(main())
