"""The journal: one line of JSON for everything that happened at once, appended before it takes effect.

State is never stored; it is what the journal leads to. A process that is killed while it writes leaves a torn
last line: that line never took effect, so it is cut off when the journal is opened again.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.simulator.events import ENTRY, Event


class Journal:
    """An append-only file of events."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> Iterator[Event]:
        """All events in their order.

        Raises:
            ValueError: a line other than a torn last one is no entry.
        """
        content = self._path.read_bytes() if self._path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            with self._path.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.splitlines(), start=1):
            yield from self._entry(number, line)

    def append(self, events: Sequence[Event]) -> None:
        """Write events that happen together; they are in the file when this returns."""
        line = ENTRY.dump_json(tuple(events), exclude_none=True)  # type: ignore[arg-type]
        with self._path.open("ab") as file:
            file.write(line + b"\n")

    def _entry(self, number: int, line: bytes) -> Sequence[Event]:
        try:
            return ENTRY.validate_json(line)
        except ValidationError as error:
            raise ValueError(f"line {number} of {str(self._path)!r} is not an entry of a journal") from error
