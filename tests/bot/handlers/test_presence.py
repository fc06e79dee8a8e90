"""The sign that the bot is at work."""

import asyncio
from typing import Any

import pytest

from bot.handlers import presence
from bot.simulator.people import ADA, ADA_CHAT, TEAM, TRAVEL
from tests.support.telegram import Telegram


@pytest.fixture
def slow(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Answers wait for this event; the sign comes at once."""
    go = asyncio.Event()
    answer = telegram.app.conversation.respond

    async def respond(*arguments: Any) -> Any:
        await go.wait()
        return await answer(*arguments)

    monkeypatch.setattr(type(telegram.app.conversation), "respond", lambda _, *arguments: respond(*arguments))
    monkeypatch.setattr(presence, "_AFTER", 0.01)
    monkeypatch.setattr(presence, "_AGAIN", 0.05)
    return go


async def test_typing_is_shown_where_the_answer_will_come(telegram: Telegram, slow: asyncio.Event) -> None:
    await telegram.ask(ADA, "/allow", TEAM)
    asked = telegram.say(ADA, "@dawen_bot When are refunds paid?", TEAM, topic=TRAVEL)
    action = await telegram.until(lambda: telegram.simulation.action(TEAM, TRAVEL))
    assert action.action == "typing"
    slow.set()
    assert "thirty days" in (await telegram.reply(asked)).text


async def test_a_sign_that_cannot_be_shown_is_tried_again(telegram: Telegram, slow: asyncio.Event) -> None:
    telegram.fail("sendChatAction", status=500)
    asked = telegram.say(ADA, "When are refunds paid?")
    await telegram.until(lambda: telegram.simulation.action(ADA_CHAT))
    slow.set()
    assert "thirty days" in (await telegram.reply(asked)).text
