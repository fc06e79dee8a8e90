"""kill -9 in the middle of the work: every message is answered after the next start, in order, none twice."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from bot.simulator.limits import UNLIMITED
from bot.simulator.model import Chat, Message
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from nlp.text import is_han
from tests.e2e.program import Program

MESSAGES = 50
CHATS = (ADA_CHAT, BO_CHAT, TEAM)
GREETINGS = ("hello", "你好", "good morning", "大家好", "早上好", "hi there", "hello again")
WITHIN = 60.0  # seconds
PENDING = "SELECT count(*) FROM updates WHERE finished_at IS NULL"
BEGUN = "SELECT count(*) FROM messages WHERE update_id IS NOT NULL"  # those with a stored reply
PAIRS = """SELECT messages.telegram_id, deliveries.telegram_id FROM messages JOIN answers ON message_id = messages.id
JOIN deliveries ON answer_id = answers.id WHERE messages.chat_id = ? ORDER BY deliveries.telegram_id"""

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    """A Bot API server that outlives the bot."""
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield server


@pytest.fixture
def dawen(program: Program, server: SimulatorServer) -> Iterator[Program]:
    """The program on that server, open to everybody."""
    program.environment |= {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "DAWEN_TELEGRAM_API": server.api_url,
        "DAWEN_OPEN": "1",
        "DAWEN_MESSAGES_PER_MINUTE": "1000",
        "DAWEN_DEVICE": "cpu",
    }
    yield program
    program.kill()


def test_nothing_is_lost_repeated_or_disordered_by_a_kill(server: SimulatorServer, dawen: Program) -> None:
    faults, on_the_way = server.simulation.faults, server.simulation.world.state.updates
    dawen.start()
    server.call(faults.add, "sendMessage", 2, status=429, retry_after=3600)
    server.call(faults.add, "sendMessage", 9999, status=500)
    say_much(server)
    eventually(lambda: query(dawen, BEGUN) == [(len(CHATS),)] and not on_the_way)
    assert query(dawen, PENDING) == [(MESSAGES,)]
    dawen.kill()
    assert replies(server) == 0

    server.call(faults.clear)
    dawen.start()
    eventually(lambda: query(dawen, PENDING) == [(0,)])
    assert f"Answering {MESSAGES} messages that were left from before." in dawen.output
    assert dawen.stop() == 0
    assert replies(server) == MESSAGES
    assert query(dawen, "SELECT DISTINCT outcome FROM updates") == [("done",)]
    for chat in CHATS:
        assert_answered_in_order(server, dawen, chat)


def assert_answered_in_order(server: SimulatorServer, dawen: Program, chat: Chat) -> None:
    """Each message has one reply, that of the database, in its language and place, and no reply overtakes another."""
    asked, answered = said(server, chat)
    numbers = [(question.message_id, reply.message_id) for question, reply in zip(asked, answered, strict=True)]
    assert query(dawen, PAIRS, chat.id) == numbers
    assert [is_han(reply.text) for reply in answered] == [is_han(spoken(question)) for question in asked]
    assert [reply.message_thread_id for reply in answered] == [question.message_thread_id for question in asked]
    quoted = [None if chat.is_private else question.message_id for question in asked]
    assert [reply.reply_to_message_id for reply in answered] == quoted


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
                server.call(say, BO, TEAM, f"@dawen_bot {text}", topic=TRAVEL)


def spoken(message: Message) -> str:
    return message.text.removeprefix("@dawen_bot ")


def said(server: SimulatorServer, chat: Chat) -> tuple[list[Message], list[Message]]:
    """What people and what the bot said in a chat."""
    messages = [m for m in server.call(server.simulation.messages, chat) if not m.is_service]
    return [m for m in messages if m.sender_id != BOT.id], [m for m in messages if m.sender_id == BOT.id]


def replies(server: SimulatorServer) -> int:
    return sum(len(said(server, chat)[1]) for chat in CHATS)


def query(dawen: Program, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{dawen.database}?mode=ro", uri=True)) as connection:
        return connection.execute(statement, values).fetchall()


def eventually(predicate: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WITHIN
    while not predicate():
        assert time.monotonic() < give_up
        time.sleep(0.05)
