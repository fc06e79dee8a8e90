"""Votes, the reasons behind them, and right answers taught by admins, in both languages (Bo, a member, has Chinese)."""

import pytest

from bot.simulator.model import Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM
from storage.records import AnswerKind, Document
from tests.support.telegram import Telegram, buttons, styled

QUESTION, UNKNOWN, UNKNOWN_ZH = "When are refunds paid?", "/ask Who waters the plants?", "/ask 谁给植物浇水？"
VOTES = ["👍", "👎 1"]
REASONS = [["wrong", "not in the documents"], ["too long", "other"]]
REASONS_ZH = [["答错了", "文档里没有"], ["太长", "其他原因"]]


async def details(telegram: Telegram, message: Message) -> list[tuple[int, int, str]]:
    """The votes on an answer as (person, value, reason)."""
    stored = await telegram.stored(message)
    assert stored is not None
    async with telegram.app.database.read() as tx:
        return await tx.feedback.of_answer(stored.id)


async def approved(telegram: Telegram) -> list[Document]:
    return [d for d in await telegram.app.knowledge.documents({"shared"}) if d.uri.startswith("approved:")]


async def let_team_in(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)


@pytest.mark.parametrize(
    ("person", "question", "rows", "label", "said", "stored"),
    [
        (ADA, QUESTION, [*REASONS, ["✏️ Teach the answer"]], "too long", "Thanks, the reason is noted.", "long"),
        (ADA, QUESTION, [*REASONS, ["✏️ Teach the answer"]], "other", "Thanks, the reason is noted.", "other"),
        (BO, "退款什么时候支付？", REASONS_ZH, "答错了", "谢谢，原因已记下。", "wrong"),
        (BO, "退款什么时候支付？", REASONS_ZH, "文档里没有", "谢谢，原因已记下。", "missing"),
    ],
)
async def test_a_dislike_asks_for_its_reason_and_stores_it(
    telegram: Telegram, person: User, question: str, rows: list[list[str]], label: str, said: str, stored: str
) -> None:
    answer = await telegram.ask(person, f"/ask {question}")
    await telegram.press(person, answer, "👎")
    assert buttons(telegram.now(answer))[-len(rows) - 1 :] == [VOTES, *rows]
    assert await telegram.press(person, telegram.now(answer), label) == said
    assert await details(telegram, answer) == [(person.id, -1, stored)]
    assert not [row for row in buttons(telegram.now(answer)) if row in rows[:2]]


async def test_a_like_takes_the_reasons_away(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.press(ADA, answer, "👎")
    await telegram.press(ADA, telegram.now(answer), "👍")
    assert buttons(telegram.now(answer)) == [["📄 1"], ["👍 1", "👎"]]
    assert await details(telegram, answer) == [(ADA.id, 1, "")]


async def test_a_summary_can_be_disliked_and_not_taught(telegram: Telegram) -> None:
    summary = await telegram.ask(ADA, "/summarize " + "The council met to discuss the new library today. " * 12)
    await telegram.press(ADA, summary, "👎")
    assert buttons(telegram.now(summary))[2:] == [VOTES, *REASONS]


async def test_an_admin_teaches_by_the_button_and_the_next_question_finds_it(telegram: Telegram) -> None:
    refusal = await telegram.ask(ADA, UNKNOWN)
    assert "do not say" in refusal.text
    await telegram.press(ADA, refusal, "👎")
    await telegram.press(ADA, telegram.now(refusal), "✏️ Teach the answer")
    prompt = telegram.of_bot(ADA_CHAT)[-1]
    assert prompt.text.startswith("Who waters the plants?\nWhat is the right answer?")
    learned = await telegram.ask(ADA, "The gardener does, on Mondays.", reply_to=prompt)
    assert learned.text.startswith("Learned. Whoever asks Who waters the plants?")
    answer = await telegram.ask(BO, UNKNOWN)
    assert answer.text.startswith("The gardener does, on Mondays. [1]")
    assert "[1] Approved answer — Who waters the plants?" in answer.text


@pytest.mark.parametrize(
    ("question", "said", "right", "title"),
    [
        (UNKNOWN, "The right answer is: the gardener.", "the gardener.", "Approved answer"),
        (UNKNOWN_ZH, "正确答案是：园丁每周一浇水。", "园丁每周一浇水。", "核准的回答"),
    ],
)
async def test_an_admin_teaches_by_replying_and_the_approval_is_stored(
    telegram: Telegram, question: str, said: str, right: str, title: str
) -> None:
    refusal = await telegram.ask(ADA, question)
    await telegram.ask(ADA, said, reply_to=refusal)
    assert right in (await telegram.ask(ADA, question)).text
    [document] = await approved(telegram)
    assert (document.title, document.added_by, document.scope, document.chunks) == (title, ADA.id, "shared", 1)


async def test_teaching_again_replaces_and_removing_unteaches(telegram: Telegram) -> None:
    refusal = await telegram.ask(ADA, UNKNOWN)
    await telegram.ask(ADA, "the right answer is the gardener", reply_to=refusal)
    again = await telegram.ask(ADA, "/ask who waters  the plants")
    await telegram.ask(ADA, "the correct answer is the cook.", reply_to=again)
    assert "the cook." in (await telegram.ask(ADA, UNKNOWN)).text
    [document] = await approved(telegram)
    await telegram.app.knowledge.remove(str(document.id))
    assert "do not say" in (await telegram.ask(ADA, UNKNOWN)).text


async def test_what_is_taught_to_a_follow_up_is_the_answer_to_what_it_meant(telegram: Telegram) -> None:
    await telegram.ask(ADA, QUESTION)
    follow_up = await telegram.ask(ADA, "/ask Who pays them?")
    await telegram.ask(ADA, "the right answer is: the cashier", reply_to=follow_up)
    assert [document.uri for document in await approved(telegram)] == ["approved:who pays refunds"]


async def test_members_cannot_teach(telegram: Telegram) -> None:
    await let_team_in(telegram)
    refusal = await telegram.ask(ADA, UNKNOWN, TEAM)
    await telegram.press(ADA, refusal, "👎")
    assert await telegram.press(BO, telegram.now(refusal), "✏️ Teach the answer") == "只有管理员可以这样做。"
    await telegram.press(ADA, telegram.now(refusal), "✏️ Teach the answer")
    prompt = telegram.of_bot(TEAM)[-1]
    await telegram.ask(BO, "正确答案是：厨师", TEAM, reply_to=prompt)
    await telegram.ask(BO, "正确答案是：厨师", TEAM, reply_to=refusal)
    assert await approved(telegram) == []


async def test_a_reply_that_teaches_nothing_is_an_ordinary_message(telegram: Telegram) -> None:
    greeting = await telegram.ask(ADA, "hello, good morning")
    await telegram.ask(ADA, "the right answer is: good evening", reply_to=greeting)
    answer = await telegram.ask(ADA, QUESTION)
    assert "Refunds are paid" in (await telegram.ask(ADA, QUESTION, reply_to=answer)).text
    assert await approved(telegram) == []


async def test_the_prompt_is_in_the_language_of_the_menus(telegram: Telegram) -> None:
    refusal = await telegram.ask(ADA, UNKNOWN_ZH)
    async with telegram.app.database.write() as tx:
        await tx.people.set_language(ADA.id, "zh")
    await telegram.press(ADA, refusal, "👎")
    assert buttons(telegram.now(refusal)) == [VOTES, *REASONS_ZH, ["✏️ 教我正确答案"]]
    await telegram.press(ADA, telegram.now(refusal), "✏️ 教我正确答案")
    assert styled(telegram.of_bot(ADA_CHAT)[-1], "bold") == ["谁给植物浇水？"]
    stored = await telegram.stored(telegram.of_bot(ADA_CHAT)[-1])
    assert stored is not None
    assert stored.kind is AnswerKind.LESSON
    assert telegram.of_bot(BO_CHAT) == []


@pytest.mark.parametrize(
    ("emoji", "votes"), [("👍", (1, 0)), ("❤", (1, 0)), ("👎", (0, 1)), ("💩", (0, 1)), ("🤔", (0, 0))]
)
async def test_a_reaction_is_a_vote(telegram: Telegram, emoji: str, votes: tuple[int, int]) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.react(ADA, answer, emoji)
    assert await telegram.votes(answer) == votes


@pytest.mark.parametrize("later", ["🤔", None])
async def test_a_neutral_reaction_or_none_withdraws_the_vote(telegram: Telegram, later: str | None) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.react(ADA, answer, "👍")
    await telegram.react(ADA, answer, later)
    assert await telegram.votes(answer) == (0, 0)


async def test_button_and_reaction_of_one_person_count_once_by_the_latest(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.press(ADA, answer, "👍")
    await telegram.react(ADA, answer, "👎")
    assert await telegram.votes(answer) == (0, 1)


async def test_a_reaction_to_what_is_no_answer_does_nothing(telegram: Telegram) -> None:
    asked = telegram.say(ADA, QUESTION)
    answer = await telegram.reply(asked)
    await telegram.react(ADA, asked, "👍")
    assert await telegram.votes(answer) == (0, 0)
    async with telegram.app.database.read() as tx:
        assert (await tx.statistics.overview()).votes_up == 0


async def test_a_reaction_to_small_talk_is_no_vote(telegram: Telegram) -> None:
    greeting = await telegram.ask(ADA, "hello, good morning")
    await telegram.react(ADA, greeting, "👍")
    assert await telegram.votes(greeting) == (0, 0)


async def test_a_reaction_of_a_stranger_does_nothing(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)
    await telegram.react(BO, answer, "👎")
    assert await telegram.votes(answer) == (0, 0)
