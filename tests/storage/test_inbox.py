"""The inbox keeps its contract on both databases."""

import asyncio

import pytest

from storage.database import Database
from storage.records import AnswerKind, NewAnswer, NewMessage, NewUpdate, PendingUpdate


def update(number: int, lane: str = "chat:1", fingerprint: str | None = None) -> NewUpdate:
    return NewUpdate(9, number, lane, {"update_id": number, "text": "你好 👋 \u0000"}, fingerprint)


async def add(database: Database, *updates: NewUpdate) -> list[PendingUpdate | None]:
    async with database.write() as tx:
        return [await tx.inbox.add(item) for item in updates]


async def test_updates_wait_in_the_order_in_which_they_came(database: Database) -> None:
    await add(database, update(7), update(5, "chat:2"), update(9))
    async with database.read() as tx:
        pending = await tx.inbox.pending(9)
        assert await tx.inbox.count_pending() == 3
    assert [item.lane for item in pending] == ["chat:1", "chat:2", "chat:1"]
    assert [item.id for item in pending] == sorted(item.id for item in pending)


async def test_an_update_is_stored_once(database: Database) -> None:
    first, again = await add(database, update(7), update(7))
    assert first is not None
    assert again is None


async def test_the_same_event_under_another_number_is_stored_once(database: Database) -> None:
    first, again, other = await add(database, update(7, fingerprint="m:1"), update(8, fingerprint="m:1"), update(9))
    assert first is not None
    assert again is None
    assert other is not None


async def test_many_are_stored_together_in_their_order(database: Database) -> None:
    news = [update(number, f"chat:{number % 3}") for number in range(250, 0, -1)]
    async with database.write() as tx:
        await tx.inbox.add(update(7))
        added = await tx.inbox.add_all([*news, update(3)])
    async with database.read() as tx:
        looked = await tx.inbox.look([pending.id for pending in added])
    assert [stored.update_id for stored in looked] == [new.update_id for new in news if new.update_id != 7]
    assert [pending.id for pending in added] == [stored.id for stored in looked]
    assert {stored.attempts for stored in looked} == {0}


async def test_two_bot_accounts_number_their_updates_each_for_itself(database: Database) -> None:
    ours, theirs = await add(database, update(7, fingerprint="m:1"), NewUpdate(10, 7, "chat:1", {}, "m:1"))
    assert ours is not None
    assert theirs is not None
    async with database.read() as tx:
        assert [item.id for item in await tx.inbox.pending(10)] == [theirs.id]


async def test_attempts_are_counted_and_the_payload_is_whole(database: Database) -> None:
    (pending,) = await add(database, update(7))
    assert pending is not None
    for attempt in (1, 2):
        async with database.write() as tx:
            stored = await tx.inbox.begin(pending.id)
        assert stored is not None
        assert (stored.attempts, stored.update_id, stored.lane) == (attempt, 7, "chat:1")
        assert stored.payload == {"update_id": 7, "text": "你好 👋 \u0000"}


async def test_a_finished_update_waits_no_longer(database: Database) -> None:
    (pending,) = await add(database, update(7))
    assert pending is not None
    async with database.write() as tx:
        await tx.inbox.finish(pending.id, "done")
        assert await tx.inbox.begin(pending.id) is None
        assert await tx.inbox.pending(9) == []
    assert await add(database, update(7)) == [None]


async def test_a_failed_transaction_stores_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await _add_and_fail(database)
    async with database.read() as tx:
        assert await tx.inbox.pending(9) == []


async def _add_and_fail(database: Database) -> None:
    async with database.write() as tx:
        await tx.inbox.add(update(7))
        raise RuntimeError


async def test_many_writers_at_once_lose_nothing(database: Database) -> None:
    await asyncio.gather(*(add(database, update(number, f"chat:{number % 5}")) for number in range(60)))
    async with database.read() as tx:
        assert await tx.inbox.count_pending() == 60


async def test_what_was_set_aside_is_listed_tried_again_or_dropped(database: Database) -> None:
    async with database.write() as tx:
        keys = []
        for number, outcome in enumerate(("failed", "dead", "done", "failed"), 1):
            added = await tx.inbox.add(NewUpdate(1, number, f"chat:{number}", {"text": "kept"}))
            assert added is not None
            await tx.inbox.begin(added.id)
            await tx.inbox.finish(added.id, outcome)
            keys.append(added.id)
        assert [(dead.lane, dead.outcome, dead.attempts) for dead in await tx.inbox.dead()] == [
            ("chat:1", "failed", 1),
            ("chat:2", "dead", 1),
            ("chat:4", "failed", 1),
        ]
        assert await tx.inbox.retry([keys[0], keys[2]]) == 1
        assert await tx.inbox.drop([keys[1]]) == 1
    async with database.read() as tx:
        assert [dead.id for dead in await tx.inbox.dead()] == [keys[3]]
        assert [update.id for update in await tx.inbox.pending(1)] == [keys[0]]
    async with database.write() as tx:
        again = await tx.inbox.begin(keys[0])
    assert again is not None
    assert (again.attempts, again.payload) == (1, {"text": "kept"})


async def test_the_update_that_waits_longest_is_known(database: Database) -> None:
    async with database.read() as tx:
        assert await tx.inbox.oldest() is None
    (first,) = await add(database, update(7))
    await add(database, update(8))
    assert first is not None
    async with database.read() as tx:
        oldest = await tx.inbox.oldest()
    async with database.write() as tx:
        await tx.inbox.finish(first.id, "done")
        younger = await tx.inbox.oldest()
    assert oldest is not None
    assert younger is not None
    assert oldest < younger


async def test_whoever_begins_an_update_is_told_whether_its_reply_is_stored(database: Database) -> None:
    """Numbers of messages and of updates go apart: the answer must be about the update's own message."""
    reply = NewAnswer(AnswerKind.NOTICE, "en", "Hello!", ({"html": "Hello!"},))
    async with database.write() as tx:
        await tx.people.see_user(7, "Ada", "en")
        await tx.people.see_chat(7, "private", "")
        stored = await tx.inbox.add_all([NewUpdate(9, number, "chat:7", {}) for number in range(4)])
        await tx.answers.record(NewMessage(7, "hello", 7, update_id=stored[2].id), None, reply)
        begun = [await tx.inbox.begin(pending.id) for pending in stored]
    assert [update.replied for update in begun if update] == [False, False, True, False]
