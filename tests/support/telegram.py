"""A running bot on a local Bot API server, and what the people in front of it do and see."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.app import App
from bot.limiter import ChatLimiter, Rates
from bot.simulator.events import MessageKept
from bot.simulator.limits import UNLIMITED
from bot.simulator.model import Chat, Message, User
from bot.simulator.people import BOT, CHATS
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.telegram_bot import TelegramBot, run_telegram_bot
from bot.web.front import Front
from storage.database import Database
from storage.records import Answer
from tests.support.apps import small_app

T = TypeVar("T")
_PATIENCE = 60.0  # seconds, on a busy machine
UNHURRIED = Rates(1e6, 1.0, 1e6)  # no limit


class Telegram:
    """Acts of people, and the bot's replies to them."""

    def __init__(self, server: SimulatorServer, app: App, bot: TelegramBot) -> None:
        self.server = server
        self.simulation = server.simulation
        self.app = app
        self.bot = bot
        self.delivery = bot.delivery

    def say(self, person: User, text: str, chat: Chat | None = None, **options: Any) -> Message:
        """Write something, by default in the person's private chat."""
        return self.server.call(self.simulation.say, person, chat or CHATS[person.id], text, **options)

    def send_file(self, person: User, name: str, data: bytes, chat: Chat | None = None, **options: Any) -> Message:
        """Send a file, by default in the person's private chat."""
        return self.server.call(self.simulation.send_file, person, chat or CHATS[person.id], name, data, **options)

    def fail(self, method: str, times: int = 1, **fault: Any) -> None:
        """Let the next calls of a method fail; see `bot.simulator.faults`."""
        self.server.call(self.simulation.faults.add, method, times, **fault)

    async def ask(self, person: User, text: str, chat: Chat | None = None, **options: Any) -> Message:
        """The one message that the bot replies with."""
        return await self.reply(self.say(person, text, chat, **options))

    async def upload(self, person: User, name: str, data: bytes, chat: Chat | None = None, **options: Any) -> Message:
        """The one message that the bot replies to a file with."""
        return await self.reply(self.send_file(person, name, data, chat, **options))

    async def reply(self, asked: Message) -> Message:
        """The one message of the bot behind `asked`, when all is dealt with."""
        replies = await self.replies(asked)
        assert len(replies) == 1, [message.text for message in replies]
        return replies[0]

    async def replies(self, asked: Message) -> list[Message]:
        """The bot's messages behind `asked` in that chat, when all is dealt with."""
        await self.settled()
        return [message for message in self.of_bot(CHATS[asked.chat_id]) if message.message_id > asked.message_id]

    def of_bot(self, chat: Chat) -> list[Message]:
        """Everything the bot has said in a chat."""
        return [message for message in self.server.call(self.simulation.messages, chat) if message.sender_id == BOT.id]

    def of_bot_in_private(self, person: User) -> list[Message]:
        """Everything the bot has said to a person alone."""
        return self.of_bot(CHATS[person.id])

    async def press(self, person: User, message: Message, label: str) -> str:
        """Press the button with this label; the text that is shown for a moment, when all is dealt with."""
        query = self.press_only(person, message, label)
        answer = await self.until(lambda: self.simulation.answer(query))
        await self.settled()
        return answer.text

    def press_only(self, person: User, message: Message, label: str) -> str:
        """Press the button with this label, and wait for nothing; the id of the query."""
        return self.server.call(self.simulation.press, person, message, data_of(message, label))

    async def react(self, person: User, message: Message, emoji: str | None) -> None:
        """React, or take the reaction back."""
        self.server.call(self.simulation.react, person, message, emoji)
        await self.settled()

    def replace(self, message: Message) -> Message:
        """Let a message be as given."""
        self.server.call(self.simulation.world.record, MessageKept(message=message))
        return message

    def menu(self, person: User, chat: Chat) -> dict[str, str]:
        """The command menu as a person sees it in a chat."""
        return {item.command: item.description for item in self.server.call(self.simulation.commands, person, chat)}

    def now(self, message: Message) -> Message:
        """A message as it stands now."""
        current = self.server.call(self.simulation.current, message)
        assert current is not None
        return current

    async def until(self, predicate: Callable[[], T | None]) -> T:
        """Wait for something to be seen on the server."""
        return await asyncio.to_thread(self.server.wait_for, predicate, _PATIENCE)

    async def settled(self) -> None:
        """Wait until the bot has taken every update and has dealt with it."""
        await self.until(lambda: not self.simulation.world.state.updates)
        async with asyncio.timeout(_PATIENCE):
            await self.bot.lanes.idle()

    async def stored(self, message: Message) -> Answer | None:
        """What the database knows of a message of the bot."""
        async with self.app.database.read() as tx:
            return await tx.answers.of_telegram_message(message.chat_id, message.message_id)

    async def votes(self, message: Message) -> tuple[int, int]:
        """Likes and dislikes that are stored for a message of the bot."""
        answer = await self.stored(message)
        assert answer is not None
        async with self.app.database.read() as tx:
            return await tx.feedback.votes(answer.id)


@asynccontextmanager
async def talking(server: SimulatorServer, app: App, front: Front | None = None) -> AsyncIterator[Telegram]:
    """An application on a server, as a running bot; `front` is its web server."""
    unhurried = ChatLimiter(UNHURRIED, UNHURRIED, UNHURRIED)
    async with run_telegram_bot(app, server.simulation.token, server.api_url, unhurried, front) as bot:
        yield Telegram(server, app, bot)


@asynccontextmanager
async def small_bot(
    database: Database, home: Path, simulation: Simulation | None = None, **settings: Any
) -> AsyncIterator[Telegram]:
    """A bot over small models on a server of its own, without flood limits unless the simulation has some.

    The server takes a moment to end, in which the next test may begin.
    """
    server = SimulatorServer(simulation or Simulation(limits=UNLIMITED))
    server.start()
    try:
        async with small_app(database, home, **settings) as app, talking(server, app) as telegram:
            yield telegram
    finally:
        threading.Thread(target=server.stop).start()


def buttons(message: Message) -> list[list[str]]:
    """The labels of the buttons under a message, row by row."""
    return [[button["text"] for button in row] for row in _rows(message)]


def data_of(message: Message, label: str) -> str:
    """What the button with this label sends."""
    return next(str(button["callback_data"]) for row in _rows(message) for button in row if button["text"] == label)


def _rows(message: Message) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = (message.reply_markup or {}).get("inline_keyboard", [])
    return rows


def styled(message: Message, style: str) -> list[str]:
    """The stretches of a message in one style, such as "bold"."""
    units = message.text.encode("utf-16-le")
    return [units[2 * e.offset : 2 * e.end].decode("utf-16-le") for e in message.entities if e.type == style]
