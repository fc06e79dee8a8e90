"""kill -9 in the middle of the work: every message is answered after the next start, in order, none twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.limits import UNLIMITED
from bot.simulator.model import Chat, Message
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from nlp.text import is_han
from tests.support.telegram import serving

ROOT = Path(__file__).parents[2]
MESSAGES = 50
CHATS = (ADA_CHAT, BO_CHAT, TEAM)
GREETINGS = ("hello", "你好", "good morning", "大家好", "早上好", "hi there", "hello again")

pytestmark = pytest.mark.slow


class Dawen:
    """`python -m bot run` as a process of its own, in a folder of its own."""

    def __init__(self, server: SimulatorServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._log = folder / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it receives."""
        self._server.simulation.world.latest_poll = None
        environment = os.environ | {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "DAWEN_TELEGRAM_API": self._server.api_url,
            "DAWEN_HOME": str(self._folder / "home"),
            "DAWEN_OPEN": "1",
            "DAWEN_MANUAL": "0",
            "DAWEN_DEVICE": "cpu",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "bot", "run"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, env=environment, stdout=log, stderr=log)
        self.until(lambda: self._server.simulation.world.latest_poll, 240)

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(60)

    def until(self, predicate: Callable[[], object], seconds: float) -> None:
        """Wait for something to become true while the process lives."""
        assert self._process is not None
        give_up = time.monotonic() + seconds
        while not predicate():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < give_up, self.log
            time.sleep(0.05)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with closing(sqlite3.connect(f"file:{self._folder}/home/dawen.db?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()

    @property
    def log(self) -> str:
        """All that it has printed."""
        return self._log.read_text(encoding="utf-8")

    def __del__(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with serving(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
def dawen(server: SimulatorServer, tmp_path: Path) -> Iterator[Dawen]:
    dawen = Dawen(server, tmp_path)
    yield dawen
    dawen.__del__()


def say_much(server: SimulatorServer) -> None:
    """Fifty greetings in both languages, from two people in private, in the group and in one of its topics."""
    say = server.simulation.say
    for number in range(MESSAGES):
        text = GREETINGS[number * number % len(GREETINGS)]
        match number % 4:
            case 0:
                server.call(say, ADA, ADA_CHAT, text)
            case 1:
                server.call(say, BO, BO_CHAT, text)
            case 2:
                server.call(say, ADA, TEAM, f"@dawen_bot {text}")
            case 3:
                server.call(say, BO, TEAM, f"{text} @dawen_bot", topic=TRAVEL)


def said(server: SimulatorServer, chat: Chat) -> tuple[list[Message], list[Message]]:
    """What people and what the bot said in a chat."""
    messages = [m for m in server.call(server.simulation.messages, chat) if not m.is_service]
    return [m for m in messages if m.sender_id != BOT.id], [m for m in messages if m.sender_id == BOT.id]


def replies(server: SimulatorServer) -> int:
    return sum(len(said(server, chat)[1]) for chat in CHATS)


def test_nothing_is_lost_repeated_or_disordered_by_a_kill(server: SimulatorServer, dawen: Dawen) -> None:
    faults, updates = server.simulation.faults, server.simulation.world.state.updates
    dawen.start()
    server.call(faults.add, "sendMessage", 2, status=429, retry_after=3600)
    server.call(faults.add, "sendMessage", 9999, status=500)
    say_much(server)
    dawen.until(lambda: dawen.query("SELECT count(*) FROM updates") == [(MESSAGES,)], 60)
    dawen.until(lambda: dawen.query("SELECT count(*) FROM deliveries") == [(len(CHATS),)] and not updates, 60)
    assert dawen.query("SELECT count(*) FROM updates WHERE finished_at IS NOT NULL") == [(0,)]
    assert replies(server) == 0
    assert dawen.end(signal.SIGKILL) == -signal.SIGKILL

    server.call(faults.clear)
    dawen.start()
    dawen.until(lambda: dawen.query("SELECT count(*) FROM updates WHERE finished_at IS NULL") == [(0,)], 60)
    assert f"Answering {MESSAGES} messages that were left from before." in dawen.log
    assert dawen.end(signal.SIGTERM) == 0
    assert replies(server) == MESSAGES
    assert dawen.query("SELECT DISTINCT outcome FROM updates") == [("done",)]
    for chat in CHATS:
        assert_answered_in_order(server, dawen, chat)


def assert_answered_in_order(server: SimulatorServer, dawen: Dawen, chat: Chat) -> None:
    """Each message has one reply, that of the database, in its language, and no reply overtakes another."""
    asked, answered = said(server, chat)
    pairs = dawen.query(
        "SELECT m.telegram_id, d.telegram_id FROM messages m JOIN answers a ON a.message_id = m.id "
        f"JOIN deliveries d ON d.answer_id = a.id WHERE m.chat_id = {chat.id} ORDER BY d.telegram_id"
    )
    assert pairs == [(question.message_id, reply.message_id) for question, reply in zip(asked, answered, strict=True)]
    assert [is_han(reply.text) for reply in answered] == [is_han(question.text) for question in asked]
    assert [reply.message_thread_id for reply in answered] == [question.message_thread_id for question in asked]
    if not chat.is_private:
        assert [reply.reply_to_message_id for reply in answered] == [question.message_id for question in asked]
