"""What persons see, and waiting for the bot: the reading half of `Simulation`."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.simulator.methods.commands import commands_for
from bot.simulator.model import Answer, BotCommand, Chat, ChatAction, Draft, Message, User
from bot.simulator.people import BOT
from bot.simulator.world import World

T = TypeVar("T")


class Spectator:
    """Looks at a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def messages(self, chat: Chat) -> list[Message]:
        """All messages of `chat`, the oldest first, those of every topic."""
        return sorted(self.world.state.messages[chat.id].values(), key=lambda message: message.message_id)

    def current(self, message: Message) -> Message | None:
        """`message` as it is now; None when it was deleted."""
        return self.world.state.messages[message.chat_id].get(message.message_id)

    def answer(self, query_id: str) -> Answer | None:
        """What the bot answered to a pressed button, if it did."""
        return self.world.state.answers.get(query_id)

    def draft(self, chat: Chat) -> Draft | None:
        """The message in the making that `chat` shows, if it shows one."""
        draft = self.world.state.drafts.get(chat.id)
        return draft if draft and draft.expires > self.world.clock() else None

    def action(self, chat: Chat, topic: int | None = None) -> ChatAction | None:
        """What the bot is shown to be doing there, if anything."""
        action = self.world.state.actions.get((chat.id, topic))
        return action if action and action.expires > self.world.clock() else None

    def commands(self, person: User, chat: Chat) -> tuple[BotCommand, ...]:
        """The command menu as `person` sees it in `chat`."""
        return commands_for(self.world.state, chat, person)

    async def wait_for(self, predicate: Callable[[], T | None], seconds: float = 5) -> T:
        """The first value of `predicate` that is true; it is asked whenever something happens.

        Raises:
            TimeoutError: there was none in that time.
        """
        async with asyncio.timeout(seconds):
            while not (value := predicate()):
                await self.world.bell.wait()
            return value

    async def next_message(self, chat: Chat, after: Message | None = None, seconds: float = 5) -> Message:
        """The bot's first message in `chat` behind `after`, or behind all that is there now.

        Raises:
            TimeoutError: there was none in that time.
        """
        last = after.message_id if after else self.world.next_message_id(chat) - 1
        return await self.wait_for(lambda: self._first_of_bot(chat, last), seconds)

    def _first_of_bot(self, chat: Chat, last: int) -> Message | None:
        later = (message for message in self.messages(chat) if message.message_id > last)
        return next((message for message in later if message.sender_id == BOT.id), None)
