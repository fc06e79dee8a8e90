"""Versions on their way into service, marks, and how a version fares, on both databases."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.records import NewMessage, NewUpdate, RolloutStatus
from storage.schema import now
from tests.storage.test_answers import meet, record


async def test_a_canary_becomes_live_and_is_replaced(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.rollouts.current("router") is None
        await tx.rollouts.begin("router", "v2", "v1", 0.1)
        canary = await tx.rollouts.current("router")
        await tx.rollouts.begin("router", "v2", "v1", 1.0)
        await tx.rollouts.begin("router", "v2", "v1", 1.0)
        live = await tx.rollouts.current("router")
        await tx.rollouts.begin("router", "v3", "v2", 1.0)
        newest, old = await tx.rollouts.current("router"), await tx.rollouts.of_version("router", "v2")
        assert await tx.rollouts.current("retriever") is None
    assert canary is not None
    assert (canary.status, canary.share, canary.previous) == (RolloutStatus.CANARY, 0.1, "v1")
    assert live is not None
    assert (live.status, live.version) == (RolloutStatus.LIVE, "v2")
    assert newest is not None
    assert (newest.version, newest.previous) == ("v3", "v2")
    assert old is not None
    assert (old.id, old.status, old.ended_at is not None) == (live.id, RolloutStatus.REPLACED, True)


async def test_a_version_that_was_given_back_serves_no_longer(database: Database) -> None:
    async with database.write() as tx:
        await tx.rollouts.begin("router", "v2", "v1", 1.0)
        await tx.rollouts.give_back("router", "votes")
        assert await tx.rollouts.current("router") is None
        latest = await tx.rollouts.latest("router")
    assert latest is not None
    assert (latest.status, latest.reason) == (RolloutStatus.RETURNED, "votes")


async def test_what_comes_again_is_claimed_once(database: Database) -> None:
    moment = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
    async with database.write() as tx:
        assert await tx.marks.last("nightly") is None
        assert await tx.marks.claim("nightly", moment, timedelta(hours=1))
        assert not await tx.marks.claim("nightly", moment + timedelta(minutes=59), timedelta(hours=1))
        assert await tx.marks.claim("nightly", moment + timedelta(hours=1), timedelta(hours=1))
        assert await tx.marks.last("nightly") == moment + timedelta(hours=1)


async def test_a_version_is_judged_by_its_own_messages(database: Database) -> None:
    await meet(database)
    answers = [await record(database, NewMessage(10, f"问题 {n}", 1)) for n in range(3)]
    async with database.write() as tx:
        await tx.feedback.vote(answers[0], 1, "button", -1)
        await tx.feedback.vote(answers[0], 1, "reaction", -1)  # the same person
        await tx.feedback.vote(answers[1], 1, "button", 1)
        await tx.feedback.vote(answers[2], 1, "rephrased", -1)  # not said, but read
        health = await tx.health.of("r1")
        assert (await tx.health.of("r2")).messages == 0
        assert (await tx.health.of("r1", since=now() + timedelta(hours=1))).messages == 0
        assert (await tx.health.of("r1", most=2)).messages == 2
    assert (health.messages, health.votes_up, health.votes_down, health.out_of_scope) == (3, 1, 1, 0)
    assert health.route_ms == (1.5, 1.5, 1.5)


async def test_failures_are_counted_in_a_stretch_of_time(database: Database) -> None:
    begun = now() - timedelta(seconds=1)
    async with database.write() as tx:
        for number, outcome in enumerate(("done", "failed", "dead")):
            added = await tx.inbox.add(NewUpdate(1, number, "a", {}))
            assert added is not None
            await tx.inbox.finish(added.id, outcome)
        assert await tx.health.failures(begun) == (2, 3)
        assert await tx.health.failures(begun, begun) == (0, 0)
