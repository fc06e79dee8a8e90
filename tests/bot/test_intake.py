"""What comes in: committed before Telegram is told, those of one fetch together, each once."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import NetworkError

from bot import intake
from bot.intake import new_update
from storage.database import Database, Transaction
from storage.errors import FenceLost
from storage.records import PendingUpdate
from tests.support.updates import BOT, receive, update


class Told:
    """Remembers what was stored."""

    def __init__(self) -> None:
        self.lanes: list[str] = []

    def offer(self, update: PendingUpdate) -> None:
        self.lanes.append(update.lane)


class Writes:
    """Counts the transactions of a database, and fails those that it is told to fail."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.failures: list[Exception] = []
        self._write = database.write
        monkeypatch.setattr(database, "write", self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        self.count += 1
        if self.failures:
            raise self.failures.pop()
        inner: AbstractAsyncContextManager[Transaction] = self._write()
        async with inner as tx:
            yield tx


@pytest.fixture
def writes(database: Database, monkeypatch: pytest.MonkeyPatch) -> Writes:
    monkeypatch.setattr(intake, "_FIRST_DELAY", 0.005)
    return Writes(database, monkeypatch)


async def stored(database: Database) -> int:
    """As another process sees it."""
    other = Database(database.url.render_as_string(hide_password=False))
    async with other.read() as tx:
        found = await tx.inbox.count_pending()
    await other.close()
    return found


async def test_those_of_one_fetch_are_committed_together(database: Database, writes: Writes) -> None:
    told = Told()
    await receive(database, told, *(update(number, chat=number % 3) for number in range(100)))
    assert (writes.count, await stored(database)) == (1, 100)
    assert told.lanes == [f"chat:{number % 3}" for number in range(100)]


async def test_the_same_update_twice_is_taken_once(database: Database, writes: Writes) -> None:
    told = Told()
    await receive(database, told, update(1), update(1), update(2, message_id=1))
    await receive(database, told, update(1))
    assert (told.lanes, await stored(database)) == (["chat:1"], 1)


async def test_a_database_in_trouble_is_waited_for(database: Database, writes: Writes) -> None:
    writes.failures = [OSError("disk on fire"), OSError("still")]
    told = Told()
    await receive(database, told, update(1), update(2))
    assert (writes.count, told.lanes, await stored(database)) == (3, ["chat:1", "chat:1"], 2)


async def test_where_another_receives_by_now_telegram_is_told_of_nothing(database: Database, writes: Writes) -> None:
    told = Told()
    writes.failures = [FenceLost("receiver")]
    with pytest.raises(NetworkError):
        await receive(database, told, update(1))
    assert (told.lanes, await stored(database)) == ([], 0)


def test_an_update_is_stored_as_telegram_sent_it() -> None:
    sent = update(7, chat=5) | {"something_new": {"a": 1}}
    stored = new_update(sent, BOT)
    assert (stored.bot_id, stored.update_id, stored.payload) == (BOT, 7, sent)


@pytest.mark.parametrize(
    ("content", "lane", "fingerprint"),
    [
        ({"message": {"message_id": 3, "chat": {"id": -5}, "from": {"id": 6}}}, "chat:-5", "message:-5:3"),
        ({"edited_message": {"message_id": 3, "chat": {"id": 5}, "from": {"id": 6}}}, "chat:5", None),
        (
            {"callback_query": {"id": "77", "from": {"id": 6}, "message": {"chat": {"id": -5}}}},
            "chat:-5",
            "callback:77",
        ),
        ({"callback_query": {"id": "77", "from": {"id": 6}, "inline_message_id": "x"}}, "user:6", "callback:77"),
        ({"message_reaction": {"chat": {"id": 5}, "user": {"id": 6}}}, "chat:5", None),
        ({"poll_answer": {"poll_id": "9", "user": {"id": 6}}}, "user:6", None),
        ({"something_new": {"a": 1}}, "other", None),
        ({"something_new": [1]}, "other", None),
        ({"message": {"chat": "5"}}, "other", None),
        ({"message": {"chat": {"id": True}}}, "other", None),
        ({}, "other", None),
    ],
)
def test_its_lane_is_its_chat_or_its_person(content: dict[str, Any], lane: str, fingerprint: str | None) -> None:
    stored = new_update({"update_id": 8, **content}, BOT)
    assert (stored.lane, stored.fingerprint) == (lane, fingerprint)


@pytest.mark.parametrize("sent", [None, True, 8, "update_id", [], {}, {"update_id": "8"}, {"update_id": 2**63}])
def test_what_is_no_update_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match="not an update"):
        new_update(sent, BOT)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.dictionaries(st.text(), v)))
def test_whatever_is_in_an_update_it_can_be_stored(content: object) -> None:
    assert new_update({"update_id": 8, "message": content, "chat": content}, BOT).lane
