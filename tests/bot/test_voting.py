"""What reactions say of an answer, and that opinions stay with the answer they are about."""

import pytest

from bot.app import App
from bot.delivery import new_answer, new_message, new_route
from bot.voting import DISLIKES, LIKES, value_of
from tests.support.apps import ADA, BO, private

NUMBER = 55  # of the bot's message on Telegram


async def answered(app: App, number: int = NUMBER) -> int:
    """An answer that was sent as one message; its key."""
    incoming = private("When are refunds paid?")
    reply = await app.conversation.ask(incoming)
    async with app.database.write() as tx:
        answer = await tx.answers.record(new_message(incoming), new_route(reply), new_answer(incoming, reply))
        await tx.answers.mark_delivered(answer.id, 0, number)
    return answer.id


@pytest.mark.parametrize(
    ("emoji", "value"),
    [
        (["👍"], 1),
        (["❤"], 1),
        (["👎"], -1),
        (["🤔"], 0),
        ([], 0),
        (["👍", "👎"], 0),
        (["👍", "🔥"], 1),
        (["👎", "🤔"], -1),
    ],
)
def test_what_reactions_say(emoji: list[str], value: int) -> None:
    assert value_of(emoji) == value


def test_no_reaction_says_both() -> None:
    assert not LIKES & DISLIKES


async def test_votes_are_counted_by_person(app: App) -> None:
    await answered(app)
    assert await app.voting.by_button(ADA.id, NUMBER, ADA.id, 1) == (1, 0)
    assert await app.voting.by_button(ADA.id, NUMBER, BO.id, -1) == (1, 1)
    assert await app.voting.by_button(ADA.id, NUMBER, ADA.id, -1) == (0, 2)


async def test_the_newest_answer_counts_where_two_bots_used_one_number(app: App) -> None:
    older, newer = await answered(app), await answered(app)
    await app.voting.by_button(ADA.id, NUMBER, ADA.id, 1)
    async with app.database.read() as tx:
        assert (await tx.feedback.votes(older), await tx.feedback.votes(newer)) == ((0, 0), (1, 0))


async def test_a_vote_on_an_unknown_message_is_none(app: App) -> None:
    await answered(app)
    assert await app.voting.by_button(ADA.id, NUMBER + 1, ADA.id, 1) is None
    assert await app.voting.by_button(BO.id, NUMBER, ADA.id, 1) is None
    assert await app.voting.clarify(ADA.id, NUMBER + 1, ADA.id, "question") is None
    await app.voting.by_reaction(ADA.id, NUMBER + 1, ADA.id, ["👍"])
    async with app.database.read() as tx:
        assert (await tx.statistics.overview()).votes_up == 0


async def test_a_clarification_labels_the_question_and_gives_it_back(app: App) -> None:
    key = await answered(app)
    meant = await app.voting.clarify(ADA.id, NUMBER, BO.id, "help")
    assert meant is not None
    assert meant.text == "When are refunds paid?"
    async with app.database.read() as tx:
        answer = await tx.answers.get(key)
        assert answer is not None
        assert await tx.feedback.labels() == [(answer.message_id, BO.id, "help", None, "clarification")]
