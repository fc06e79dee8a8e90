"""Where the markup parsers collect what they read: plain text, entities over it, and their complaints."""

from dataclasses import dataclass, field

from bot.simulator.errors import ApiError, bad_request
from bot.simulator.model import Entity
from bot.simulator.text.links import checked_link, linked_user
from bot.simulator.text.utf16 import units


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A plain text and the entities over it, sorted."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(slots=True)
class Builder:
    """A text that grows. `offset` is its length in UTF-16 units."""

    source: str
    offset: int = 0
    entities: list[Entity] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._parts)

    def write(self, part: str) -> None:
        """Append plain text."""
        self._parts.append(part)
        self.offset += units(part)

    def since(self, offset: int) -> str:
        """What was written since the text had the length `offset`."""
        written = self.text.encode("utf-16-le", "surrogatepass")
        return written[2 * offset :].decode("utf-16-le", "surrogatepass")

    def add(self, kind: str, start: int, **details: str | int | None) -> None:
        """Lay an entity over what was written since `start`; nothing was written, nothing is added."""
        if self.offset > start:
            place = {"offset": start, "length": self.offset - start}
            self.entities.append(Entity.model_validate({"type": kind, **place, **details}))

    def add_link(self, url: str, start: int) -> None:
        """A link, or a mention by `tg://user?id=`; without a `url` the text itself is the address."""
        url = url or self.since(start)
        user_id = linked_user(url)
        if user_id is not None:
            self.add("text_mention", start, user_id=user_id)
        elif target := checked_link(url):
            self.add("text_link", start, url=target)

    def error(self, problem: str, place: int | None = None, detail: str = "") -> ApiError:
        """A refusal; `place` is a character of the source, told to the client as a byte."""
        where = "" if place is None else f" at byte offset {byte_offset(self.source, place)}"
        return bad_request(f"can't parse entities: {problem}{where}{detail}")

    def finish(self) -> FormattedText:
        """The text as a whole."""
        return FormattedText(self.text, in_order(self.entities))


def byte_offset(source: str, place: int) -> int:
    """The number of UTF-8 bytes before the character at `place`."""
    return len(source[:place].encode("utf-8", "surrogatepass"))


def in_order(entities: list[Entity]) -> tuple[Entity, ...]:
    """Sorted as Telegram lists them: by beginning, the longer before those within it."""
    return tuple(sorted(entities, key=lambda entity: (entity.offset, -entity.length)))
