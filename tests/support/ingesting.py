"""A process that adds the files of a folder to a database, slowly: `python -m tests.support.ingesting URL HOME FOLDER`.

It prints the name of each file once that is committed, so that a test knows when to kill it.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.knowledge import Added, Source
from bot.sources import expand
from nlp.encoder import TRUST_FLOOR, Encoded, Role
from storage.database import Database
from tests.support.apps import small_app
from tests.support.models import BagEncoder

PAUSE = 0.05  # seconds per batch


async def add_folder(app: App, folder: Path) -> list[Added]:
    """Add every file of a folder, and print what was committed."""
    added = []
    for path in expand(str(folder)):
        added.append(await app.knowledge.add(Source(path, path.resolve().as_uri())))
        print(path.name, flush=True)  # noqa: T201 - the test reads it
    return added


def slow_down() -> None:
    """Make encoding take long enough to be killed in the middle of it."""
    encode = BagEncoder.encode

    def slowly(self: BagEncoder, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        time.sleep(PAUSE)
        return encode(self, texts, role, floor)

    BagEncoder.encode = slowly  # type: ignore[method-assign]


async def _main(url: str, home: Path, folder: Path) -> None:
    async with small_app(Database(url), home) as app:
        slow_down()
        await add_folder(app, folder)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
