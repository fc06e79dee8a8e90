"""Polling that is watched: whatever getUpdates does, messages come through again."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from telegram import Bot, User
from telegram.error import NetworkError

from bot import polling, reception
from bot.intake import Intake
from bot.polling import Poller
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.wire import Wire
from storage.database import Database
from storage.records import NewUpdate
from tests.support.telegram import small_bot
from tests.support.updates import BOT, update

DEAF_AFTER = 0.8  # seconds


class Heard(Intake):
    """Keeps what comes where the test can see it, or fails as it is told."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[NewUpdate] = asyncio.Queue()
        self.failure: Exception | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.called = 0

    async def keep(self, news: Sequence[NewUpdate]) -> None:
        self.called += 1
        await self.free.wait()
        if self.failure is not None:
            raise self.failure
        for new in news:
            self.news.put_nowait(new)


class Ear:
    """A watched poller, and what it hears."""

    def __init__(self, server: SimulatorServer, poller: Poller, intake: Heard) -> None:
        self.server = server
        self.poller = poller
        self.intake = intake

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
                if (await self.intake.news.get()).payload["message"]["text"] == text:
                    return True

    def die(self) -> None:
        """Let the loop end as nothing should end it."""
        assert self.poller._task is not None
        self.poller._task.cancel()


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
async def ear(server: SimulatorServer) -> AsyncIterator[Ear]:
    request, intake = Wire(read_timeout=20), Heard()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        poller = Poller(bot, intake, request, DEAF_AFTER)
        await poller.start()
        watching = asyncio.create_task(poller.watch())
        yield Ear(server, poller, intake)
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
    request, intake = Wire(read_timeout=20), Heard()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        poller = Poller(bot, intake, request)
        await poller.start()
        ear = Ear(server, poller, intake)
        ear.fail("getUpdates", status=status)
        assert await ear.hears("the last one before the fault")
        assert await ear.hears("one")
        await poller.stop()


async def test_telegram_is_told_of_nothing_that_is_not_kept(ear: Ear) -> None:
    ear.intake.failure = NetworkError("not kept yet")
    ear.server.call(ear.server.simulation.say, ADA, ADA_CHAT, "one")
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(ear.server.wait_for, ear.nothing_is_left, 0.5)
    ear.intake.failure = None
    assert await ear.hears("two")
    await asyncio.to_thread(ear.server.wait_for, ear.nothing_is_left, 15)


class Scripted(Wire):
    """Gives each of its answers once, the last for ever, and remembers what was asked."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self.answers = list(answers)
        self.offsets: list[str] = []

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        if "getUpdates" in url:
            self.offsets += parse_qs(urlsplit(url).query)["offset"]
        await asyncio.sleep(0)
        return 200, self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(*updates: Any) -> bytes:
    return json.dumps({"ok": True, "result": list(updates)}).encode()


@pytest.mark.parametrize(
    "foreign",
    [
        b"<html>Welcome to the hotel</html>",
        b"[]",
        b'{"ok": true}',
        b'{"ok": true, "result": true}',
        b'{"ok": true, "result": {"hello": "there"}}',
        b'{"ok": true, "result": [{"message": {}}]}',
        b'{"ok": true, "result": [{"update_id": "8"}]}',
    ],
)
async def test_an_answer_that_is_not_telegrams_is_trouble_that_passes(
    foreign: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(polling, "_FIRST_DELAY", 0.001)
    request, intake = Scripted(foreign, foreign, answer(update(8)), answer()), Heard()
    poller = Poller(Bot(TOKEN, request=Scripted(b'{"ok": true, "result": true}')), intake, request)
    poller._bot._bot_user = User(BOT, "Dawen", is_bot=True)
    await poller.start()
    async with asyncio.timeout(15):
        assert (await intake.news.get()).update_id == 8
        while len(request.offsets) < 4:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
    await poller.stop()
    assert request.offsets[:4] == ["0", "0", "0", "9"]
    assert caplog.text.count("polling: NetworkError") == 2
    assert "hotel" not in caplog.text


async def test_polling_that_has_died_begins_again_at_the_first_try(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    ear.die()
    assert await ear.hears("one")
    assert caplog.text.count("polling again") == 1


async def test_the_watch_goes_on_when_polling_cannot_begin_again(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    ear.fail("deleteWebhook", status=401)
    ear.die()
    assert await ear.hears("one")
    assert "polling did not begin again (InvalidToken)" in caplog.text


async def test_another_program_with_the_same_token_is_said_plainly(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    ear.fail("getUpdates", status=409)
    assert await ear.hears("the last one before the fault")
    assert await ear.hears("one")
    assert "another program receives this bot's messages with the same token" in caplog.text
    assert "from @BotFather" in caplog.text


async def test_polling_stops_in_any_state(server: SimulatorServer) -> None:
    request = Wire()
    async with Bot(TOKEN, base_url=f"{server.api_url}/bot", get_updates_request=request) as bot:
        poller = Poller(bot, Heard(), request)
        await poller.stop()
        await poller.start()
        await poller.stop()
        await poller.stop()


async def test_the_sign_of_life_is_a_fetch_that_succeeded(ear: Ear) -> None:
    assert await ear.hears("one")
    ear.poller._deaf_after = 60.0
    ear.fail("getUpdates", times=1000, status=500)
    assert ear.poller.silent_for < DEAF_AFTER
    await asyncio.sleep(DEAF_AFTER)
    assert ear.poller.silent_for >= DEAF_AFTER / 2
    ear.server.call(ear.server.simulation.faults.clear)


async def test_a_commit_that_nobody_waits_for_any_more_ends_before_the_next(ear: Ear) -> None:
    """The database is slow, and polling begins again meanwhile, with the same updates."""
    assert await ear.hears("one")
    calls = ear.intake.called
    ear.intake.free.clear()
    ear.server.call(ear.server.simulation.say, ADA, ADA_CHAT, "two")
    while ear.intake.called == calls:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    await asyncio.sleep(DEAF_AFTER * 2)
    assert ear.intake.called == calls + 1  # the second waits for the first
    ear.intake.free.set()
    assert await ear.hears("three")
    assert ear.intake.called > calls + 1


async def test_what_was_committed_is_confirmed_at_the_end(ear: Ear) -> None:
    assert await ear.hears("one")
    await ear.poller.stop()
    await asyncio.to_thread(ear.server.wait_for, ear.nothing_is_left, 15)


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
