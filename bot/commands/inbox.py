"""`dawen inbox`: the updates that were set aside because they failed again and again, to be tried again or dropped."""

from dataclasses import asdict
from typing import Any

from bot import console
from bot.app import open_database
from bot.errors import InboxError
from bot.settings import Settings
from storage.records import DeadUpdate


async def list_inbox(settings: Settings, *, as_json: bool) -> None:
    """List what was set aside, oldest first, without what people wrote."""
    async with open_database(settings) as database, database.read() as tx:
        dead = await tx.inbox.dead()
        waiting = await tx.inbox.count_pending()
    if as_json:
        console.print_json({"waiting": waiting, "set_aside": [_plain(update) for update in dead]})
        return
    rows: list[tuple[object, ...]] = [
        (update.id, update.lane, update.outcome, update.attempts, update.received_at) for update in dead
    ]
    console.out.print(f"{waiting} wait for their turn, {len(dead)} were set aside", markup=False)
    if rows:
        console.print_table(rows, "number", "chat", "how it ended", "attempts", "received")


def _plain(update: DeadUpdate) -> dict[str, Any]:
    moments = {"received_at": update.received_at.isoformat(), "finished_at": update.finished_at.isoformat()}
    return asdict(update) | moments


async def retry(settings: Settings, numbers: list[int], *, as_json: bool) -> None:
    """Let updates be tried again: by the bot that runs, within seconds, else at its next start.

    Raises:
        InboxError: one of the numbers is of no update that was set aside; none is tried again.
    """
    await _change(settings, numbers, "retry", "tried again within seconds where the bot runs", as_json=as_json)


async def drop(settings: Settings, numbers: list[int], *, as_json: bool) -> None:
    """Give updates up for good.

    Raises:
        InboxError: one of the numbers is of no update that was set aside; none is dropped.
    """
    await _change(settings, numbers, "drop", "dropped", as_json=as_json)


async def _change(settings: Settings, numbers: list[int], action: str, done: str, *, as_json: bool) -> None:
    async with open_database(settings) as database, database.write() as tx:
        known = {update.id for update in await tx.inbox.dead()}
        unknown = sorted(set(numbers) - known)
        if unknown:
            raise InboxError(f"number {unknown[0]} is of nothing that was set aside: see 'dawen inbox list'")
        count = await (tx.inbox.retry if action == "retry" else tx.inbox.drop)(numbers or sorted(known))
    if as_json:
        console.print_json({action: count})
    else:
        console.out.print(f"{count} updates: {done}", markup=False)
