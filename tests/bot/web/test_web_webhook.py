"""Updates by webhook: committed before they are acknowledged, from nobody but Telegram, none lost."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import inbox, telegram_bot
from bot.app import App
from bot.inbox import Lanes
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, BO
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.web import webhook
from bot.web.server import open_web
from storage.database import Database
from tests.bot.test_telegram_bot import waiting
from tests.support.apps import small_app
from tests.support.telegram import Telegram, talking

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Simulation(limits=replace(UNLIMITED, webhook_retry_seconds=0.05))) as server:
        yield server


@pytest.fixture
async def library(handbooks: Database, tmp_path: Path) -> AsyncIterator[App]:
    """An application that everybody may use, which is posted to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/telegram"
    async with small_app(handbooks, tmp_path / "home", open=True, web_port=port, webhook_url=url) as app:
        yield app


@asynccontextmanager
async def posted_to(server: SimulatorServer, app: App) -> AsyncIterator[Telegram]:
    """A running bot with a web server, to which updates are posted."""
    async with open_web(app) as front, talking(server, app, front) as telegram:
        yield telegram


async def post(app: App, server: SimulatorServer, body: Any, **headers: str) -> httpx.Response:
    """Post to the webhook with its secret, unless another is given."""
    secret = server.simulation.world.state.webhook.secret_token
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = {HEADER: secret, "Content-Type": "application/json", **headers}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(app.settings.webhook_url, content=content, headers=known)


async def test_what_was_left_is_answered_before_what_is_posted_at_the_start(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with posted_to(server, library) as telegram:
        monkeypatch.setattr(Lanes, "offer", lambda *_: False)  # stored, and then the process ends
        left = telegram.say(ADA, "When are refunds paid?")
        await telegram.until(lambda: not server.simulation.world.state.updates)
        monkeypatch.undo()
    load = Lanes.load

    async def load_late(lanes: Lanes, bot_id: int) -> int:
        server.call(server.simulation.say, ADA, ADA_CHAT, "When does the office open?")
        await asyncio.sleep(0.3)
        return await load(lanes, bot_id)

    monkeypatch.setattr(Lanes, "load", load_late)
    async with posted_to(server, library) as telegram:
        monkeypatch.undo()
        first, second = await telegram.replies(left)
        assert "thirty days" in first.text
        assert "nine" in second.text


async def test_messages_are_answered_in_both_languages(library: App, server: SimulatorServer) -> None:
    async with posted_to(server, library) as telegram:
        assert "thirty days" in (await telegram.ask(ADA, "When are refunds paid?")).text
        assert "三十天" in (await telegram.ask(BO, "退款什么时候支付？")).text
    assert server.simulation.world.state.webhook.url == library.settings.webhook_url


async def test_what_was_written_while_the_bot_was_away_is_answered(library: App, server: SimulatorServer) -> None:
    for _ in range(2):
        asked = server.call(server.simulation.say, ADA, ADA_CHAT, "hello there")
        async with posted_to(server, library) as telegram:
            assert (await telegram.reply(asked)).text.startswith("Hello!")


async def test_an_update_is_committed_before_it_is_acknowledged(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_COMMIT_WITHIN", 0.2)
    async with posted_to(server, library) as telegram:
        async with library.database.write():  # nothing else can be written
            update = {"update_id": 77, "message": None}
            refused = await post(library, server, update)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
            asked = telegram.say(ADA, "hello there")
            await telegram.until(lambda: server.simulation.world.state.webhook_failure)
        assert (await telegram.reply(asked)).text.startswith("Hello!")


async def test_what_comes_again_is_answered_once(library: App, server: SimulatorServer) -> None:
    async with posted_to(server, library) as telegram:
        asked = telegram.say(ADA, "hello there")
        update = server.call(lambda: next(iter(server.simulation.world.state.updates.values())).json_object())
        await asyncio.gather(*(post(library, server, update) for _ in range(5)))
        assert (await telegram.reply(asked)).text.startswith("Hello!")
        assert (await post(library, server, update)).status_code == 200
        await telegram.settled()
        assert len(telegram.of_bot(ADA_CHAT)) == 1


async def test_stopping_keeps_what_is_unfinished_for_the_next_start_by_polling(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_bot, "_FINISH_WITHIN", 0.1)
    async with posted_to(server, library) as telegram:
        telegram.fail("sendMessage", 99, status=500)
        telegram.say(ADA, "hello there")
        await telegram.until(lambda: not telegram.simulation.world.state.updates)
    assert await waiting(library) == 1
    server.call(server.simulation.faults.clear)
    polling = replace(library, settings=library.settings.model_copy(update={"webhook_url": ""}))
    async with talking(server, polling) as telegram:
        await telegram.settled()
        assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")
        assert len(telegram.of_bot(ADA_CHAT)) == 2
    assert not server.simulation.world.state.webhook.url


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_nobody_else_posts(library: App, server: SimulatorServer, secret: str) -> None:
    async with posted_to(server, library):
        response = await post(library, server, {"update_id": 1}, **{HEADER: secret})
        assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert await waiting(library) == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        ([], "application/json", 400),
        ({"update_id": "1"}, "application/json", 400),
        ({"update_id": 2**70}, "application/json", 400),
        ({"update_id": 1}, "text/plain", 415),
        (b'{"update_id": 1, "x": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
    ],
)
async def test_what_is_no_update_is_refused(
    library: App, server: SimulatorServer, body: Any, kind: str, status: int
) -> None:
    async with posted_to(server, library):
        assert (await post(library, server, body, **{"Content-Type": kind})).status_code == status
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(library.settings.webhook_url)).status_code == 405
    assert await waiting(library) == 0


async def test_an_update_that_cannot_be_understood_is_set_aside_and_holds_up_nothing(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_FIRST_DELAY", 0.01)
    async with posted_to(server, library) as telegram:
        assert (await post(library, server, {"update_id": 7, "message": "not one"})).status_code == 200
        assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")
        async with library.database.read() as tx:
            assert [update.outcome for update in await tx.inbox.dead()] == ["failed"]


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("149.154.160.0/20", 403)])
async def test_only_listed_addresses_may_post(library: App, server: SimulatorServer, network: str, status: int) -> None:
    listed = library.settings.model_copy(update={"webhook_addresses": (ip_network(network),)})
    async with posted_to(server, replace(library, settings=listed)):
        assert (await post(library, server, {"update_id": 1})).status_code == status


async def test_a_webhook_that_somebody_else_changes_is_set_again(
    library: App, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_LOOK_EVERY", 0.1)
    async with posted_to(server, library) as telegram:
        telegram.fail("getWebhookInfo", status=500)
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{server.api_url}/bot{server.simulation.token}/deleteWebhook")
        await telegram.until(lambda: server.simulation.world.state.webhook.url or None)
        assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")
