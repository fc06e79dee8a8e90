"""The people of a campaign: they ask, and what they see in their chats is all that counts.

In each chat the answers must be about the items of the questions, once each, in the order of the questions.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from bot.simulator.events import Event, MessageKept
from bot.simulator.model import Chat, Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM
from bot.simulator.server import SimulatorServer
from tests.campaigns.stage import ITEMS, item_of, question

_PLACES: tuple[tuple[User, Chat, str, str], ...] = (
    (ADA, ADA_CHAT, "en", ""),
    (BO, BO_CHAT, "zh", ""),
    (ADA, TEAM, "en", "@dawen_bot "),
)


@dataclass(slots=True)
class Ledger:
    """One chat: how many questions there were, which of them are answered, and what went wrong."""

    asked: int = 0
    answered: dict[int, Message] = field(default_factory=dict)  # the last copy, by the number of the question
    frontier: int = 0  # the question behind the last one that was answered
    out_of_order: int = 0
    repeated: list[Message] = field(default_factory=list)  # each copy that another one came after
    newest: int = 0  # the number of the bot's last message
    newest_at: float = 0.0  # and when it came, on the clock that only goes forward
    strange: list[str] = field(default_factory=list)  # what answers no question

    def note(self, message: Message) -> None:
        """Take down an answer. Items come again after many questions: it is the nearest that is meant."""
        self.newest, self.newest_at = message.message_id, time.monotonic()
        item = item_of(message.text)
        number = self._nearest(int(item[1:])) if item else -1
        if not 0 <= number < self.asked:
            self.strange.append(message.text)
        elif number in self.answered:
            self.repeated.append(self.answered[number])
            self.answered[number] = message
        else:
            self.answered[number] = message
            self.out_of_order += number < self.frontier
            self.frontier = max(self.frontier, number + 1)

    def _nearest(self, item: int) -> int:
        half = ITEMS // 2
        return self.frontier + (item - self.frontier + half) % ITEMS - half


class Town:
    """Three chats: two in private, in English and in Chinese, and a group."""

    def __init__(self, server: SimulatorServer) -> None:
        self.server = server
        self.ledgers = {chat.id: Ledger() for _, chat, _, _ in _PLACES}
        server.simulation.world.listeners.append(self._see)

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return sum(ledger.asked for ledger in self.ledgers.values())

    @property
    def unanswered(self) -> int:
        """How many questions have no answer yet."""
        return self.asked - sum(len(ledger.answered) for ledger in self.ledgers.values())

    @property
    def out_of_order(self) -> int:
        """How many answers came after the answer to a later question."""
        return sum(ledger.out_of_order for ledger in self.ledgers.values())

    @property
    def repeated(self) -> list[Message]:
        """Each copy of an answer that another one came after: one that came three times is there twice."""
        return [message for ledger in self.ledgers.values() for message in ledger.repeated]

    @property
    def strange(self) -> list[str]:
        """What the bot said that answers nothing."""
        return [text for ledger in self.ledgers.values() for text in ledger.strange]

    def ask(self) -> None:
        """A question in every chat."""
        for person, chat, language, prefix in _PLACES:
            ledger = self.ledgers[chat.id]
            ledger.asked += 1
            text = prefix + question(ledger.asked - 1, language)
            self.server.call(self.server.simulation.say, person, chat, text)

    def wait_until_answered(self, seconds: float, alive: Callable[[], bool] = lambda: True) -> bool:
        """Wait until every question has an answer; false where the time is over or the bot is not alive any more."""
        self.wait_until(lambda: not self.unanswered or not alive(), seconds)
        return not self.unanswered

    def wait_until(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait until something is so, or the time is over."""
        with suppress(TimeoutError):
            self.server.wait_for(done, seconds)

    def _see(self, event: Event) -> None:
        """Runs on the loop of the server, whenever something happens."""
        if isinstance(event, MessageKept) and event.message.sender_id == BOT.id:
            self.ledgers[event.message.chat_id].note(event.message)
