"""Floods are put away unread, and only what would be refused anyway."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from bot import inbox
from bot.access import Access
from bot.budgets import Budgets
from bot.floods import Floods
from bot.inbox import Lanes
from bot.settings import load_settings
from storage.database import Database
from storage.records import NewUpdate, Role, StoredUpdate
from tests.support.updates import BOT, receive, update

ADA, BO, CY = 1, 2, 3
NOON = 1_700_000_000


def said(number: int, person: int = BO, second: float = 0, **more: Any) -> NewUpdate:
    """A message in private, of a Bot API update as Telegram gives it."""
    message = {
        "message_id": number,
        "date": NOON + second,
        "chat": {"id": person, "type": "private"},
        "from": {"id": person, "is_bot": False, "first_name": "P"},
        "text": "你好 hello",
        **more,
    }
    return NewUpdate(BOT, number, f"chat:{person}", {"update_id": number, "message": message})


async def put_away(database: Database, *news: NewUpdate, most: int = 3) -> list[int]:
    """The numbers of the updates that are still to be worked on."""
    async with database.write() as tx:
        await tx.people.see_user(CY, "Cy", None)
        await tx.people.set_role(CY, Role.ADMIN)
        added = await tx.inbox.add_all(news)
    access = Access(load_settings(telegram_bot_token="", admins=[ADA]), database)
    gone = await Floods(database, access, Budgets(most)).put_away([pending.id for pending in added])
    async with database.read() as tx:
        waiting = await tx.inbox.pending(BOT)
        left = {stored.id: stored.update_id for stored in await tx.inbox.look([pending.id for pending in waiting])}
    assert gone == {pending.id for pending in added} - set(left)
    return list(left.values())


async def test_what_is_within_the_budget_and_what_tells_the_person_is_left(database: Database) -> None:
    assert await put_away(database, *(said(number) for number in range(1, 100))) == [1, 2, 3, 4]


async def test_what_is_refused_keeps_no_contents_and_is_not_taken_again(database: Database) -> None:
    await put_away(database, *(said(number) for number in range(1, 10)))
    async with database.write() as tx:
        assert await tx.inbox.add(said(9)) is None
        assert [dead.id for dead in await tx.inbox.dead()] == []


async def test_nothing_of_an_admin_is_refused(database: Database) -> None:
    news = [said(number, person=(ADA, CY)[number % 2]) for number in range(1, 41)]
    assert await put_away(database, *news) == list(range(1, 41))


async def test_what_piled_up_over_hours_is_within_the_budget(database: Database) -> None:
    news = [said(number, second=60.0 * number) for number in range(1, 41)]
    assert await put_away(database, *news) == list(range(1, 41))


@pytest.mark.parametrize(
    "more",
    [{"text": "/cancel"}, {"chat": {"id": -5, "type": "group"}}, {"caption": "hello", "document": {"file_id": "x"}}],
)
async def test_all_else_is_looked_at_in_its_turn(database: Database, more: dict[str, Any]) -> None:
    news = [said(number, **more) for number in range(1, 41)]
    for new in news if "document" in more else []:
        del new.payload["message"]["text"]
    assert await put_away(database, *news) == list(range(1, 41))


async def test_a_long_lane_is_thinned_out_and_goes_on_in_order(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_LONG", 5)
    seen: list[int] = []
    asked: list[int] = []

    async def handle(stored: StoredUpdate) -> None:
        seen.append(stored.update_id)

    async def even(keys: Collection[int]) -> set[int]:
        asked.append(len(keys))
        if len(asked) == 1:
            raise OSError("for once")
        async with sqlite.write() as tx:
            gone = {stored.id for stored in await tx.inbox.look(keys) if stored.update_id % 2 == 0}
            await tx.inbox.finish(gone, "refused")
        return gone

    lanes = Lanes(sqlite, handle, handle, width=2)
    lanes.put_away = even
    await receive(sqlite, lanes, *(update(number) for number in range(40)))
    running = asyncio.create_task(lanes.run())
    async with asyncio.timeout(20):
        await lanes.idle()
    running.cancel()
    assert seen == [0, 1, *range(3, 40, 2)]
    assert (asked[0], lanes.outcomes["refused"]) == (39, 19)
