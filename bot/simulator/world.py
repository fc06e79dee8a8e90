"""The world that both sides share: the state, its journal, and everybody who watches it.

Everything happens on one event loop, so there are no locks. A change is written down first, then takes
effect, then is told to the listeners.
"""

import time
from collections.abc import Callable
from pathlib import Path

from bot.simulator.bell import Bell
from bot.simulator.events import Event, UpdateQueued
from bot.simulator.files import Files
from bot.simulator.journal import Journal
from bot.simulator.limits import FloodGate, Limits
from bot.simulator.model import Chat, JsonObject, Message, Update
from bot.simulator.state import State

Listener = Callable[[Event], None]
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class World:
    """State that changes by events. `clock` gives seconds since 1970; without a `journal` nothing lasts."""

    def __init__(self, journal: Path | None, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.limits = limits
        self.gate = FloodGate(limits, clock)
        self.files = Files(journal.with_name(f"{journal.stem}.files") if journal else None)
        self.bell = Bell()
        self.listeners: list[Listener] = []
        self.latest_poll: object = None  # the one getUpdates request that may wait
        # Ids from the clock: a bot that remembers updates is not confused by a journal that was thrown away.
        self.state = State(next_update_id=int(clock()))
        self._journal = Journal(journal) if journal else None
        for event in self._journal.read() if self._journal else ():
            event.apply(self.state)

    def now(self) -> int:
        """The time as messages tell it."""
        return int(self.clock())

    def record(self, *events: Event) -> None:
        """Let events happen, all at once."""
        if not events:
            return
        lasting = [event for event in events if event.lasting]
        if self._journal and lasting:
            self._journal.append(lasting)
        for event in events:
            event.apply(self.state)
        for event in events:
            self._tell(event)
        self.bell.ring()

    def update(self, kind: str, chat: Chat, content: JsonObject) -> tuple[Event, ...]:
        """The event that brings the bot an update; none when it did not ask for such, or is not there."""
        allowed = self.state.allowed_updates
        wanted = kind in allowed if allowed else kind not in _ON_REQUEST
        if not wanted or not (self.state.is_present(chat) or kind == "my_chat_member"):
            return ()
        update_id = self.state.next_update_id
        update = Update(update_id=update_id, kind=kind, chat_id=chat.id, date=self.now(), content=content)
        return (UpdateQueued(update=update),)

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """A message, if it is there."""
        return self.state.messages[chat.id].get(message_id)

    def next_message_id(self, chat: Chat) -> int:
        """The id of the next message in `chat`."""
        return self.state.next_message_id[chat.id]

    def _tell(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            listener(event)
