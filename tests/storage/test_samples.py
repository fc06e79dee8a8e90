"""What conversations can teach is read whole, with who said it and where, on both databases."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from storage import schema
from storage.database import Database
from storage.records import AnswerKind, NewMessage, Role
from storage.schema import now
from tests.storage.test_answers import answer, meet, record


@pytest.fixture
async def asked(database: Database) -> list[int]:
    """Messages of two people, with a reset in the private chat after the first two; their answers' numbers."""
    await meet(database)
    async with database.write() as tx:
        await tx.people.see_user(2, "小博", "zh")
        await tx.people.set_role(2, Role.ADMIN)
    kinds = {2: AnswerKind.RESET}
    chats = [(10, 1), (10, 1), (10, 1), (10, 1), (-20, 2)]
    return [
        await record(database, NewMessage(chat, f"message {n}", user), answer(kind=kinds.get(n, AnswerKind.ANSWER)))
        for n, (chat, user) in enumerate(chats)
    ]


async def message_of(database: Database, answer_id: int) -> int:
    async with database.read() as tx:
        found = await tx.answers.get(answer_id)
    assert found is not None
    return found.message_id


async def move(database: Database, message: int, to: datetime) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(update(schema.Message).where(schema.Message.id == message).values(created_at=to))


async def test_every_message_comes_with_all_that_is_said_of_it(database: Database, asked: list[int]) -> None:
    first, last = await message_of(database, asked[0]), await message_of(database, asked[4])
    async with database.write() as tx:
        await tx.feedback.label(first, 1, "clarification", intent="summarize")
        await tx.feedback.label(last, 2, "review", intent="question", topic="travel", golden=True)
        await tx.feedback.vote(asked[4], 1, "button", -1, "wrong")
        mine, theirs = await tx.samples.heard()
        people = await tx.samples.people()
    assert (mine.id, mine.text, mine.language, mine.intent, mine.topic) == (
        first,
        "message 0",
        "zh",
        "question",
        "travel",
    )
    assert (mine.author, mine.scores) == (1, {"question": 0.9})
    (clarified,) = mine.voices
    assert (clarified.person, clarified.channel, clarified.intent, clarified.golden) == (
        1,
        "clarification",
        "summarize",
        False,
    )
    reviewed, disliked = theirs.voices
    assert (reviewed.person, reviewed.topic, reviewed.golden) == (2, "travel", True)
    assert (disliked.person, disliked.channel, disliked.value, disliked.detail) == (1, "button", -1, "wrong")
    assert [(people[n].role, people[n].consent, people[n].days) for n in (1, 2)] == [
        ("stranger", None, 1),
        ("admin", None, 1),
    ]


async def test_a_conversation_is_one_day_of_a_chat_and_ends_at_a_reset(database: Database, asked: list[int]) -> None:
    messages = [await message_of(database, answer_id) for answer_id in asked]
    moment = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
    for message in messages[:4]:
        await move(database, message, moment)
    await move(database, messages[1], moment.replace(day=2))
    async with database.write() as tx:
        for message in messages:
            await tx.feedback.label(message, 1, "review", intent="question")
        names = [row.conversation for row in await tx.samples.heard()]
        days = (await tx.samples.people())[1].days
    assert names[0] == "10::2026-03-01:0"
    assert names[1] == "10::2026-03-02:0"
    assert names[2] == "10::2026-03-01:0"  # the message that asks for the reset ends the old one
    assert names[3] == "10::2026-03-01:1"
    assert names[4].startswith("-20::")
    assert days == 2


async def test_answers_come_with_votes_corrections_and_citations(database: Database, asked: list[int]) -> None:
    async with database.write() as tx:
        await tx.feedback.vote(asked[0], 1, "button", 1)
        await tx.feedback.vote(asked[0], 2, "button", -1, weight=0.25)
        await tx.feedback.vote(asked[2], 2, "button", 1)  # a reset is no answer
    await correct(database, asked[3], "正确的说法")
    async with database.read() as tx:
        liked, corrected = await tx.samples.judged()
    assert (liked.answer_id, liked.question, liked.text) == (asked[0], "message 0", "三十天")
    assert [(voice.person, voice.value) for voice in liked.voices] == [(1, 1), (2, -1)]
    assert (liked.citations, liked.correction, liked.confidence) == (("三十天内提交。",), None, 0.75)
    assert (corrected.answer_id, corrected.voices, corrected.correction) == (asked[3], (), "正确的说法")


async def correct(database: Database, answer_id: int, text: str) -> None:
    row: dict[str, Any] = {"answer_id": answer_id, "user_id": 2, "text": text, "created_at": now()}
    async with database.engine.begin() as connection:
        await connection.execute(schema.Correction.__table__.insert().values(**row))  # type: ignore[attr-defined]


async def test_what_is_new_is_counted(database: Database, asked: list[int]) -> None:
    message = await message_of(database, asked[0])
    async with database.write() as tx:
        await tx.feedback.label(message, 1, "review", intent="question")
        await tx.feedback.vote(asked[0], 1, "button", 1)
    before = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    async with database.read() as tx:
        assert (await tx.samples.count_labels(), await tx.samples.count_labels(before)) == (1, 1)
        assert (await tx.samples.count_labels(now()), await tx.samples.count_judged(now())) == (0, 0)
        assert await tx.samples.count_judged(before) == 1
