"""`dawen bench load`: what is planned and counted; the bot itself is measured by the benchmark alone."""

import asyncio
import os
import time

import pytest

from bot.commands import load
from bot.commands.load import Plan
from bot.crowd import Crowd


def test_a_shorter_plan_is_shorter_in_everything_but_the_rates() -> None:
    usual, short = Plan(), Plan().shorter()
    assert (short.rate, short.flood) == (usual.rate, usual.flood)
    assert short.seconds < usual.seconds
    assert short.backlog < usual.backlog
    assert short.people < usual.people
    assert Plan(seconds=5).shorter().seconds == 5


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1), (0.5, 50), (0.95, 95), (1.0, 100)])
def test_a_share_of_the_values_lies_below(share: float, wanted: float) -> None:
    assert load._share(list(range(100, 0, -1)), share) == wanted
    assert load._share([], share) == 0


async def test_messages_come_at_a_steady_rate_from_everybody_in_turn() -> None:
    crowd, passed = Crowd(["hello"]), list[float]()
    began = asyncio.get_running_loop().time()
    await load._talk(crowd, Plan(people=4, rate=20, seconds=1.5), passed.append)
    assert asyncio.get_running_loop().time() - began == pytest.approx(29 / 20, abs=0.3)
    assert [update["message"]["chat"]["id"] % 100 for update in crowd._updates] == [n % 4 for n in range(30)]
    assert len(passed) == 1


async def test_a_flood_comes_at_its_rate() -> None:
    crowd = Crowd(["hello"])
    await load._flood(crowd, 1000, 0.3)
    assert crowd.unfetched == pytest.approx(300, rel=0.2)


def test_the_memory_of_a_process_is_what_it_holds_now() -> None:
    held = load._resident(os.getpid())
    assert 10 < held < 100_000
    assert load._resident(2**22 + 1) == 0


def test_the_time_of_a_process_is_what_it_computed() -> None:
    before = load._processor(os.getpid())
    while load._processor(os.getpid()) < before + 0.05:
        sum(range(10_000))
    assert load._processor(os.getpid()) <= time.process_time() + 0.02
    assert load._processor(2**22 + 1) == 0
