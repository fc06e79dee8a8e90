"""Budgets: so much from one person within a time, told once, and nothing else held up."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import assemble
from bot.budgets import FILES, Budgets, Busy
from bot.dialogue import Attachment
from bot.progress import Silence
from bot.settings import load_settings
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from storage.database import Database
from tests.support import apps
from tests.support.answers import Parrot
from tests.support.apps import private, small_models
from tests.support.telegram import Telegram, small_bot, talking

BUSY_EN, BUSY_ZH = "I am busy: I take at most 2 messages", "我有点忙：每人每分钟我最多处理 2 条消息"


def test_a_person_is_told_once_a_minute() -> None:
    budgets = Budgets(2)
    found = [budgets.refuse(private("hi", apps.BO, number), 10.0 * number) for number in range(12)]
    refused = [(number, busy.tell) for number, busy in enumerate(found) if busy]
    assert refused == [(2, True), (3, False), (4, False), (5, False), (8, True), (9, False), (10, False), (11, False)]


def test_what_piled_up_while_the_bot_was_away_is_within_the_budget() -> None:
    budgets = Budgets(2)
    assert [budgets.refuse(private("hi", apps.BO, number), 40.0 * number) for number in range(20)] == [None] * 20


def test_files_have_a_budget_of_their_own() -> None:
    async def save(_: Path) -> None: ...

    budgets = Budgets(1000)
    file = replace(private("", apps.BO), attached=Attachment("a.md", 5, save))
    found = [budgets.refuse(replace(file, update_id=number), float(number)) for number in range(FILES + 2)]
    assert found == [None] * FILES + [Busy(of_files=True, tell=True), Busy(of_files=True, tell=False)]
    assert budgets.refuse(private("hi", apps.BO, 99), 30.0) is None


async def pending(telegram: Telegram) -> int:
    async with telegram.app.database.read() as tx:
        return await tx.inbox.count_pending()


async def test_who_writes_too_much_is_told_and_others_go_on(handbooks: Database, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"open": True, "admins": [ADA.id], "messages_per_minute": 2}
    async with small_bot(handbooks, tmp_path / "home", **settings) as telegram:
        asked = [telegram.say(BO, "hello there") for _ in range(6)]
        texts = [reply.text for reply in await telegram.replies(asked[0])]
        assert [text.startswith(("Hello!", "你好！")) for text in texts] == [True, True, False]
        assert texts[2].startswith(BUSY_ZH)
        assert await pending(telegram) == 0
        team = telegram.say(BO, "/ask When are refunds paid?", TEAM)
        assert await telegram.replies(team) == []
        many = [telegram.say(ADA, "hello there") for _ in range(4)]
        assert len(await telegram.replies(many[0])) == 4


async def test_it_is_said_in_english_too(handbooks: Database, tmp_path: Path) -> None:
    async with small_bot(handbooks, tmp_path / "home", open=True, messages_per_minute=2) as telegram:
        asked = [telegram.say(ADA, "hello there") for _ in range(4)]
        assert [m.text.startswith(BUSY_EN) for m in await telegram.replies(asked[0])] == [False, False, True]


@pytest.mark.parametrize(
    ("person", "question", "words"),
    [(ADA, "When are refunds paid?", "This took too long"), (BO, "退款什么时候支付？", "这件事花的时间太长")],
)
async def test_what_takes_too_long_is_cancelled_down_to_the_generator_and_the_person_is_told(
    handbooks: Database, tmp_path: Path, person: Any, question: str, words: str
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(Parrot):
        def stream(self, task: Any, budget: Any) -> Any:
            try:
                while True:
                    budget.check()
                    time.sleep(0.01)
                    yield ""
            finally:
                loop.call_soon_threadsafe(ended.set)

    models = replace(small_models(), generator=Slow([]))
    settings = load_settings(home=tmp_path, manual=False, open=True, deadline=0.5)
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        async with assemble(settings, handbooks, models, Silence()) as app, talking(server, app) as telegram:
            reply = await telegram.ask(person, question)
            assert reply.text.startswith(words)
            await asyncio.wait_for(ended.wait(), 5)
            assert await pending(telegram) == 0
            assert len(telegram.of_bot(ADA_CHAT)) == (person == ADA)
