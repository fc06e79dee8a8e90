"""What the bot takes from one person."""

from dataclasses import dataclass

from bot.dialogue import Incoming
from bot.windows import MINUTE, Window


@dataclass(frozen=True, slots=True)
class Busy:
    """A message beyond a budget: whether it is for its file, and whether the person is to be told."""

    of_files: bool
    tell: bool


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

    def is_spent(self, person: int, sent_at: float, number: int) -> bool:
        """True for a message without a file that is refused to a person who has been told already."""
        return self._messages.take(person, sent_at, number) > 0 and self._told.take(person, sent_at, number) > 0
