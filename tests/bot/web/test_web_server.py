"""The web server as it is served: where it listens, and that it finishes what runs."""

import asyncio
import socket

import httpx
import pytest

from bot.app import App
from bot.errors import StartError
from bot.web.server import open_web
from tests.support.api import with_settings


def served(app: App) -> App:
    return with_settings(app, web_port=0)


async def test_without_a_port_there_is_none(app: App) -> None:
    async with open_web(app) as front:
        assert front.port is None


async def test_requests_that_run_are_finished_and_no_other_begins(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ask = asyncio.Event(), type(app.conversation).ask

    async def slow(*args: object) -> object:
        begun.set()
        await asyncio.sleep(0.5)
        return await ask(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(app.conversation), "ask", slow)
    headers = {"Authorization": f"Bearer {await app.keys.create('shop')}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        async with open_web(served(app)) as front:
            url = f"http://127.0.0.1:{front.port}"
            running = asyncio.create_task(client.post(f"{url}/v1/ask", json={"text": "When are refunds paid?"}))
            await begun.wait()
        assert "thirty days" in (await running).json()["text"]
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{url}/healthz")


async def test_who_hangs_up_ends_what_was_made_for_them(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def never(*_: object) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    monkeypatch.setattr(type(app.conversation), "ask", never)
    headers = {"Authorization": f"Bearer {await app.keys.create('shop')}", "Accept": "text/event-stream"}
    async with open_web(served(app)) as front, httpx.AsyncClient(trust_env=False, headers=headers) as client:
        url = f"http://127.0.0.1:{front.port}/v1/ask"
        async with client.stream("POST", url, json={"text": "hello"}):
            await begun.wait()
        await asyncio.wait_for(ended.wait(), 10)


async def test_a_taken_port_or_a_wrong_address_is_named(app: App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"port {port} .*Address already in use.*DAWEN_WEB_PORT"):
            async with open_web(with_settings(app, web_port=port)):
                pass
    with pytest.raises(StartError, match="DAWEN_WEB_HOST"):
        async with open_web(with_settings(app, web_port=0, web_host="nowhere.invalid")):
            pass
