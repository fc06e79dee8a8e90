"""A process of several is killed, or put to sleep, in the middle of its work: the others go on with its chats."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.simulator.limits import UNLIMITED
from bot.simulator.model import Chat
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from storage.database import Database

CHATS = (ADA_CHAT, BO_CHAT, TEAM)
RESUMED_WITHIN = 15.0  # seconds after a death; 8 where the machine has nothing else to do
PATIENCE = 60.0
ANSWERED = """SELECT messages.telegram_id FROM messages JOIN answers ON message_id = messages.id
JOIN deliveries ON answer_id = answers.id WHERE messages.chat_id = :chat AND deliveries.telegram_id IS NOT NULL
ORDER BY deliveries.telegram_id"""

pytestmark = pytest.mark.slow


class Processes:
    """Parts of a bot in processes of their own."""

    def __init__(self, server: SimulatorServer, url: str, home: Path) -> None:
        self._arguments = (url, server.api_url, str(home))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, role: str, name: str) -> None:
        """Begin to start one."""
        command = [sys.executable, "-m", "tests.support.processes", *self._arguments, role, name]
        environment = {**os.environ, "PTB_TIMEDELTA": "1"}
        pipe = subprocess.PIPE
        self._running[name] = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)

    async def ready(self, name: str) -> None:
        """Wait until one is at its duties."""
        output = self._running[name].stdout
        assert output is not None
        assert await asyncio.to_thread(output.readline) == b"ready\n"

    def signal(self, name: str, number: signal.Signals) -> None:
        """Kill one, put it to sleep, or wake it."""
        self._running[name].send_signal(number)

    def end(self) -> None:
        """Kill all."""
        for process in self._running.values():
            process.kill()
            process.communicate()


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
def processes(server: SimulatorServer, postgres_url: str, tmp_path: Path) -> Iterator[Processes]:
    found = Processes(server, postgres_url, tmp_path / "home")
    yield found
    found.end()


def say(server: SimulatorServer, rounds: int) -> None:
    for _ in range(rounds):
        server.call(server.simulation.say, ADA, ADA_CHAT, "hello there")
        server.call(server.simulation.say, BO, BO_CHAT, "你好")
        server.call(server.simulation.say, ADA, TEAM, "@dawen_bot good morning")


def replies(server: SimulatorServer, chat: Chat) -> int:
    said = server.call(server.simulation.messages, chat)
    return sum(message.sender_id == BOT.id for message in said)


async def until(predicate: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not predicate():  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(0.02)


async def answered(database: Database, chat: Chat) -> list[int]:
    """The numbers of the messages in a chat that were answered, in the order in which they were."""
    async with database.engine.connect() as connection:
        return list((await connection.execute(text(ANSWERED), {"chat": chat.id})).scalars())


async def receiver(database: Database) -> str:
    async with database.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT holder FROM leases WHERE name = :name"), {"name": f"receiver:{BOT.id}"}
        )
        return str(found.scalar_one())


async def all_answered(server: SimulatorServer, database: Database, rounds: int) -> None:
    """Wait until every message of so many rounds is answered, and look that it was in order, and once.

    Only the part that was on its way when a process fell out may be there twice.
    """
    for chat in CHATS:
        async with asyncio.timeout(PATIENCE):
            while len(numbers := await answered(database, chat)) < rounds:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
        assert numbers == sorted(numbers)
        assert replies(server, chat) - len(numbers) in (0, 1, 2)


async def test_chats_go_on_in_order_when_a_process_sleeps_past_its_leases_and_when_one_is_killed(
    server: SimulatorServer, processes: Processes, postgres: Database
) -> None:
    processes.start("all", "first")
    processes.start("all", "second")
    await processes.ready("first")
    await processes.ready("second")
    receives = await receiver(postgres)
    other = "second" if receives == "first" else "first"
    server.call(server.simulation.faults.add, "sendMessage", 999, delay=0.1)

    say(server, 5)
    await until(lambda: all(replies(server, chat) >= 1 for chat in CHATS))
    processes.signal(other, signal.SIGSTOP)
    await all_answered(server, postgres, 5)
    said = [replies(server, chat) for chat in CHATS]
    processes.signal(other, signal.SIGCONT)
    await asyncio.sleep(1.0)
    assert [replies(server, chat) for chat in CHATS] == said  # who woke up said nothing more

    say(server, 5)
    await until(lambda: all(replies(server, chat) >= before + 1 for chat, before in zip(CHATS, said, strict=True)))
    processes.signal(receives, signal.SIGKILL)
    killed_at = time.monotonic()
    said = [replies(server, chat) for chat in CHATS]
    say(server, 1)
    await until(lambda: all(replies(server, chat) > before + 1 for chat, before in zip(CHATS, said, strict=True)))
    assert time.monotonic() - killed_at < RESUMED_WITHIN
    await all_answered(server, postgres, 11)
    assert await receiver(postgres) == other
