"""The page's own requests: what the persons do, what the page is told, and who is not let in."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.simulator.files import UPLOAD_LIMIT
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation

AS_ADA = {"person": ADA.id, "chat": ADA_CHAT.id}
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


async def act(client: httpx.AsyncClient, name: str, **details: Any) -> Any:
    """Do something that is allowed."""
    response = await client.post(f"/sim/{name}", json=details)
    assert response.status_code == 200, response.text
    return response.json()


async def refused(client: httpx.AsyncClient, name: str, **details: Any) -> tuple[int, str]:
    """Do something that is not."""
    response = await client.post(f"/sim/{name}", json=details)
    return response.status_code, response.json()["description"]


class TestActs:
    """One request for each thing a person does."""

    async def test_say_edit_and_react(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        await act(client, "say", **AS_ADA, text="one @dawen_bot")
        await act(client, "say", **AS_ADA, text="two", reply_to=1)
        await act(client, "edit", **AS_ADA, message=1, text="first")
        await act(client, "react", **AS_ADA, message=2, emoji="👍")
        first, second = fresh.messages(ADA_CHAT)
        assert (first.text, first.edit_date is not None) == ("first", True)
        assert (second.reply_to_message_id, second.reactions) == (1, {ADA.id: "👍"})
        await act(client, "react", **AS_ADA, message=2, emoji=None)
        assert fresh.messages(ADA_CHAT)[1].reactions == {}

    async def test_in_a_topic(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        await act(client, "say", person=BO.id, chat=TEAM.id, text="hi", topic=TRAVEL)
        assert fresh.messages(TEAM)[-1].message_thread_id == TRAVEL

    async def test_a_long_text_becomes_several_messages(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        await act(client, "say", **AS_ADA, text="hi")
        await act(client, "say", **AS_ADA, text="word " * 1000, reply_to=1)
        _, first, second = fresh.messages(ADA_CHAT)
        assert len(first.text) > 4000
        assert f"{first.text} {second.text}" == ("word " * 1000).strip()
        assert (first.reply_to_message_id, second.reply_to_message_id) == (1, None)

    async def test_press(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        await act(client, "say", **AS_ADA, text="hi")
        url, details = f"/bot{TOKEN}/sendMessage", {"chat_id": 1001, "text": "?", "reply_markup": KEYBOARD}
        await client.post(url, json=details)
        pressed = await act(client, "press", **AS_ADA, message=2, data="yes")
        assert pressed["query_id"] in fresh.world.state.queries

    async def test_files(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        form = {"person": "1002", "chat": f"{TEAM.id}", "caption": "/add", "topic": "2"}
        response = await client.post("/sim/file", data=form, files={"file": ("笔记.md", b"notes", "text/markdown")})
        assert response.status_code == 200
        message = fresh.messages(TEAM)[-1]
        assert (message.sender_id, message.text, message.message_thread_id) == (BO.id, "/add", TRAVEL)
        download = await client.get(f"/sim/files/{message.file_id}")
        assert (download.content, download.headers["content-type"]) == (b"notes", "application/octet-stream")
        assert "attachment" in download.headers["content-disposition"]
        assert (await client.get("/sim/files/nothing")).status_code == 404

    async def test_files_that_are_too_large(self, client: httpx.AsyncClient) -> None:
        form = {"person": "1001", "chat": "1001"}
        response = await client.post("/sim/file", data=form, files={"file": ("a.bin", bytes(UPLOAD_LIMIT + 1))})
        assert (response.status_code, response.json()["description"]) == (413, "Request Entity Too Large")

    async def test_standing(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        await act(client, "block", **AS_ADA, blocked=True)
        assert fresh.world.state.status(ADA_CHAT) == "kicked"
        assert await refused(client, "say", **AS_ADA, text="hi") == (403, "Forbidden: YOU_BLOCKED_USER")
        await act(client, "block", **AS_ADA, blocked=False)
        assert fresh.world.state.status(ADA_CHAT) == "member"
        await client.post(f"/bot{TOKEN}/leaveChat", json={"chat_id": TEAM.id})
        await act(client, "invite", person=ADA.id, chat=TEAM.id)
        assert fresh.world.state.status(TEAM) == "administrator"

    @pytest.mark.parametrize(
        ("name", "details", "code", "complaint"),
        [
            ("say", {**AS_ADA, "text": " "}, 400, "MESSAGE_EMPTY"),
            ("say", {**AS_ADA, "text": "a", "person": 1003}, 400, "USER_ID_INVALID"),
            ("say", {**AS_ADA, "text": "a", "chat": 5}, 400, "CHAT_ID_INVALID"),
            ("say", {**AS_ADA, "text": "a", "chat": 1002}, 403, "CHAT_WRITE_FORBIDDEN"),
            ("edit", {**AS_ADA, "text": "a", "message": 9}, 400, "MESSAGE_ID_INVALID"),
            ("react", {**AS_ADA, "message": 9, "emoji": "👍"}, 400, "MESSAGE_ID_INVALID"),
            ("say", {**AS_ADA}, 400, "wrong parameters in request"),
        ],
    )
    async def test_refusals(
        self, client: httpx.AsyncClient, name: str, details: dict[str, Any], code: int, complaint: str
    ) -> None:
        status, description = await refused(client, name, **details)
        assert status == code
        assert description.endswith(f": {complaint}")


class TestGuard:
    """Other pages are not let in; programs are."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:9"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    @pytest.mark.parametrize("path", ["/sim/say", f"/bot{TOKEN}/getMe", "/sim/events"])
    async def test_foreign_pages(self, client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
        assert (await client.post(path, json={}, headers=headers)).status_code == 403

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "testserver", ""])
    async def test_foreign_names_of_this_machine(self, client: httpx.AsyncClient, host: str) -> None:
        assert (await client.get("/", headers={"Host": host})).status_code == 400

    @pytest.mark.parametrize(
        "headers", [{}, {"Origin": "http://127.0.0.1"}, {"Sec-Fetch-Site": "same-origin"}, {"Host": "localhost:80"}]
    )
    async def test_the_page_and_programs(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        assert (await client.get(f"/bot{TOKEN}/getMe", headers=headers)).status_code == 200

    async def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(self, client: httpx.AsyncClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert (await client.get("/", headers=headers)).status_code == 200
        assert (await client.get(f"/bot{TOKEN}/getMe", headers=headers)).status_code == 403
        assert (await client.post("/", headers=headers)).status_code == 403

    async def test_what_the_page_may_do(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/")
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"

    async def test_an_uploaded_page_is_never_shown_as_one(self, client: httpx.AsyncClient, fresh: Simulation) -> None:
        said = fresh.send_file(ADA, ADA_CHAT, "a.html", b"<script>alert(1)</script>", media_type="text/html")
        response = await client.get(f"/sim/files/{said.file_id}")
        assert response.headers["content-type"] == "application/octet-stream"


class TestStream:
    """What the page hears of, from a real server."""

    @pytest.fixture
    async def events(self, server: SimulatorServer) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The events as the page gets them."""
        async with (
            httpx.AsyncClient(base_url=server.api_url, timeout=5) as client,
            client.stream("GET", "/sim/events") as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            yield (json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: "))

    async def test_a_snapshot_comes_first(self, events: AsyncIterator[dict[str, Any]]) -> None:
        snapshot = await anext(events)
        assert snapshot["type"] == "snapshot"
        assert [chat["id"] for chat in snapshot["setup"]["chats"]] == [1001, 1002, TEAM.id]
        assert [chat["topics"] for chat in snapshot["setup"]["chats"]] == [[], [], [{"id": 2, "name": "Travel 差旅"}]]
        assert [message["message_id"] for message in snapshot["messages"]] == [1, 1, 2]

    async def test_then_every_change(self, events: AsyncIterator[dict[str, Any]], server: SimulatorServer) -> None:
        await anext(events)
        async with httpx.AsyncClient(base_url=f"{server.api_url}/bot{TOKEN}/") as bot:
            for method, details in (
                ("sendChatAction", {"action": "typing"}),
                ("sendMessageDraft", {"draft_id": 1, "text": "so"}),
                ("sendMessage", {"text": "so it is", "reply_markup": KEYBOARD}),
                ("setMessageReaction", {"message_id": 2, "reaction": [{"type": "emoji", "emoji": "👍"}]}),
                ("deleteMessage", {"message_id": 1}),
                ("setMyCommands", {"commands": [{"command": "help", "description": "Help"}]}),
                ("createForumTopic", {"chat_id": TEAM.id, "name": "Food"}),
            ):
                response = await bot.post(method, json={"chat_id": 1001, **details})
                assert response.json()["ok"]
        message = server.simulation.messages(ADA_CHAT)[-1]
        query = server.call(server.simulation.press, ADA, message, "yes")
        async with httpx.AsyncClient(base_url=f"{server.api_url}/bot{TOKEN}/") as bot:
            await bot.post("answerCallbackQuery", json={"callback_query_id": query, "text": "ok"})
        kinds = [(await anext(events))["type"] for _ in range(9)]
        assert kinds == "action draft message message deleted setup setup message answer".split()

    async def test_a_page_that_comes_later_sees_what_is_going_on(self, server: SimulatorServer) -> None:
        async with httpx.AsyncClient(base_url=server.api_url) as client:
            for method, details in (("sendMessageDraft", {"draft_id": 1, "text": "so"}), ("sendChatAction", {})):
                body = {"chat_id": 1001, "action": "typing", **details}
                await client.post(f"/bot{TOKEN}/{method}", json=body)
            async with client.stream("GET", "/sim/events") as response:
                lines = (line async for line in response.aiter_lines() if line.startswith("data: "))
                line = await anext(lines)
        snapshot = json.loads(line.removeprefix("data: "))
        assert snapshot["drafts"][0]["text"] == "so"
        assert snapshot["actions"][0]["action"] == "typing"
        assert snapshot["drafts"][0]["seconds"] == 30

    async def test_a_page_that_is_closed_is_forgotten(self, server: SimulatorServer) -> None:
        async with httpx.AsyncClient(base_url=server.api_url) as client, client.stream("GET", "/sim/events"):
            await asyncio.to_thread(server.wait_for, lambda: len(server.simulation.world.listeners) == 1)
        for _ in range(100):
            if not server.simulation.world.listeners:
                break
            await asyncio.sleep(0.02)
        assert server.simulation.world.listeners == []


async def test_everything_the_page_needs_is_here(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in ("page.js", "icon.svg"):
        assert f"/static/{path}" in page.text
        assert (await client.get(f"/static/{path}")).status_code == 200
    assert (await client.get("/static/../server.py")).status_code == 404
    assert (await client.get("/elsewhere")).json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_bo_has_a_chat_of_his_own(client: httpx.AsyncClient, fresh: Simulation) -> None:
    await act(client, "say", person=BO.id, chat=BO_CHAT.id, text="你好")
    assert [message.text for message in fresh.messages(BO_CHAT)] == ["你好"]
