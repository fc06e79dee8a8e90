"""Polling that is watched: whatever getUpdates does, messages come through again."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import NetworkError

from bot import reception
from bot.polling import Poller, WatchedRequest
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from storage.database import Database
from tests.support.telegram import small_bot

DEAF_AFTER = 0.8  # seconds


class Ear:
    """A watched poller, and what it hears."""

    def __init__(self, server: SimulatorServer, poller: Poller, queue: asyncio.Queue[object]) -> None:
        self.server = server
        self.poller = poller
        self.queue = queue

    def fail(self, method: str, times: int = 1, **fault: Any) -> None:
        self.server.call(self.server.simulation.faults.add, method, times, **fault)

    def nothing_is_left(self) -> bool:
        """Whether Telegram has been told of every update. On the server's loop."""
        return not self.server.simulation.world.state.updates

    async def hears(self, text: str) -> bool:
        """Whether a message arrives, however often earlier ones come again."""
        self.server.call(self.server.simulation.say, ADA, ADA_CHAT, text)
        async with asyncio.timeout(15):
            while True:
                update = await self.queue.get()
                assert isinstance(update, Update)
                if update.message and update.message.text == text:
                    return True


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
async def ear(server: SimulatorServer) -> AsyncIterator[Ear]:
    request = WatchedRequest(read_timeout=20)
    queue: asyncio.Queue[object] = asyncio.Queue()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        poller = Poller(bot, queue, request, DEAF_AFTER)
        await poller.start()
        watching = asyncio.create_task(poller.watch())
        yield Ear(server, poller, queue)
        assert not watching.done()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await poller.stop()


async def test_messages_come_in(ear: Ear) -> None:
    assert await ear.hears("one")
    assert await ear.hears("two")


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"drop": "before"}, {"drop": "after"}])
async def test_trouble_that_passes_is_outlasted(ear: Ear, fault: dict[str, Any]) -> None:
    ear.fail("getUpdates", **fault)
    assert await ear.hears("the last one before the fault")
    assert await ear.hears("one")


async def test_a_request_that_hangs_is_left_alone_and_polling_begins_again(ear: Ear) -> None:
    ear.fail("getUpdates", delay=60)
    assert await ear.hears("the last one before the fault")
    assert await ear.hears("one")


@pytest.mark.parametrize("status", [401, 404])
async def test_a_refused_token_does_not_end_polling(server: SimulatorServer, status: int) -> None:
    request = WatchedRequest(read_timeout=20)
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        queue: asyncio.Queue[object] = asyncio.Queue()
        poller = Poller(bot, queue, request)
        await poller.start()
        ear = Ear(server, poller, queue)
        ear.fail("getUpdates", status=status)
        assert await ear.hears("the last one before the fault")
        assert await ear.hears("one")
        await poller.stop()


async def test_telegram_is_told_of_nothing_that_is_not_kept(ear: Ear) -> None:
    kept = asyncio.Event()

    async def keep() -> None:
        if not kept.is_set():
            raise NetworkError("not kept yet")

    ear.poller._request.before = keep
    ear.server.call(ear.server.simulation.say, ADA, ADA_CHAT, "one")
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(ear.server.wait_for, ear.nothing_is_left, 0.5)
    kept.set()
    assert await ear.hears("two")
    await asyncio.to_thread(ear.server.wait_for, ear.nothing_is_left, 15)


async def test_the_watch_ends_also_while_it_begins_again(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot catches a cancellation that comes while it stops."""
    stopping, go_on = asyncio.Event(), asyncio.Event()

    async def stop() -> None:
        stopping.set()
        with suppress(asyncio.CancelledError):
            await go_on.wait()

    monkeypatch.setattr(ear.poller, "stop", stop)
    monkeypatch.setattr(ear.poller, "_deaf_after", 0.0)
    watching = asyncio.create_task(ear.poller.watch())
    await stopping.wait()
    monkeypatch.undo()
    watching.cancel()
    await asyncio.wait([watching], timeout=10)
    assert watching.cancelled()


async def test_polling_that_has_died_begins_again_at_the_first_try(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    await ear.poller._updater.stop()
    assert await ear.hears("one")
    assert caplog.text.count("polling again") == 1


async def test_the_watch_goes_on_when_polling_cannot_begin_again(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    ear.fail("deleteWebhook", status=401)
    await ear.poller._updater.stop()
    assert await ear.hears("one")
    assert "polling did not begin again (InvalidToken)" in caplog.text


async def test_another_program_with_the_same_token_is_said_plainly(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    ear.fail("getUpdates", status=409)
    assert await ear.hears("the last one before the fault")
    assert await ear.hears("one")
    assert "another program receives this bot's messages with the same token" in caplog.text
    assert "from @BotFather" in caplog.text


async def test_polling_stops_in_any_state(server: SimulatorServer) -> None:
    request = WatchedRequest()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        poller = Poller(bot, asyncio.Queue(), request)
        await poller.stop()
        await poller.start()
        await poller.stop()
        await poller.stop()


async def test_the_sign_of_life_is_a_completed_request(server: SimulatorServer) -> None:
    request = WatchedRequest()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        request.completed_at = 0
        await bot.get_me()
        assert request.completed_at == 0
        await bot.get_updates()
        assert time.monotonic() - request.completed_at < 5


async def test_what_telegram_sends_again_is_answered_once(
    handbooks: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "Poller", partial(Poller, deaf_after=DEAF_AFTER))
    async with small_bot(handbooks, tmp_path / "home", open=True) as telegram:
        telegram.fail("getUpdates", drop="after")
        telegram.fail("getUpdates", status=401)
        asked = telegram.say(ADA, "hello there")
        telegram.say(ADA, "good morning")
        assert len(await telegram.replies(asked)) == 2
