"""What people say next, as opinions of the answer before, over real Telegram objects, in both languages."""

import pytest

from bot.simulator.model import Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from nlp.learning.evidence import SIGNAL_WEIGHTS, Signal
from storage.schema import Correction, Feedback
from tests.support.rows import rows
from tests.support.telegram import Telegram, buttons

QUESTION, QUESTION_ZH = "When are refunds paid?", "退款什么时候支付？"


async def opinions(telegram: Telegram, message: Message) -> list[tuple[int, str, int, float]]:
    """What people think of an answer, as (person, channel, value, weight)."""
    stored = await telegram.stored(message)
    assert stored is not None
    found = await rows(telegram.app.database, Feedback)
    return [(row.user_id, row.channel, row.value, row.weight) for row in found if row.answer_id == stored.id]


@pytest.mark.parametrize(
    ("person", "question", "said", "channel", "signal"),
    [
        (ADA, QUESTION, "When will refunds get paid?", "rephrased", Signal.REPHRASED),
        (ADA, QUESTION, QUESTION, "rephrased", Signal.REPHRASED),
        (BO, QUESTION_ZH, "退款何时支付？", "rephrased", Signal.REPHRASED),
        (ADA, QUESTION, "No, that's wrong!", "denied", Signal.DENIED),
        (BO, QUESTION_ZH, "不对", "denied", Signal.DENIED),
        (BO, QUESTION_ZH, "错了！", "denied", Signal.DENIED),
    ],
)
async def test_what_is_said_next_is_stored_with_the_answer(
    telegram: Telegram, person: User, question: str, said: str, channel: str, signal: Signal
) -> None:
    answer = await telegram.ask(person, f"/ask {question}")
    await telegram.ask(person, f"/ask {said}" if channel == "rephrased" else said)
    assert await opinions(telegram, answer) == [(person.id, channel, -1, SIGNAL_WEIGHTS[signal])]
    assert await telegram.votes(answer) == (0, 0)
    assert buttons(telegram.now(answer))[-1] == ["👍", "👎"]
    versions = [row.versions for row in await rows(telegram.app.database, Feedback)]
    assert versions[0] is not None
    assert versions[0]["encoder"] == "bag"


async def test_another_question_is_no_sign(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.ask(ADA, "/ask When does the office open?")
    await telegram.ask(ADA, "/whoami")
    assert await opinions(telegram, answer) == []


async def test_a_sign_counts_of_the_same_person_in_the_same_conversation_alone(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    answer = await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)
    await telegram.ask(BO, "不对", TEAM, reply_to=answer)
    await telegram.ask(ADA, "No!", ADA_CHAT)
    assert await opinions(telegram, answer) == []
    await telegram.ask(ADA, "No!", TEAM, reply_to=answer)
    assert await opinions(telegram, answer) == [(ADA.id, "denied", -1, SIGNAL_WEIGHTS[Signal.DENIED])]


async def test_a_reply_to_an_older_answer_is_about_that(telegram: Telegram) -> None:
    older = await telegram.ask(ADA, QUESTION)
    newer = await telegram.ask(ADA, "/ask When does the office open?")
    await telegram.ask(ADA, "wrong", reply_to=older)
    assert [channel for _, channel, _, _ in await opinions(telegram, older)] == ["denied"]
    assert await opinions(telegram, newer) == []


async def test_votes_are_stored_with_their_worth(telegram: Telegram) -> None:
    answer = await telegram.ask(ADA, QUESTION)
    await telegram.press(ADA, answer, "👎")
    await telegram.press(ADA, telegram.now(answer), "wrong")
    await telegram.react(ADA, answer, "👍")
    assert await opinions(telegram, answer) == [
        (ADA.id, "button", -1, SIGNAL_WEIGHTS[Signal.WRONG_BECAUSE]),
        (ADA.id, "reaction", 1, SIGNAL_WEIGHTS[Signal.REACTION_UP]),
    ]


@pytest.mark.parametrize("by_button", [True, False])
async def test_what_an_admin_teaches_stands_beside_the_answer_it_corrects(telegram: Telegram, by_button: bool) -> None:
    refusal = await telegram.ask(ADA, "/ask Who waters the plants?")
    if by_button:
        await telegram.press(ADA, refusal, "👎")
        await telegram.press(ADA, telegram.now(refusal), "✏️ Teach the answer")
        await telegram.ask(ADA, "The gardener.", reply_to=telegram.of_bot(ADA_CHAT)[-1])
    else:
        await telegram.ask(ADA, "The right answer is: The gardener.", reply_to=refusal)
    stored = await telegram.stored(refusal)
    assert stored is not None
    found = await rows(telegram.app.database, Correction)
    assert [(row.answer_id, row.user_id, row.text) for row in found] == [(stored.id, ADA.id, "The gardener.")]
