"""Updates by webhook, posted to a real server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from bot.simulator.limits import Limits
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation

SECRET = "X-Telegram-Bot-Api-Secret-Token"


class Receiver(ThreadingHTTPServer):
    """A bot's own server: keeps what it gets, and refuses what it is told to."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.refusals: dict[str, int] = {}  # how often a text is refused
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.received]


class Handler(BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver

    def do_POST(self) -> None:
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = update["message"]["text"]
        is_refused = self.server.refusals.get(text, 0) > 0
        if is_refused:
            self.server.refusals[text] -= 1
        else:
            self.server.received.append(update)
            self.server.secrets.append(self.headers.get(SECRET))
        self.send_response(503 if is_refused else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the parent's
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.05,))
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    """Without long pauses before another try."""
    with SimulatorServer(Simulation(limits=Limits(webhook_retry_seconds=0.02))) as server:
        yield server


def call(server: SimulatorServer, method: str, **parameters: Any) -> Any:
    """The answer to a method."""
    return httpx.post(f"{server.api_url}/bot{TOKEN}/{method}", json=parameters).json()


def delivered(server: SimulatorServer) -> bool:
    return not server.simulation.world.state.updates


def test_updates_are_posted_with_the_secret(server: SimulatorServer, receiver: Receiver) -> None:
    server.call(server.simulation.say, ADA, ADA_CHAT, "before")
    assert call(server, "setWebhook", url=receiver.url, secret_token="s-1")["result"] is True
    server.call(server.simulation.say, ADA, ADA_CHAT, "after")
    server.wait_for(lambda: delivered(server))
    assert receiver.texts() == ["before", "after"]
    assert receiver.secrets == ["s-1", "s-1"]
    info = call(server, "getWebhookInfo")["result"]
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (receiver.url, 0, 40)


def test_what_is_refused_comes_again_in_order(server: SimulatorServer, receiver: Receiver) -> None:
    receiver.refusals["one"] = 3
    call(server, "setWebhook", url=receiver.url)
    for text in ("one", "two"):
        server.call(server.simulation.say, ADA, ADA_CHAT, text)
    server.call(server.simulation.say, BO, BO_CHAT, "bo does not wait")
    server.wait_for(lambda: delivered(server))
    assert receiver.texts()[0] == "bo does not wait"
    assert receiver.texts()[1:] == ["one", "two"]
    info = call(server, "getWebhookInfo")["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert receiver.secrets == [None, None, None]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "http://127.0.0.1:1/\x7f"])
def test_nobody_answers(server: SimulatorServer, receiver: Receiver, url: str) -> None:
    call(server, "setWebhook", url=url)
    server.call(server.simulation.say, ADA, ADA_CHAT, "hi")
    server.wait_for(lambda: server.simulation.world.state.webhook_failure)
    assert call(server, "getWebhookInfo")["result"]["pending_update_count"] == 1
    call(server, "setWebhook", url=receiver.url)
    server.wait_for(lambda: delivered(server))
    assert receiver.texts() == ["hi"]
    assert "last_error_message" not in call(server, "getWebhookInfo")["result"]


async def test_a_webhook_ends_a_long_poll(server: SimulatorServer, receiver: Receiver) -> None:
    async with httpx.AsyncClient(base_url=f"{server.api_url}/bot{TOKEN}/") as client:
        poll = asyncio.create_task(client.get("getUpdates", params={"timeout": 20}))
        await asyncio.to_thread(server.wait_for, lambda: server.simulation.world.latest_poll)
        await client.post("setWebhook", json={"url": receiver.url})
        told = (await asyncio.wait_for(poll, 2)).json()
    assert (told["error_code"], told["description"][:46]) == (409, "Conflict: can't use getUpdates method while we")


def test_a_deleted_webhook_hears_nothing(server: SimulatorServer, receiver: Receiver) -> None:
    call(server, "setWebhook", url=receiver.url, allowed_updates=["message"])
    call(server, "deleteWebhook")
    server.call(server.simulation.say, ADA, ADA_CHAT, "for getUpdates")
    assert len(call(server, "getUpdates")["result"]) == 1
    assert receiver.received == []
    assert call(server, "getWebhookInfo")["result"]["allowed_updates"] == ["message"]


def test_refusals(server: SimulatorServer) -> None:
    for url, secret, complaint in (
        ("https://example.org/hook", "", "only addresses of this machine"),
        ("ftp://127.0.0.1/hook", "", "only addresses of this machine"),
        ("http://127.0.0.1:99999/", "", "only addresses of this machine"),
        ("http://[", "", "only addresses of this machine"),
        ("http://127.0.0.1/", "no spaces", "secret token contains unallowed characters"),
    ):
        told = call(server, "setWebhook", url=url, secret_token=secret)
        assert told["error_code"] == 400
        assert complaint in told["description"]
