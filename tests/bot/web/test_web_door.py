"""The door of the REST API: no answer without a key, none beyond the limits, and every refusal is one object."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.app import App
from bot.web.front import Front
from bot.web.limits import BODY, FILE
from tests.support.api import calling, events_of, with_settings

PATHS = [
    ("POST", "/v1/route"),
    ("POST", "/v1/ask"),
    ("POST", "/v1/summarize"),
    ("POST", "/v1/feedback"),
    ("GET", "/v1/documents"),
    ("POST", "/v1/documents"),
    ("DELETE", "/v1/documents/1"),
    ("GET", "/v1"),
    ("GET", "/v1/nothing"),
]


def code_of(response: httpx.Response) -> str:
    (error,) = response.json().values()
    assert set(error) == {"code", "message"}
    return str(error["code"])


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("key", ["", "dawen_1_" + "A" * 43, "dawen_99_" + "A" * 43, "dawen_1_short", "Ünlesbar"])
async def test_nobody_comes_in_without_a_key(front: Front, method: str, path: str, key: str) -> None:
    await front.app.keys.create("shop")
    async with calling(front) as client:
        headers = {b"Authorization": f"Bearer {key}".encode()} if key else {}
        response = await client.request(method, path, headers=headers, json={"text": "When are refunds paid?"})
    assert (response.status_code, code_of(response)) == (401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_key_is_refused_at_once(front: Front, api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/documents")).status_code == 200
    await front.app.keys.revoke("shop")
    assert (await api.get("/v1/documents")).status_code == 401


async def test_a_key_that_asks_too_often_waits_and_others_do_not(app: App) -> None:
    front = Front(with_settings(app, api_rate=1))
    async with calling(front, await app.keys.create("shop")) as client:
        codes = [(await client.get("/v1/documents")).status_code for _ in range(6)]
        late = await client.get("/v1/documents")
        other = {"Authorization": f"Bearer {await app.keys.create('other')}"}
        assert (await client.get("/v1/documents", headers=other)).status_code == 200
    assert codes == [200] * 5 + [429]
    assert code_of(late) == "rate"
    assert 0 < int(late.headers["Retry-After"]) <= 60


@pytest.fixture
def slow(app: App, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Answers that never come; the event tells that one was cancelled."""
    cancelled = asyncio.Event()

    async def never(*_: object) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    monkeypatch.setattr(type(app.conversation), "ask", never)
    return cancelled


async def test_what_takes_too_long_is_cancelled(app: App, slow: asyncio.Event) -> None:
    async with calling(Front(with_settings(app, api_seconds=1.0)), await app.keys.create("shop")) as client:
        response = await client.post("/v1/ask", json={"text": "hello"})
        assert (response.status_code, code_of(response)) == (504, "deadline")
        assert slow.is_set()
        streamed = await client.post("/v1/ask", json={"text": "hello"}, headers={"Accept": "text/event-stream"})
    assert [name for name, data in events_of(streamed.text) if "deadline" in data] == ["error"]


async def test_one_key_has_only_so_much_under_way(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, all_begun = 0, asyncio.Event()

    async def never(*_: object) -> None:
        nonlocal begun
        begun += 1
        if begun == 16:
            all_begun.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(type(app.conversation), "ask", never)
    async with calling(Front(with_settings(app, api_rate=1000)), await app.keys.create("shop")) as client:
        tasks = [asyncio.create_task(client.post("/v1/ask", json={"text": "hello"})) for _ in range(16)]
        await asyncio.wait_for(all_begun.wait(), 20)
        response = await client.get("/v1/documents")
        assert (response.status_code, code_of(response)) == (503, "busy")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await client.get("/v1/documents")).status_code == 200


async def test_nothing_begins_when_everything_ends(front: Front, api: httpx.AsyncClient) -> None:
    front.stopping = True
    response = await api.get("/v1/documents")
    assert (response.status_code, code_of(response)) == (503, "stopping")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", {}),
        ("/v1/ask", {"text": " \u0000\n"}),
        ("/v1/ask", {"text": "x" * 8001}),
        ("/v1/ask", {"text": ["private words"]}),
        ("/v1/ask", {"text": "hello", "private words": 1}),
        ("/v1/route", []),
        ("/v1/summarize", {}),
        ("/v1/summarize", {"text": "x", "link": "https://example.org"}),
        ("/v1/feedback", {"answer": 10**30, "value": 1}),
        ("/v1/feedback", {"answer": 1, "value": 2}),
    ],
)
async def test_what_is_not_as_described_is_refused_and_not_repeated(
    api: httpx.AsyncClient, path: str, body: Any
) -> None:
    response = await api.post(path, json=body)
    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert "[" not in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"text": "\\ud800"}', b"\xff\xfe", b"[" * 100_000])
async def test_bodies_that_are_no_text_are_refused(api: httpx.AsyncClient, body: bytes) -> None:
    response = await api.post("/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert code_of(response) in ("bad_request", "invalid", "unprocessable_entity")


@pytest.mark.parametrize(("path", "size"), [("/v1/ask", BODY + 1), ("/v1/documents", FILE + 20_000)])
async def test_a_body_is_counted_while_it_comes(api: httpx.AsyncClient, path: str, size: int) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        while sent < 2 * size:
            sent += 50_000
            yield b"x" * 50_000

    kind = "multipart/form-data; boundary=x" if path.endswith("documents") else "application/json"
    response = await api.post(path, content=pieces(), headers={"Content-Type": kind})
    assert (response.status_code, code_of(response)) == (413, "too_large")


async def test_what_does_not_exist_is_said_in_the_same_way(api: httpx.AsyncClient) -> None:
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/v1/ask", 405), ("GET", "/else", 404)):
        response = await api.request(method, path)
        assert response.status_code == status
        assert code_of(response) in ("not_found", "method_not_allowed")


async def test_the_description_names_every_route_and_its_key(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    assert set(described["paths"]) == {path.replace("/1", "/{number}") for _, path in PATHS[:7]}
    for path in described["paths"].values():
        assert all(operation["security"] == [{"HTTPBearer": []}] for operation in path.values())
    assert "swagger" in (await api.get("/docs")).text
