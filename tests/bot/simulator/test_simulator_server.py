"""The server in its thread: its life, the way into its loop, planned failures on a real connection."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.simulator import methods
from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BOT, TOKEN
from bot.simulator.server import SimulatorServer, create_app
from bot.simulator.simulation import Simulation


def get_me(server: SimulatorServer) -> dict[str, Any]:
    """The answer to getMe."""
    answer: dict[str, Any] = httpx.get(f"{server.api_url}/bot{TOKEN}/getMe").json()
    return answer


class TestLife:
    """Start and stop."""

    def test_it_serves_between_start_and_stop(self) -> None:
        server = SimulatorServer(Simulation())
        server.start()
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert get_me(server)["result"]["id"] == BOT.id
        server.stop()
        server.stop()
        with pytest.raises(httpx.ConnectError):
            get_me(server)

    def test_it_starts_again_on_the_same_port(self) -> None:
        server = SimulatorServer(Simulation())
        for _ in range(2):
            with server:
                port = server.port
                assert get_me(server)["ok"]
        assert server.port == port

    def test_it_may_be_stopped_at_once(self) -> None:
        with SimulatorServer(Simulation()):
            pass
        assert not [thread for thread in threading.enumerate() if thread.name == "simulator"]

    def test_two_run_side_by_side(self) -> None:
        with SimulatorServer(Simulation()) as one, SimulatorServer(Simulation()) as other:
            assert one.port != other.port
            assert get_me(one) == get_me(other)

    def test_a_taken_port(self, server: SimulatorServer) -> None:
        with pytest.raises(OSError, match="in use"):
            SimulatorServer(Simulation(), port=server.port).start()

    def test_only_one_start(self, server: SimulatorServer) -> None:
        with pytest.raises(RuntimeError, match="running already"):
            server.start()

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.org", ""])
    def test_only_this_machine(self, host: str) -> None:
        with pytest.raises(ValueError, match="this machine only"):
            SimulatorServer(Simulation(), host)

    async def test_stopping_does_not_wait_for_long_polls_and_pages(self) -> None:
        server = SimulatorServer(Simulation())
        server.start()
        async with httpx.AsyncClient(base_url=server.api_url) as client, client.stream("GET", "/sim/events"):
            poll = asyncio.create_task(client.get(f"/bot{TOKEN}/getUpdates", params={"timeout": 50}))
            await asyncio.to_thread(server.wait_for, lambda: server.simulation.world.latest_poll)
            begun = time.monotonic()
            await asyncio.to_thread(server.stop)
            assert time.monotonic() - begun < 1.5
            assert (await poll).json()["ok"] is True

    def test_a_journal_goes_on(self, tmp_path: Path) -> None:
        ids = []
        for text in ("one", "two"):
            with SimulatorServer(Simulation(tmp_path / "chat.jsonl")) as server:
                server.call(server.simulation.say, ADA, ADA_CHAT, text)
                sent = httpx.post(f"{server.api_url}/bot{TOKEN}/sendMessage", json={"chat_id": 1001, "text": text})
                updates = httpx.get(f"{server.api_url}/bot{TOKEN}/getUpdates").json()["result"]
                ids.append((sent.json()["result"]["message_id"], updates[-1]["update_id"]))
                texts = [message.text for message in server.call(server.simulation.messages, ADA_CHAT)]
        assert texts == ["one", "one", "two", "two"]
        assert ids[1] == (ids[0][0] + 2, ids[0][1] + 1)


class TestCalls:
    """From other threads into the server's loop."""

    def test_results_and_errors_come_through(self, server: SimulatorServer) -> None:
        said = server.call(server.simulation.say, ADA, ADA_CHAT, "hi")
        assert said.text == "hi"
        with pytest.raises(ApiError, match="MESSAGE_EMPTY"):
            server.call(server.simulation.say, ADA, ADA_CHAT, "")
        assert server.call(lambda: threading.current_thread().name) == "simulator"

    def test_coroutines_are_awaited(self, server: SimulatorServer) -> None:
        with pytest.raises(TimeoutError):
            server.call(server.simulation.next_message, ADA_CHAT, seconds=0.01)

    def test_without_a_server_there_is_nobody_to_call(self) -> None:
        with pytest.raises(RuntimeError, match="not running"):
            SimulatorServer(Simulation()).call(print)

    async def test_waiting_for_the_bot(self, server: SimulatorServer) -> None:
        simulation = server.simulation
        asked = server.call(simulation.say, ADA, ADA_CHAT, "hi")
        waiting = asyncio.create_task(asyncio.to_thread(server.call, simulation.next_message, ADA_CHAT, asked))
        seen = asyncio.create_task(asyncio.to_thread(server.wait_for, lambda: simulation.action(ADA_CHAT)))
        async with httpx.AsyncClient(base_url=f"{server.api_url}/bot{TOKEN}/") as bot:
            await bot.post("sendChatAction", json={"chat_id": 1001, "action": "typing"})
            assert (await seen).action == "typing"
            await bot.post("sendMessage", json={"chat_id": 1001, "text": "hello"})
        assert (await waiting).text == "hello"

    def test_waiting_ends(self, server: SimulatorServer) -> None:
        with pytest.raises(TimeoutError):
            server.wait_for(lambda: None, timeout=0.01)


class TestFaults:
    """What goes wrong on purpose."""

    def send(self, server: SimulatorServer) -> httpx.Response:
        url = f"{server.api_url}/bot{TOKEN}/sendMessage"
        return httpx.post(url, json={"chat_id": 1001, "text": "answer"})

    def arrived(self, server: SimulatorServer) -> int:
        return sum(message.text == "answer" for message in server.simulation.messages(ADA_CHAT))

    def test_a_status_in_place_of_the_effect(self, server: SimulatorServer) -> None:
        server.simulation.faults.add("getMe", status=500)
        for status, description in (
            (400, "Bad Request: planned failure"),
            (403, "Forbidden"),
            (500, "Internal Server Error"),
            (502, "Bad Gateway"),
        ):
            server.simulation.faults.add("sendMessage", 2, status=status)
            for _ in range(2):
                response = self.send(server)
                assert response.status_code == status
                assert response.json() == {"ok": False, "error_code": status, "description": description}
        assert self.send(server).json()["ok"] is True
        assert self.arrived(server) == 1

    def test_too_many_requests(self, server: SimulatorServer) -> None:
        server.simulation.faults.add("sendmessage", status=429, retry_after=7)
        response = self.send(server)
        assert (response.status_code, response.json()["parameters"]) == (429, {"retry_after": 7})

    @pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
    def test_a_cut_connection(self, server: SimulatorServer, drop: Any, arrived: int) -> None:
        server.simulation.faults.add("sendMessage", drop=drop)
        with pytest.raises(httpx.TransportError):
            self.send(server)
        assert self.arrived(server) == arrived
        assert self.send(server).json()["ok"] is True

    def test_delays(self, server: SimulatorServer) -> None:
        server.simulation.faults.add("sendMessage", delay=0.15)
        begun = time.monotonic()
        assert self.send(server).json()["ok"] is True
        assert time.monotonic() - begun >= 0.15

    def test_cleared(self, server: SimulatorServer) -> None:
        server.simulation.faults.add("sendMessage", 9, status=500)
        server.simulation.faults.clear()
        assert self.send(server).json()["ok"] is True


async def test_wrong_addresses(client: httpx.AsyncClient) -> None:
    for path, code, description in (
        ("/bot9001:wrong/getMe", 401, "Unauthorized"),
        ("/bot1:local/getMe", 401, "Unauthorized"),
        ("/bottoken/getMe", 404, "Not Found"),
        (f"/bot{TOKEN}/getNothing", 404, "Not Found"),
        (f"/bot{TOKEN}/", 404, "Not Found"),
        ("/bot", 404, "Not Found"),
    ):
        response = await client.post(path)
        assert response.status_code == code
        assert response.json() == {"ok": False, "error_code": code, "description": description}


async def test_a_mistake_in_the_server_is_told_as_such(fresh: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(methods._BY_LOWER_NAME, "getme", broken)
    transport = httpx.ASGITransport(create_app(fresh), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get(f"/bot{TOKEN}/getMe")
    assert response.status_code == 500
    assert response.json() == {"ok": False, "error_code": 500, "description": "Internal Server Error"}


def test_a_client_that_goes_away_ends_its_long_poll(server: SimulatorServer) -> None:
    request = f"GET /bot{TOKEN}/getUpdates?timeout=50 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    get_me(server)  # by now everything has started that waits at the bell
    waiting = server.simulation.world.bell._waiting
    others = len(waiting)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request)
        until(lambda: len(waiting) > others)
    until(lambda: len(waiting) == others)
    server.call(server.simulation.say, ADA, ADA_CHAT, "still there")
    updates = httpx.get(f"{server.api_url}/bot{TOKEN}/getUpdates").json()["result"]
    assert updates[-1]["message"]["text"] == "still there"


def until(condition: Callable[[], bool]) -> None:
    """Until it is so; not by `wait_for`, which would itself wait at the bell."""
    end = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
