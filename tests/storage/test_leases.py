"""Leases keep their contract on both databases: one holder, tokens that grow, nothing written behind a fallen one."""

import asyncio
import math

import pytest

from storage.database import Database
from storage.errors import FenceLost
from storage.fencing import Fence, fence
from storage.records import NewUpdate

NAMES = [f"slot:9:{number}" for number in range(8)]
LONG, GONE = 60.0, 0.0


async def take(database: Database, holder: str, seconds: float = LONG, names: list[str] | None = None) -> list[Fence]:
    async with database.write() as tx:
        return await tx.leases.take(names or ["trainer"], holder, seconds)


async def renew(database: Database, *held: Fence) -> list[Fence]:
    async with database.write() as tx:
        return await tx.leases.renew(held, LONG)


async def count(database: Database, prefix: str) -> int:
    async with database.read() as tx:
        return await tx.leases.count(prefix)


async def store(database: Database, held: Fence | None, number: int = 1) -> None:
    """Store an update behind a fence."""
    before = fence.set(held)
    try:
        async with database.write() as tx:
            await tx.inbox.add(NewUpdate(9, number, "chat:1", {}))
    finally:
        fence.reset(before)


async def test_a_lease_has_one_holder(database: Database) -> None:
    (held,) = await take(database, "one")
    assert (held.name, held.token) == ("trainer", 1)
    assert await take(database, "two") == []
    assert await renew(database, held) == [held]


async def test_a_lease_that_ran_out_is_taken_with_a_greater_token_and_cannot_be_renewed_then(
    database: Database,
) -> None:
    (old,) = await take(database, "one", GONE)
    (new,) = await take(database, "two")
    assert new.token > old.token
    assert await renew(database, old, new) == [new]


async def test_a_lease_that_ran_out_and_that_nobody_took_is_renewed(database: Database) -> None:
    (held,) = await take(database, "one", GONE)
    with pytest.raises(FenceLost):
        await store(database, held)
    assert await renew(database, held) == [held]
    await store(database, held)


async def test_who_begins_again_takes_what_it_held_and_fences_off_its_predecessor(database: Database) -> None:
    (old,) = await take(database, "one", math.inf)
    (new,) = await take(database, "one", math.inf)
    assert new.token > old.token
    with pytest.raises(FenceLost, match="'trainer'"):
        await store(database, old)
    await store(database, new)


async def test_what_is_given_back_can_be_taken_at_once(database: Database) -> None:
    (held,) = await take(database, "one")
    async with database.write() as tx:
        await tx.leases.release([held])
    assert await renew(database, held) == []
    (taken,) = await take(database, "two")
    async with database.write() as tx:
        await tx.leases.release([held])  # too late: it is another's
    assert await renew(database, taken) == [taken]


async def test_many_who_take_at_once_get_each_lease_once(database: Database) -> None:
    taken = await asyncio.gather(*(take(database, f"holder {number}", names=NAMES) for number in range(6)))
    names = [held.name for some in taken for held in some]
    assert sorted(names) == sorted(set(names))
    rest = await take(database, "late", names=NAMES)
    assert sorted(names + [held.name for held in rest]) == NAMES


@pytest.mark.parametrize("later", ["ran out", "taken"])
async def test_nothing_is_written_behind_a_fence_that_has_fallen(database: Database, later: str) -> None:
    (held,) = await take(database, "one", GONE)
    if later == "taken":
        await take(database, "two")
    with pytest.raises(FenceLost):
        await store(database, held)
    async with database.read() as tx:
        assert await tx.inbox.count_pending() == 0
        with pytest.raises(FenceLost):
            await tx.leases.glance(held)


async def test_work_behind_a_standing_fence_is_written(database: Database) -> None:
    (held,) = await take(database, "one")
    await store(database, held)
    async with database.read() as tx:
        assert await tx.inbox.count_pending() == 1
        await tx.leases.glance(held)


async def test_a_lease_is_not_taken_before_what_is_written_behind_it_is_committed(postgres: Database) -> None:
    (held,) = await take(postgres, "one", 0.3)
    token = fence.set(held)
    async with postgres.write() as tx:
        await tx.inbox.add(NewUpdate(9, 1, "chat:1", {}))
        fence.reset(token)
        await asyncio.sleep(0.4)  # it runs out meanwhile
        assert await take(postgres, "two") == []
    assert len(await take(postgres, "two")) == 1


async def test_a_lease_is_renewed_while_something_is_written_behind_it(postgres: Database) -> None:
    (held,) = await take(postgres, "one")
    token = fence.set(held)
    async with postgres.write():
        fence.reset(token)
        async with asyncio.timeout(5):
            assert await renew(postgres, held) == [held]


async def test_who_holds_leases_of_a_kind_is_counted_and_what_is_long_gone_forgotten(database: Database) -> None:
    await take(database, "one", names=["worker:9:one"])
    await take(database, "two", GONE, names=["worker:9:two"])
    await take(database, "old", -100_000.0, names=["worker:9:old"])
    await take(database, "one", names=["worker:90:one", "worker%"])
    assert await count(database, "worker:9:") == 1
    async with database.write() as tx:
        await tx.leases.forget("worker:9:")
        taken = await tx.leases.take(["worker:9:two", "worker:9:old"], "new", LONG)
    assert sorted(held.token for held in taken) == [1, 2]


async def test_what_is_stored_is_heard_by_whoever_listens(postgres: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with postgres.listening(heard.put_nowait) as gone:
        await store(postgres, None)
        async with asyncio.timeout(5):
            assert (await heard.get()).startswith("came:9:")
        assert not gone.is_set()


async def test_a_listener_learns_that_its_connection_is_gone(postgres: Database) -> None:
    from sqlalchemy import text

    async with postgres.listening(lambda _: None) as gone, postgres.engine.begin() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
        async with asyncio.timeout(5):
            await gone.wait()


async def test_with_sqlite_nothing_is_heard(sqlite: Database) -> None:
    heard: list[str] = []
    async with sqlite.listening(heard.append) as gone:
        await store(sqlite, None)
    assert (heard, gone.is_set()) == ([], False)


async def test_everything_of_a_holder_is_given_back(database: Database) -> None:
    async with database.write() as tx:
        await tx.leases.take(["slot:9:1", "slot:9:2", "receiver:9"], "one", 60)
        await tx.leases.take(["slot:9:3"], "two", 60)
    async with database.write() as tx:
        await tx.leases.release_all("slot:9:", "one")
    async with database.write() as tx:
        names = ["slot:9:1", "slot:9:2", "slot:9:3", "receiver:9"]
        assert {held.name for held in await tx.leases.take(names, "three", 60)} == {"slot:9:1", "slot:9:2"}
