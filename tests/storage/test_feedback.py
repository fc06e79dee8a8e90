"""Votes and labels keep their contract on both databases."""

import pytest

from storage.database import Database
from storage.records import NewMessage
from tests.storage.test_answers import meet, record


@pytest.fixture
async def answer_id(database: Database) -> int:
    await meet(database)
    async with database.write() as tx:
        for number in (2, 3):
            await tx.people.see_user(number, f"user {number}", None)
    return await record(database, NewMessage(10, "q", 1))


async def test_the_latest_vote_of_a_person_counts(database: Database, answer_id: int) -> None:
    async with database.write() as tx:
        await tx.feedback.vote(answer_id, 1, "button", 1)
        await tx.feedback.vote(answer_id, 2, "button", 1)
        await tx.feedback.vote(answer_id, 1, "button", -1)
        assert await tx.feedback.votes(answer_id) == (1, 1)


async def test_a_person_counts_once_over_both_channels(database: Database, answer_id: int) -> None:
    async with database.write() as tx:
        await tx.feedback.vote(answer_id, 1, "button", 1)
        await tx.feedback.vote(answer_id, 1, "reaction", -1, "👎")
        assert await tx.feedback.votes(answer_id) == (0, 1)


async def test_a_vote_can_be_withdrawn(database: Database, answer_id: int) -> None:
    async with database.write() as tx:
        await tx.feedback.vote(answer_id, 1, "reaction", 1)
        await tx.feedback.vote(answer_id, 1, "reaction", 0)
        assert await tx.feedback.votes(answer_id) == (0, 0)


async def test_an_answer_without_votes_has_none(database: Database, answer_id: int) -> None:
    async with database.read() as tx:
        assert await tx.feedback.votes(answer_id) == (0, 0)


async def test_a_label_replaces_the_same_persons_earlier_one(database: Database, answer_id: int) -> None:
    async with database.write() as tx:
        answer = await tx.answers.get(answer_id)
        assert answer is not None
        await tx.feedback.label(answer.message_id, 1, "clarification", intent="question")
        await tx.feedback.label(answer.message_id, 1, "clarification", intent="summarize", topic="travel")
        await tx.feedback.label(answer.message_id, 2, "review", intent="question")
        assert await tx.feedback.labels() == [
            (answer.message_id, 1, "summarize", "travel", "clarification"),
            (answer.message_id, 2, "question", None, "review"),
        ]


async def test_a_dislike_keeps_its_reason(database: Database, answer_id: int) -> None:
    async with database.write() as tx:
        await tx.feedback.vote(answer_id, 2, "button", -1, "wrong")
        await tx.feedback.vote(answer_id, 1, "button", 1)
        await tx.feedback.vote(answer_id, 2, "button", -1, "long")
        assert await tx.feedback.of_answer(answer_id) == [(2, -1, "long"), (1, 1, "")]
