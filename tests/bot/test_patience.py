"""Whoever waits long is told their place in the line, in their language, once a minute, and groups never."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.inbox import Lanes
from bot.patience import Patience
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM
from storage.records import PendingUpdate, StoredUpdate
from tests.support.telegram import Telegram

_IN_LINE = "Many people are writing to me just now. You are number {} in the line; I will answer."
_IN_LINE_ZH = "现在给我发消息的人很多，您排在第 {} 位，我会回复的。"


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    async with Bot(telegram.simulation.token, base_url=f"{telegram.server.api_url}/bot") as found:
        yield found


def line(telegram: Telegram, *chats: int) -> Lanes:
    """Lanes in which these chats wait and nothing is ever done."""

    async def nothing(_: StoredUpdate) -> None: ...

    lanes = Lanes(telegram.app.database, nothing, nothing, 1)
    for number, chat in enumerate(chats, 1):
        lanes.offer(PendingUpdate(number, f"chat:{chat}"))
    return lanes


def told(telegram: Telegram) -> list[str]:
    said = [*telegram.of_bot(ADA_CHAT), *telegram.of_bot(BO_CHAT), *telegram.of_bot(TEAM)]
    return [message.text for message in said if "number " in message.text or "排在第" in message.text]


async def test_who_waits_long_is_told_their_place_once_a_minute(telegram: Telegram, bot: Bot) -> None:
    await telegram.ask(ADA, "hello")
    await telegram.ask(BO, "你好")
    patience = Patience(telegram.app.database, bot, line(telegram, 77, BO.id, TEAM.id, ADA.id), long=0)
    await patience.look()
    assert told(telegram) == [_IN_LINE.format(4), _IN_LINE_ZH.format(2)]
    await patience.look()
    assert len(told(telegram)) == 2


async def test_who_waits_shortly_or_cannot_be_reached_is_not_told(telegram: Telegram, bot: Bot) -> None:
    await telegram.ask(ADA, "hello")
    await Patience(telegram.app.database, bot, line(telegram, ADA.id)).look()
    assert told(telegram) == []
    telegram.fail("sendMessage", status=403)
    await Patience(telegram.app.database, bot, line(telegram, ADA.id), long=0).look()
    assert told(telegram) == []


def test_the_line_is_in_the_order_of_coming(telegram: Telegram) -> None:
    lanes = line(telegram, 3, 1, 2, 1)
    assert [lane for lane, _ in lanes.line] == ["chat:3", "chat:1", "chat:2"]
    lanes.leave([])
    assert lanes.waiting == 3
