"""The log of the conversation keeps its contract on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.records import AnswerKind, Article, NewAnswer, NewMessage, NewRoute, Source

ROUTE = NewRoute(
    language="zh",
    intent="question",
    intent_score=0.9,
    topic="travel",
    topic_score=0.5,
    scope_score=0.8,
    in_scope=True,
    scores={"intents": {"question": 0.9}},
    router_version="r1",
)


def answer(text: str = "三十天", kind: AnswerKind = AnswerKind.ANSWER, parts: int = 1) -> NewAnswer:
    return NewAnswer(
        kind=kind,
        language="zh",
        text=text,
        payloads=tuple({"html": f"{text} {number}"} for number in range(parts)),
        confidence=0.75,
        versions={"router": "r1"},
        timings={"route": 1.5},
        sources=(Source(1, "手册", "差旅", "三十天内提交。", 0.6),),
    )


async def meet(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.see_user(1, "Ada", "en")
        await tx.people.see_chat(10, "private", "")
        await tx.people.see_chat(-20, "supergroup", "Team")


async def record(database: Database, message: NewMessage, new: NewAnswer | None = None) -> int:
    async with database.write() as tx:
        return (await tx.answers.record(message, ROUTE, new or answer())).id


async def test_everything_about_an_answer_is_found_again(database: Database) -> None:
    await meet(database)
    key = await record(database, NewMessage(10, "报销期限？", 1, telegram_id=5, update_id=77), answer(parts=2))
    async with database.read() as tx:
        found = await tx.answers.get(key)
        assert found == await tx.answers.of_update(77)
        assert found is not None
        assert (found.kind, found.text, found.confidence, found.sent) == (AnswerKind.ANSWER, "三十天", 0.75, False)
        assert found.versions == {"router": "r1"}
        assert await tx.answers.sources(key) == [Source(1, "手册", "差旅", "三十天内提交。", 0.6)]
        assert [(d.part, d.chat_id, d.payload) for d in await tx.answers.deliveries(key)] == [
            (0, 10, {"html": "三十天 0"}),
            (1, 10, {"html": "三十天 1"}),
        ]
        question = await tx.answers.question_of(key)
        assert question == NewMessage(10, "报销期限？", 1, telegram_id=5, update_id=77)


async def test_what_was_sent_is_remembered_part_by_part(database: Database) -> None:
    await meet(database)
    key = await record(database, NewMessage(10, "q", 1), answer(parts=2))
    async with database.write() as tx:
        await tx.answers.mark_delivered(key, 0, 500)
        assert [d.telegram_id for d in await tx.answers.deliveries(key)] == [500, None]
        await tx.answers.mark_sent(key)
        by_message = await tx.answers.of_telegram_message(10, 500)
        assert by_message is not None
        assert (by_message.id, by_message.sent) == (key, True)
        assert await tx.answers.of_telegram_message(-20, 500) is None


async def test_an_update_gets_one_answer(database: Database) -> None:
    await meet(database)
    await record(database, NewMessage(10, "q", 1, update_id=7))
    with pytest.raises(IntegrityError):
        await record(database, NewMessage(10, "q", 1, update_id=7))


async def test_half_an_answer_is_no_answer(database: Database) -> None:
    await meet(database)
    with pytest.raises(IntegrityError):
        await record(database, NewMessage(999, "a chat that is not there", 1, update_id=8))
    async with database.read() as tx:
        assert await tx.answers.of_update(8) is None


async def test_a_topic_is_a_conversation_of_its_own(database: Database) -> None:
    await meet(database)
    await record(database, NewMessage(-20, "general", 1), answer("A"))
    await record(database, NewMessage(-20, "travel", 1, thread_id=2), answer("B"))
    await record(database, NewMessage(-20, "general again", 1), answer("C", AnswerKind.REFUSAL))
    async with database.read() as tx:
        assert [t.question for t in await tx.answers.history(-20, None, 5)] == ["general", "general again"]
        assert [t.answer for t in await tx.answers.history(-20, 2, 5)] == ["B"]
        latest = await tx.answers.latest(-20, None, [AnswerKind.ANSWER])
        assert latest is not None
        assert latest.text == "A"


async def test_history_is_the_latest_turns_oldest_first(database: Database) -> None:
    await meet(database)
    for number in range(4):
        await record(database, NewMessage(10, f"q{number}", 1))
    async with database.read() as tx:
        turns = await tx.answers.history(10, None, 2)
    assert [(turn.question, turn.intent) for turn in turns] == [("q2", "question"), ("q3", "question")]


async def test_history_remembers_what_a_follow_up_was_taken_for(database: Database) -> None:
    await meet(database)
    first = await record(database, NewMessage(10, "怎么退款？", 1))
    second = await record(database, NewMessage(10, "要多久？", 1, understood="退款要多久？"))
    async with database.read() as tx:
        turns = await tx.answers.history(10, None, 5)
        question = await tx.answers.question_of(second)
    assert [(t.question, t.meaning) for t in turns] == [("怎么退款？", "怎么退款？"), ("要多久？", "退款要多久？")]
    assert [t.answer_id for t in turns] == [first, second]
    assert question is not None
    assert (question.text, question.meaning) == ("要多久？", "退款要多久？")


async def test_a_reset_forgets_its_own_conversation_and_deletes_nothing(database: Database) -> None:
    await meet(database)
    key = await record(database, NewMessage(-20, "general", 1))
    await record(database, NewMessage(-20, "travel", 1, thread_id=2))
    await record(database, NewMessage(-20, "/reset", 1), answer("forgotten", AnswerKind.RESET))
    async with database.read() as tx:
        assert await tx.answers.history(-20, None, 5) == []
        assert [t.question for t in await tx.answers.history(-20, 2, 5)] == ["travel"]
        assert await tx.answers.get(key) is not None
    await record(database, NewMessage(-20, "afterwards", 1))
    async with database.read() as tx:
        assert [t.question for t in await tx.answers.history(-20, None, 5)] == ["afterwards"]


async def test_history_does_not_reach_behind_a_moment(database: Database) -> None:
    await meet(database)
    await record(database, NewMessage(10, "q", 1))
    async with database.read() as tx:
        assert len(await tx.answers.history(10, None, 5, datetime.now(UTC) - timedelta(minutes=1))) == 1
        assert await tx.answers.history(10, None, 5, datetime.now(UTC) + timedelta(minutes=1)) == []


async def test_what_a_summary_was_made_of_is_kept_with_it_in_order(database: Database) -> None:
    await meet(database)
    articles = (Article("http://a.org", 3, {"title": "港口", "sections": []}), Article("", 1, {"title": ""}))
    async with database.write() as tx:
        made = replace(answer(kind=AnswerKind.SUMMARY), articles=articles)
        stored = await tx.answers.record(NewMessage(10, "/summarize", 1), None, made)
    async with database.read() as tx:
        assert await tx.answers.articles(stored.id) == list(articles)
        assert await tx.answers.articles(stored.id + 1) == []
