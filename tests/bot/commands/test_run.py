"""`dawen run`: the chat page, the way to Telegram, and what keeps it from starting."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot import tracing
from bot.app import only_bot
from bot.commands import run
from bot.simulator.people import TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.summaries import Summaries
from tests.support.collectors import collecting
from tests.support.terminal import Terminal


@pytest.fixture
def stopped_by(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """As soon as the bot is ready, a signal tells it to stop."""
    until = run._until

    async def stop_soon(stop: asyncio.Event) -> None:
        signal.raise_signal(request.param)
        await until(stop)

    monkeypatch.setattr(run, "_until", stop_soon)


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    """A Bot API server."""
    with SimulatorServer(Simulation()) as server:
        yield server


@pytest.mark.parametrize("stopped_by", [signal.SIGINT, signal.SIGTERM], indirect=True)
def test_without_a_token_it_is_a_chat_page_until_it_is_stopped(terminal: Terminal, stopped_by: None) -> None:
    outcome = terminal("run", "--port", 0)
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].endswith("Stop it with Ctrl-C.")
    assert lines[1].startswith("Chat page 聊天页: http://127.0.0.1:")
    assert "TELEGRAM_BOT_TOKEN" in lines[2]
    assert lines[3].startswith("Stopping")
    with pytest.raises(httpx.ConnectError):
        httpx.get(lines[1].rpartition(" ")[2])


@pytest.mark.parametrize("stopped_by", [signal.SIGTERM], indirect=True)
def test_with_a_token_it_is_on_telegram_and_offers_the_code_of_the_first_admin(
    terminal: Terminal, stopped_by: None, server: SimulatorServer
) -> None:
    env = {"TELEGRAM_BOT_TOKEN": f" {TOKEN}\n", "DAWEN_TELEGRAM_API": server.api_url}
    lines = terminal("run", **env).out.splitlines()
    assert lines[1].startswith("On Telegram: https://t.me/")
    assert "/start " in lines[2]
    assert len(terminal("run", **env, DAWEN_ADMINS="5").out.splitlines()) == len(lines) - 1


@pytest.mark.parametrize("stopped_by", [signal.SIGTERM], indirect=True)
def test_an_empty_token_is_none(terminal: Terminal, stopped_by: None, tmp_path: Path) -> None:
    (tmp_path / "dawen.toml").write_text('telegram_bot_token = ""\n')
    assert "Chat page" in terminal("run", "--port", 0).out


def test_what_the_first_messages_would_wait_for_is_loaded_while_it_runs(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def rehearse(_: Summaries) -> None:
        begun.set()

    async def until(_: asyncio.Event) -> None:
        await asyncio.wait_for(begun.wait(), 20)

    monkeypatch.setattr(Summaries, "rehearse", rehearse)
    monkeypatch.setattr(run, "_until", until)
    outcome = terminal("run", "--port", 0)
    assert outcome.code == 0
    assert "Dawen is ready" in outcome.out


def test_a_wrong_token_is_said_and_not_shown(terminal: Terminal, server: SimulatorServer) -> None:
    env = {"TELEGRAM_BOT_TOKEN": "123456:geheim", "DAWEN_TELEGRAM_API": server.api_url}
    outcome = terminal("run", **env)
    assert outcome.complaint == "the bot token is not valid: copy TELEGRAM_BOT_TOKEN from @BotFather again"
    assert "geheim" not in outcome.err


@pytest.mark.parametrize("token", ["geheim", "123456", "bot123456:geheim", "123456:ge heim"])
def test_what_is_no_token_is_said_before_anything_is_loaded(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr(run, "open_app", None)
    outcome = terminal("run", TELEGRAM_BOT_TOKEN=token)
    wanted = "the bot token is not like 123456:ABC-def: copy TELEGRAM_BOT_TOKEN from @BotFather again"
    assert (outcome.code, outcome.complaint) == (1, wanted)
    assert "geheim" not in outcome.err


def test_an_unreachable_server_is_named(terminal: Terminal) -> None:
    outcome = terminal("run", TELEGRAM_BOT_TOKEN="123456:geheim", DAWEN_TELEGRAM_API="http://127.0.0.1:1")
    assert "'http://127.0.0.1:1' cannot be reached: check the network or DAWEN_TELEGRAM_API" in outcome.complaint
    assert "geheim" not in outcome.err


def test_a_taken_port_is_named_before_anything_is_loaded(terminal: Terminal, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = terminal("run", "--port", port)
    assert f"port {port} cannot be used for the chat page (Address already in use)" in outcome.complaint
    assert "--port or DAWEN_PORT" in outcome.complaint
    assert not (tmp_path / "home" / "models").exists()


def test_a_second_bot_in_the_same_folder_is_refused_and_other_commands_are_not(
    terminal: Terminal, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with only_bot(home):
        assert terminal("run", "--port", 0).complaint == (
            f"another bot runs on folder {str(home)!r}: stop it, or set DAWEN_HOME to another folder"
        )
        assert terminal("ask", "hello there").code == 0


def test_ctrl_c_while_it_starts_ends_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.app.ensure_router", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which processes of pytest-xdist ignore
    outcome = terminal("run", "--port", 0)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler
    assert (outcome.code, outcome.out) == (130, "")


@pytest.mark.parametrize("stopped_by", [signal.SIGTERM], indirect=True)
def test_a_web_server_is_announced(terminal: Terminal, stopped_by: None) -> None:
    lines = terminal("run", "--port", 0, DAWEN_WEB_PORT="0").out.splitlines()
    assert re.fullmatch(r"Web server: 127\.0\.0\.1, port \d+", lines[1])


def test_it_is_traced_to_the_collector_of_the_settings(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def until(_: asyncio.Event) -> None:
        with tracing.root("update"):
            pass

    monkeypatch.setattr(run, "_until", until)
    with collecting() as collector:
        assert terminal("run", "--port", 0, DAWEN_OTLP_ENDPOINT=collector.url).code == 0
    assert [span.name for span in collector.spans] == ["update"]


def test_a_collector_without_its_package_is_told_before_anything_is_loaded(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    outcome = terminal("run", "--port", 0, DAWEN_OTLP_ENDPOINT="http://127.0.0.1:4318")
    assert outcome.complaint == (
        "DAWEN_OTLP_ENDPOINT names a collector, but OpenTelemetry is not installed: pip install 'dawen[otel]'"
    )
    assert not (tmp_path / "home").exists()


def test_the_command_line_and_the_environment_name_the_role(terminal: Terminal) -> None:
    said = "role 'worker' needs a database that several processes can share, and SQLite is none: set DAWEN_DATABASE to "
    for outcome in (terminal("run", "--role", "worker"), terminal("run", DAWEN_ROLE="worker")):
        assert outcome.complaint == f"{said}a PostgreSQL address, or use the role 'all'"
    assert "'chief': use 'all', 'receiver', 'worker' or 'trainer'" in terminal("run", "--role", "chief").complaint
