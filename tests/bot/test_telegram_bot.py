"""The bot as a whole: how it starts, how it stops, and that nothing is lost in between."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import polling, telegram_bot
from bot.app import App
from bot.errors import StartError
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, BO, TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.telegram_bot import run_telegram_bot
from storage.database import Database
from tests.support.apps import small_app
from tests.support.telegram import Telegram, talking


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
async def library(handbooks: Database, tmp_path: Path) -> AsyncIterator[App]:
    """An application that everybody may use."""
    async with small_app(handbooks, tmp_path / "home", open=True) as app:
        yield app


async def waiting(app: App) -> int:
    async with app.database.read() as tx:
        return await tx.inbox.count_pending()


@pytest.mark.parametrize("token", ["9001:wrong", "nonsense", "9001:"])
async def test_a_wrong_token_is_explained(library: App, server: SimulatorServer, token: str) -> None:
    with pytest.raises(StartError, match="copy TELEGRAM_BOT_TOKEN from @BotFather again") as caught:
        async with run_telegram_bot(library, token, server.api_url):
            pass
    assert token not in str(caught.value)


@pytest.mark.parametrize("api", ["http://127.0.0.1:9", "nonsense", "http://127.0.0.1:9/"])
async def test_a_server_that_cannot_be_reached_is_explained(library: App, api: str) -> None:
    with pytest.raises(StartError, match=f"{api}.* cannot be reached: check the network or DAWEN_TELEGRAM_API"):
        async with run_telegram_bot(library, TOKEN, api):
            pass


@pytest.mark.parametrize(
    ("method", "status", "words"),
    [
        ("getMe", 500, "cannot be reached"),
        ("getMe", 429, "refused the bot .RetryAfter."),
        ("deleteWebhook", 500, "cannot be reached"),
        ("deleteWebhook", 401, "token is not valid"),
    ],
)
async def test_a_server_that_refuses_is_explained(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch, method: str, status: int, words: str
) -> None:
    monkeypatch.setattr(polling, "_START_TRIES", 1)
    server.simulation.faults.add(method, 9, status=status)
    with pytest.raises(StartError, match=words):
        async with talking(server, library):
            pass


async def test_a_server_that_hangs_is_not_waited_for(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_bot, "_CONNECT_WITHIN", 0.2)
    server.simulation.faults.add("getMe", delay=1)
    with pytest.raises(StartError, match="cannot be reached"):
        async with talking(server, library):
            pass


async def test_a_slash_behind_the_address_does_no_harm(library: App, server: SimulatorServer) -> None:
    async with run_telegram_bot(library, TOKEN, f"{server.api_url}/") as bot:
        assert (bot.username, bot.recovered) == ("dawen_bot", 0)


async def test_what_was_written_while_the_bot_was_away_is_answered(library: App, server: SimulatorServer) -> None:
    asked = server.call(server.simulation.say, ADA, ADA_CHAT, "hello there")
    async with talking(server, library) as telegram:
        assert (await telegram.reply(asked)).text.startswith("Hello!")


async def test_stopping_finishes_what_runs(library: App, server: SimulatorServer) -> None:
    async with talking(server, library) as telegram:
        telegram.fail("sendMessage", delay=0.3)
        telegram.say(ADA, "hello there")
        await telegram.until(lambda: not telegram.simulation.world.state.updates)
    assert len(telegram.of_bot(ADA_CHAT)) == 1
    assert await waiting(library) == 0


async def test_stopping_keeps_what_is_unfinished_for_the_next_start(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_bot, "_FINISH_WITHIN", 0.1)
    async with talking(server, library) as telegram:
        await _leave_three_unanswered(telegram)
    assert await waiting(library) == 3
    assert not server.simulation.world.state.updates
    server.call(server.simulation.faults.clear)
    async with talking(server, library) as telegram:
        assert telegram.bot.recovered == 3
        await telegram.settled()
        assert [m.text.split()[0] for m in telegram.of_bot(ADA_CHAT)] == ["Hello!", "Refunds"]
    assert await waiting(library) == 0


async def _leave_three_unanswered(telegram: Telegram) -> None:
    telegram.fail("sendMessage", 99, status=500)
    for person, text in ((ADA, "hello there"), (ADA, "When are refunds paid?"), (BO, "hello there")):
        telegram.say(person, text)
    await telegram.until(lambda: not telegram.simulation.world.state.updates)


async def test_another_account_does_not_answer_what_was_sent_to_this_one(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_bot, "_FINISH_WITHIN", 0.1)
    async with talking(server, library) as telegram:
        await _leave_three_unanswered(telegram)
    async with library.database.read() as tx:
        assert await tx.inbox.pending(9002) == []
        assert len(await tx.inbox.pending(9001)) == 3
