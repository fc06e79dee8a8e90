"""The crowd before the bot that is measured: it gives its messages in order, and knows how long each person waited."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from telegram import Bot

from bot.crowd import TOKEN, Crowd, serving


@asynccontextmanager
async def bot_before(crowd: Crowd) -> AsyncIterator[Bot]:
    async with serving(crowd) as address, Bot(TOKEN, base_url=f"{address}/bot") as bot:
        yield bot


async def test_people_ask_in_turn_and_wait_until_they_are_answered() -> None:
    crowd = Crowd(["what is it", "这是什么"])
    async with bot_before(crowd) as bot:
        for person in (0, 1, 0):
            crowd.say(person)
        updates = await bot.get_updates(timeout=5)
        assert [update.message.text for update in updates if update.message] == ["what is it", "这是什么", "what is it"]
        assert crowd.unanswered == 3
        for update in updates[:2]:
            assert update.effective_chat is not None
            await bot.send_message(update.effective_chat.id, "an answer")
        assert [wait.person for wait in crowd.waits] == [0, 1]
        assert all(0 < wait.seconds < 5 for wait in crowd.waits)
        assert crowd.unanswered == 1


async def test_what_is_confirmed_is_not_given_again() -> None:
    crowd = Crowd(["hello"])
    async with bot_before(crowd) as bot:
        for _ in range(150):
            crowd.say(0)
        first = await bot.get_updates()
        second = await bot.get_updates(first[-1].update_id + 1)
        assert (len(first), len(second)) == (100, 50)
        assert await bot.get_updates(second[-1].update_id + 1) == ()
        assert crowd.unfetched == 0


async def test_a_poll_ends_when_somebody_writes() -> None:
    crowd = Crowd(["hello"])
    async with bot_before(crowd) as bot:
        polling = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.sleep(0.1)
        crowd.say(3)
        async with asyncio.timeout(5):
            assert len(await polling) == 1


@pytest.mark.parametrize("forgotten", [True, False])
async def test_the_flooder_is_not_waited_for(forgotten: bool) -> None:
    crowd = Crowd(["hello"])
    if forgotten:
        crowd.forget(7)
    crowd.say(7)
    assert crowd.unanswered == int(not forgotten)
