"""Training runs, model versions and counts keep their contract on both databases."""

from storage.database import Database
from storage.records import NewMessage
from tests.storage.test_answers import meet, record
from tests.storage.test_documents import document, save

MANIFEST = {"data": {"sha256": "ab" * 32, "rows": 3}, "scores": {"accuracy": 0.9}, "parent": None}


async def test_a_run_remembers_what_taught_it(database: Database) -> None:
    async with database.write() as tx:
        await tx.models.record_run("router", "v1", MANIFEST, [f"en.jsonl:{n}" for n in range(2500)])
        await tx.models.mark_promoted("router", "v1")
        (version,) = await tx.models.versions("router")
        assert await tx.models.count_examples("v1") == 2500
    assert (version.version, version.promoted, version.manifest["scores"]) == ("v1", True, {"accuracy": 0.9})


async def test_a_version_is_recorded_once(database: Database) -> None:
    async with database.write() as tx:
        await tx.models.record_version("router", "v1", MANIFEST)
        await tx.models.record_version("router", "v1", {"data": {}})
        (version,) = await tx.models.versions("router")
    assert version.manifest["data"]["rows"] == 3
    assert not version.promoted


async def test_the_overview_counts(database: Database) -> None:
    await meet(database)
    await save(database, document())
    first = await record(database, NewMessage(10, "q", 1))
    await record(database, NewMessage(10, "q2", 1))
    async with database.write() as tx:
        await tx.feedback.vote(first, 1, "button", 1)
        numbers = await tx.statistics.overview()
    assert (numbers.users, numbers.chats, numbers.messages, numbers.documents, numbers.chunks) == (1, 2, 2, 1, 2)
    assert (numbers.languages, numbers.intents, numbers.topics) == ({"zh": 2}, {"question": 2}, {"travel": 2})
    assert (numbers.answers, numbers.votes_up, numbers.votes_down, numbers.pending) == ({"answer": 2}, 1, 0, 0)
