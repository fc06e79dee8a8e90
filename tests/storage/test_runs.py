"""Training runs wait in a queue, run one at a time, and remember what taught them, on both databases."""

import asyncio
from dataclasses import replace

from storage.database import Database
from storage.records import NewMessage, NewRun, RunStatus, Taught
from tests.storage.test_answers import meet, record


async def queue(database: Database, kind: str = "router", reason: str = "command") -> int:
    async with database.write() as tx:
        return (await tx.runs.queue(NewRun(kind, reason))).id


async def begin(database: Database, run_id: int) -> bool:
    async with database.write() as tx:
        return await tx.runs.begin(run_id)


async def test_a_run_waits_until_it_begins(database: Database) -> None:
    run_id = await queue(database, reason="night")
    async with database.read() as tx:
        waiting = await tx.runs.waiting()
        assert waiting is not None
        assert (waiting.id, waiting.kind, waiting.reason, waiting.status) == (run_id, "router", "night", "queued")
        assert await tx.runs.running() is None
    assert await begin(database, run_id)
    async with database.read() as tx:
        running = await tx.runs.running()
        assert running is not None
        assert (running.id, running.over, await tx.runs.waiting()) == (run_id, False, None)


async def test_only_one_runs_at_a_time(database: Database) -> None:
    runs = [await queue(database, kind) for kind in ("router", "retriever", "router")]
    begun = await asyncio.gather(*(begin(database, run_id) for run_id in runs))
    assert sum(begun) == 1
    first = runs[begun.index(True)]
    async with database.write() as tx:
        await tx.runs.finish(first, RunStatus.DONE)
    others = [run_id for run_id in runs if run_id != first]
    assert await begin(database, others[0])
    assert not await begin(database, others[1])
    assert not await begin(database, first)


async def test_what_is_known_of_a_run_is_found_again(database: Database) -> None:
    run_id = await queue(database)
    await begin(database, run_id)
    async with database.write() as tx:
        await tx.runs.show_in(run_id, -20, 7)
        await tx.runs.advance(run_id, "train", data_sha256="ab" * 32, rows=3, parent="v1")
        await tx.runs.advance(run_id, "judge", version="v2", verdict={"promote": True}, scores={"accuracy": 0.9})
        await tx.runs.finish(run_id, RunStatus.FAILED, "the disk is full")
        found = await tx.runs.get(run_id)
    assert found is not None
    assert (found.chat_id, found.telegram_id, found.phase, found.rows) == (-20, 7, "judge", 3)
    assert (found.parent, found.version, found.verdict, found.scores) == (
        "v1",
        "v2",
        {"promote": True},
        {"accuracy": 0.9},
    )
    assert (found.status, found.error, found.over) == (RunStatus.FAILED, "the disk is full", True)
    async with database.read() as tx:
        assert await tx.runs.of_version("v2") == found
        assert await tx.runs.untold() == [found]
        assert await tx.runs.last("router") is None
    async with database.write() as tx:
        await tx.runs.advance(run_id, "told")
        assert await tx.runs.untold() == []


async def test_waiting_runs_can_be_cancelled_and_the_running_one_stays(database: Database) -> None:
    first, second = await queue(database), await queue(database, "retriever")
    await begin(database, first)
    async with database.write() as tx:
        assert await tx.runs.cancel_queued() == 1
        running, cancelled = await tx.runs.running(), await tx.runs.get(second)
    assert running is not None
    assert cancelled is not None
    assert (running.id, cancelled.status) == (first, RunStatus.CANCELLED)


async def test_rows_that_taught_are_stored_once_and_messages_that_are_gone_are_not(database: Database) -> None:
    await meet(database)
    answer = await record(database, NewMessage(10, "退款？", 1))
    run_id = await queue(database)
    async with database.write() as tx:
        found = await tx.answers.get(answer)
        assert found is not None
        rows = [Taught("en.jsonl:1"), Taught("label:1", found.message_id), Taught("label:2", 99_999)]
        for _ in range(2):
            await tx.runs.taught(run_id, rows)
        await tx.runs.advance(run_id, "rollout", version="v1")
        assert await tx.models.count_examples("v1") == 2


async def test_runs_of_before_are_no_queue(database: Database) -> None:
    async with database.write() as tx:
        await tx.models.record_run("router", "v1", {"data": {"sha256": "", "rows": 0}}, ["a:1"])
        assert await tx.runs.waiting() is None
        last = await tx.runs.last("router")
    assert last is not None
    assert (last.version, last.status) == ("v1", RunStatus.DONE)
    assert replace(last, id=0).chat_id is None
