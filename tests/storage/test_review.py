"""What reviewers see, what was asked in vain, and signs of earlier answers, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.consent import may_teach
from storage.database import Database
from storage.records import AnswerKind, NewMessage
from tests.storage.test_answers import answer, meet, record

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def ask(database: Database, text: str, person: int = 1, kind: AnswerKind = AnswerKind.ANSWER) -> tuple[int, int]:
    """Numbers of a message and of its answer."""
    key = await record(database, NewMessage(10, text, person), answer(kind=kind))
    async with database.read() as tx:
        found = await tx.answers.get(key)
    assert found is not None
    return found.message_id, key


async def consent(database: Database, said: bool | None) -> None:
    async with database.write() as tx:
        await tx.people.set_consent(1, said)


@pytest.mark.parametrize("said", [True, False, None])
@pytest.mark.parametrize("assumed", [True, False])
async def test_only_messages_of_people_who_may_teach_are_handed_out(
    database: Database, said: bool | None, assumed: bool
) -> None:
    await meet(database)
    number, _ = await ask(database, "退款？")
    await consent(database, said)
    shown = may_teach(said, assumed=assumed)
    async with database.read() as tx:
        assert bool(await tx.review.pool(1, 10, assumed=assumed)) is shown
        assert (await tx.review.message(number, assumed=assumed) is not None) is shown
    assert shown is (said if said is not None else assumed)


async def test_the_pool_tells_who_has_labelled(database: Database) -> None:
    await meet(database)
    async with database.write() as tx:
        await tx.people.see_user(2, "Bo", None)
    numbers = [(await ask(database, text))[0] for text in ("a", "b", "c")]
    async with database.write() as tx:
        await tx.feedback.label(numbers[0], 1, "review", "question")
        await tx.feedback.label(numbers[1], 2, "review", "question")
        await tx.feedback.label(numbers[2], 1, "clarification", "question")
        pool = await tx.review.pool(1, 10, assumed=True)
        assert [(c.text, c.mine, c.others) for c in pool] == [
            ("c", False, False),
            ("b", False, True),
            ("a", True, False),
        ]
        assert (pool[0].user_id, pool[0].language, pool[0].intents) == (1, "zh", {"question": 0.9})
        assert [c.text for c in await tx.review.pool(1, 1, assumed=True)] == ["c"]


async def test_a_label_keeps_weight_gold_and_versions_and_can_be_taken_back(database: Database) -> None:
    await meet(database)
    number, _ = await ask(database, "a")
    async with database.write() as tx:
        await tx.feedback.label(number, 1, "review", "question", "travel", weight=2.0, golden=True)
        label = await tx.review.label(number, 1)
        assert label == await tx.review.latest(1)
        assert label is not None
        assert (label.intent, label.topic, label.weight, label.golden) == ("question", "travel", 2.0, True)
        assert await tx.review.names() == (["question"], ["travel"])
        assert await tx.review.fresh() == 1
        await tx.feedback.unlabel(number, 1)
        assert await tx.review.label(number, 1) is None
        assert await tx.review.latest(1) is None
        assert await tx.review.fresh() == 0


async def test_the_latest_label_is_the_one_that_was_changed_last(database: Database) -> None:
    await meet(database)
    first, second = (await ask(database, "a"))[0], (await ask(database, "b"))[0]
    for number in (first, second, first):
        async with database.write() as tx:
            await tx.feedback.label(number, 1, "review", "question")
    async with database.read() as tx:
        latest = await tx.review.latest(1)
    assert latest is not None
    assert latest.message_id == first


async def test_opinions_of_two_reviewers_are_compared(database: Database) -> None:
    await meet(database)
    async with database.write() as tx:
        await tx.people.see_user(2, "Bo", None)
    first, second = (await ask(database, "a"))[0], (await ask(database, "b"))[0]
    async with database.write() as tx:
        await tx.feedback.label(first, 1, "review", "question")
        await tx.feedback.label(first, 2, "review", "help")
        await tx.feedback.label(second, 1, "review", "question")
        await tx.feedback.label(second, 2, "clarification", "question")
        assert await tx.review.opinions() == [(first, 1, "question"), (first, 2, "help")]


async def test_what_was_asked_in_vain_is_found_until_it_is_taught(database: Database) -> None:
    await meet(database)
    await ask(database, "answered")
    refused, key = await ask(database, "refused", kind=AnswerKind.REFUSAL)
    beyond, _ = await ask(database, "beyond", kind=AnswerKind.OUT_OF_SCOPE)
    missing, disliked = await ask(database, "missing")
    async with database.write() as tx:
        await tx.feedback.vote(disliked, 1, "button", -1, "missing")
        found = await tx.review.unanswered(LONG_AGO)
        assert [(q.message_id, q.text, q.user_id) for q in found] == [
            (refused, "refused", 1),
            (beyond, "beyond", 1),
            (missing, "missing", 1),
        ]
        assert await tx.review.unanswered(datetime.now(UTC) + timedelta(hours=1)) == []
        await tx.feedback.correct(key, 1, "The right answer.")
        assert [q.text for q in await tx.review.unanswered(LONG_AGO)] == ["beyond", "missing"]
    await consent(database, said=False)
    async with database.read() as tx:
        assert await tx.review.unanswered(LONG_AGO) == []


async def test_a_sign_is_about_the_persons_own_latest_answer_there(database: Database) -> None:
    await meet(database)
    async with database.write() as tx:
        await tx.people.see_user(2, "Bo", None)
    _, mine = await ask(database, "mine")
    _, theirs = await ask(database, "theirs", person=2)
    await record(database, NewMessage(10, "/whoami", 1), answer(kind=AnswerKind.NOTICE))
    await record(database, NewMessage(-20, "elsewhere", 1))
    await record(database, NewMessage(10, "now", 1, update_id=7))
    async with database.read() as tx:
        found = await tx.earlier.previous(1, 10, None, 7)
        assert found is not None
        assert (found.answer_id, found.text, found.kind) == (mine, "mine", AnswerKind.ANSWER)
        assert await tx.earlier.previous(1, 10, 5, 7) is None
        assert await tx.earlier.answered_to(theirs, 1) is None
        assert await tx.earlier.answered_to(mine, 1) == found
        assert await tx.earlier.same_question("mine", theirs) == mine
        assert await tx.earlier.same_question("mine", mine) is None


async def test_a_mark_is_claimed_once_in_a_while(database: Database) -> None:
    monday, week = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=7)
    async with database.write() as tx:
        assert await tx.marks.last("gaps") is None
        assert await tx.marks.claim("gaps", monday, week)
        assert not await tx.marks.claim("gaps", monday + timedelta(days=6), week)
        assert await tx.marks.claim("gaps", monday + week, week)
        assert await tx.marks.last("gaps") == monday + week
        assert await tx.marks.claim("once", monday)
        assert not await tx.marks.claim("once", monday + 100 * week)


async def test_what_the_bot_said_by_itself_and_did_not_send_is_found(database: Database) -> None:
    await meet(database)
    waiting = await record(database, NewMessage(10, "", 1))
    sent = await record(database, NewMessage(10, "", 1))
    await record(database, NewMessage(10, "asked", 1, update_id=3))
    await record(database, NewMessage(-20, "", 1))
    async with database.write() as tx:
        await tx.answers.mark_sent(sent)
        assert [found.id for found in await tx.answers.unsent(LONG_AGO)] == [waiting]
        assert await tx.answers.unsent(datetime.now(UTC) + timedelta(hours=1)) == []


async def test_votes_that_nobody_gave_as_such_are_not_counted(database: Database) -> None:
    await meet(database)
    _, key = await ask(database, "a")
    async with database.write() as tx:
        await tx.feedback.vote(key, 1, "denied", -1, weight=0.2)
        await tx.feedback.vote(key, 1, "review", 1)
        assert await tx.feedback.votes(key) == (0, 0)
        assert await tx.review.verdict(key, 1) == 1
        assert await tx.review.verdict(key, 2) == 0
        numbers = await tx.statistics.overview()
    assert (numbers.votes_up, numbers.votes_down) == (0, 0)
