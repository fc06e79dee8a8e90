"""How fast the bot speaks, in each chat by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.limiter import Bucket, ChatLimiter, Rank, Rates, seconds
from storage.errors import FenceLost
from tests.support.telegram import UNHURRIED

FAST = Rates(50, 1.0, 1)  # one at once, the next 20 ms later


class Speaker:
    """A limiter, and what was said through it in which order."""

    def __init__(self, **rates: Rates) -> None:
        self.limiter = ChatLimiter(**rates)
        self.said: list[str] = []
        self.times: list[float] = []

    async def say(
        self, text: str, chat: int = 1, endpoint: str = "sendMessage", rank: Rank | None = None, **data: Any
    ) -> Any:
        async def call() -> bool:
            if text.startswith("429"):
                raise RetryAfter(1)
            self.said.append(text)
            self.times.append(time.monotonic())
            return True

        return await self.limiter.process_request(call, (), {}, endpoint, {"chat_id": chat, **data}, rank)


@pytest.fixture
async def slow() -> AsyncIterator[Speaker]:
    speaker = Speaker(private=FAST, group=FAST, every=UNHURRIED)
    yield speaker
    await speaker.limiter.shutdown()


async def test_a_chat_is_spoken_to_at_its_pace_and_in_order(slow: Speaker) -> None:
    began = time.monotonic()
    await asyncio.gather(*[slow.say(str(number)) for number in range(5)])
    assert slow.said == ["0", "1", "2", "3", "4"]
    assert slow.times[-1] - began >= 4 / 50 - 0.005


async def test_chats_do_not_wait_for_each_other(slow: Speaker) -> None:
    waiting = [asyncio.create_task(slow.say(f"a{number}", chat=1)) for number in range(20)]
    await asyncio.sleep(0)
    await slow.say("b", chat=2)
    assert slow.said.index("b") <= 1
    await asyncio.gather(*waiting)


async def test_all_chats_together_keep_to_the_limit_of_all() -> None:
    speaker = Speaker(private=UNHURRIED, group=UNHURRIED, every=Rates(100, 1.0, 1))
    began = time.monotonic()
    await asyncio.gather(*[speaker.say("x", chat=number, rank=Rank.LATE) for number in range(11)])
    assert speaker.times[-1] - began >= 10 / 100 - 0.005


async def test_of_the_limit_of_all_a_process_takes_its_part() -> None:
    speaker = Speaker(private=UNHURRIED, group=UNHURRIED, every=Rates(200, 1.0, 2))
    speaker.limiter.divide(2)
    began = time.monotonic()
    await asyncio.gather(*[speaker.say("x", chat=number, rank=Rank.LATE) for number in range(11)])
    assert speaker.times[-1] - began >= 10 / 100 - 0.005


@pytest.mark.parametrize("endpoint", ["sendMessage", "sendPhoto", "editMessageText"])
async def test_what_must_not_be_said_any_more_is_not_said(slow: Speaker, endpoint: str) -> None:
    async def another_serves_the_chat() -> None:
        raise FenceLost("taken")

    slow.limiter.before_speaking = another_serves_the_chat
    with pytest.raises(FenceLost):
        await slow.say("late", endpoint=endpoint, message_id=1)
    await slow.say("typing", endpoint="sendChatAction")
    assert slow.said == ["typing"]


async def test_answers_do_not_wait_for_other_chats() -> None:
    speaker = Speaker(private=UNHURRIED, group=UNHURRIED, every=Rates(1, 60.0, 1))
    async with asyncio.timeout(10):
        await asyncio.gather(*[speaker.say("x", chat=number) for number in range(50)])
    assert len(speaker.said) == 50


async def test_answers_go_before_edits_and_edits_before_digests(slow: Speaker) -> None:
    await slow.say("first")
    await asyncio.gather(
        slow.say("digest", rank=Rank.LATE),
        slow.say("edit", endpoint="editMessageText", message_id=1),
        slow.say("answer"),
    )
    assert slow.said == ["first", "answer", "edit", "digest"]


async def test_of_edits_of_a_message_that_wait_only_the_newest_is_sent(slow: Speaker) -> None:
    await slow.say("first")
    edits = [slow.say(f"edit {number}", endpoint="editMessageText", message_id=7) for number in range(10)]
    other = slow.say("other", endpoint="editMessageText", message_id=8)
    assert await asyncio.gather(*edits, other) == [True] * 11
    assert slow.said == ["first", "edit 9", "other"]


async def test_edits_one_after_the_other_are_all_sent(slow: Speaker) -> None:
    for number in range(3):
        await slow.say(str(number), endpoint="editMessageText", message_id=7)
    assert slow.said == ["0", "1", "2"]


async def test_where_telegram_asks_to_wait_that_chat_alone_waits() -> None:
    speaker = Speaker()
    with pytest.raises(RetryAfter):
        await speaker.say("429", chat=1)
    began = time.monotonic()
    await speaker.say("elsewhere", chat=2)
    assert time.monotonic() - began < 0.5
    for endpoint in ("sendChatAction", "sendMessageDraft"):
        with pytest.raises(RetryAfter):
            await speaker.say("passing", chat=1, endpoint=endpoint)
    await speaker.say("later", chat=1)
    assert time.monotonic() - began >= 0.9
    assert speaker.said == ["elsewhere", "later"]


async def test_who_has_gone_takes_nobodys_turn(slow: Speaker) -> None:
    await slow.say("first")
    gone = asyncio.create_task(slow.say("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await slow.say("next")
    assert slow.said == ["first", "next"]


@pytest.mark.parametrize("endpoint", ["getMe", "answerCallbackQuery", "setMyCommands", "deleteMessage"])
async def test_what_says_nothing_to_anybody_waits_for_nothing(slow: Speaker, endpoint: str) -> None:
    began = time.monotonic()
    for _ in range(20):
        await slow.say(endpoint, endpoint=endpoint)
    assert time.monotonic() - began < 0.3


async def test_chats_that_are_done_with_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.limiter._REMEMBERED", 10)
    speaker = Speaker(private=UNHURRIED, group=UNHURRIED, every=UNHURRIED)
    for number in range(100):
        await speaker.say("x", chat=number)
        await asyncio.sleep(0.002)
    assert len(speaker.limiter._chats) <= 12


@given(st.floats(0.1, 100), st.floats(1, 20), st.lists(st.floats(0, 3), max_size=60))
def test_no_second_holds_more_than_the_rate_and_the_burst(rate: float, burst: float, pauses: list[float]) -> None:
    bucket, now, taken = Bucket(Rates(rate, 1.0, burst)), 0.0, []
    for pause in pauses:
        now += pause
        if bucket.wait(now) == 0:
            bucket.take(now)
            taken.append(now)
    for start, first in enumerate(taken):
        within = [moment for moment in taken[start:] if moment - first <= 1.0]
        assert len(within) <= burst + rate * 1.0 + 1e-6


@pytest.mark.filterwarnings("ignore:.*retry_after")
@pytest.mark.parametrize("as_timedelta", ["0", "1"])
def test_how_long_to_wait_is_read_as_every_version_of_the_library_tells_it(
    monkeypatch: pytest.MonkeyPatch, as_timedelta: str
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", as_timedelta)
    assert seconds(RetryAfter(3)) == 3
