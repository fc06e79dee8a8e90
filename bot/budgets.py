"""How much of something one person may have within a time."""

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass

from bot.dialogue import Incoming


class Window:
    """At most `most` uses by each person within `seconds`; times are in seconds on any one clock."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._uses: OrderedDict[int, deque[tuple[float, Hashable]]] = OrderedDict()  # whose use is oldest comes first

    def take(self, person: int, now: float, what: Hashable = None) -> float:
        """Count a use at `now`: 0, or the seconds until there may be one, which is then not counted.

        The same `what` is counted once, however often it is tried.
        """
        self._forget(now)
        uses = self._uses.setdefault(person, deque())
        while uses and uses[0][0] <= now - self._seconds:
            uses.popleft()
        if what is not None and any(known == what for _, known in uses):
            return 0.0
        if len(uses) >= self._most:
            return uses[0][0] + self._seconds - now
        uses.append((now, what))
        self._uses.move_to_end(person)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop whoever has used nothing for a while, so that nothing grows."""
        while self._uses and next(iter(self._uses.values()))[-1][0] <= now - self._seconds:
            self._uses.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Busy:
    """A message beyond a budget: whether it is for its file, and whether the person is to be told."""

    of_files: bool
    tell: bool


MINUTE = 60.0
FILES, FILES_SECONDS = 20, 600.0


class Budgets:
    """What the bot takes from one person: messages in a minute, files in ten.

    Times are those at which people wrote: what piled up while the bot was away is not held against them.
    """

    def __init__(self, messages: int) -> None:
        """`messages` is how many in a minute."""
        self.messages = messages
        self._messages = Window(messages, MINUTE)
        self._files = Window(FILES, FILES_SECONDS)
        self._told = Window(1, MINUTE)

    def refuse(self, incoming: Incoming, sent_at: float) -> Busy | None:
        """None where a message is within the budgets of its person, who is told once a minute where it is not."""
        person, number = incoming.person.id, incoming.update_id
        over = self._messages.take(person, sent_at, number) > 0
        over_files = not over and incoming.attached is not None and self._files.take(person, sent_at, number) > 0
        if not (over or over_files):
            return None
        return Busy(over_files, self._told.take(person, sent_at, number) <= 0)
