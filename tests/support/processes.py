"""`python -m tests.support.processes URL API HOME ROLE NAME`: a part of a bot over small models, until its stdin ends.

It says "ready" when it is at its duties. Quick to start, so that tests can kill it.
"""

import asyncio
import os
import sys
from pathlib import Path

from bot.limiter import ChatLimiter
from bot.roles import Role, Seat
from bot.simulator.people import TOKEN
from bot.telegram_bot import run_telegram_bot
from storage.database import Database
from tests.support.apps import small_app
from tests.support.telegram import UNHURRIED


async def main(url: str, api: str, home: str, role: str, name: str) -> None:
    """Run until stdin ends."""
    database = Database(url)
    limiter = ChatLimiter(UNHURRIED, UNHURRIED, UNHURRIED)
    seat = Seat(Role(role), name, 1)
    async with (
        small_app(database, Path(home), open=True) as app,
        run_telegram_bot(app, TOKEN, api, limiter, seat=seat),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(os.read, 0, 1)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
