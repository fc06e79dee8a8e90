"""What comes in and what goes out, without Telegram: the values that handlers, use cases and the log pass on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.richtext import RichText, to_plain
from bot.streaming import Show, silent
from nlp.types import Answer, Language, Route
from storage.records import AnswerKind, Article


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes. `telegram_language` is what their app says."""

    id: int
    name: str
    telegram_language: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where they write: a chat and, in forums, a topic."""

    chat_id: int
    kind: str
    title: str = ""
    thread_id: int | None = None

    @property
    def shelf(self) -> int | None:
        """The topic whose documents are found here; the conversations of an API key share those of its chat."""
        return None if self.kind == "api" else self.thread_id

    @property
    def is_group(self) -> bool:
        """True where several people talk."""
        return self.kind in ("group", "supergroup")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message: its name, its size in bytes as far as it is known, and how to save it under a path."""

    name: str
    size: int
    save: Callable[[Path], Awaitable[object]] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to the bot. `quoted` and `quoted_id` are text and number of the message that it replies to; `update_id`
    names the event. `links` are those that its text hides behind words, `forwarded` tells that somebody else wrote it.
    """

    person: Person
    place: Place
    text: str
    telegram_id: int | None = None
    update_id: int | None = None
    quoted: str = ""
    quoted_id: int | None = None
    attached: Attachment | None = None
    links: tuple[str, ...] = ()
    quoted_file: Attachment | None = None
    quoted_links: tuple[str, ...] = ()
    forwarded: bool = False
    show: Show = field(default=silent, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; `data` takes at most 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot answers: the text, the buttons under it, and all that is logged beside it.

    `votable` puts 👍 and 👎 below; `timings` are milliseconds by stage; `understood` is the question that a follow-up
    was taken for; `articles` are what a summary was made of.
    """

    kind: AnswerKind
    language: Language
    text: RichText
    buttons: tuple[tuple[Button, ...], ...] = ()
    votable: bool = False
    route: Route | None = None
    answer: Answer | None = None
    versions: Mapping[str, object] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    understood: str | None = None
    articles: tuple[Article, ...] = ()

    @property
    def plain(self) -> str:
        """The bare text."""
        return to_plain(self.text)


def notice(language: Language, text: RichText, *buttons: tuple[Button, ...]) -> Reply:
    """A reply that is neither an answer nor a summary."""
    return Reply(AnswerKind.NOTICE, language, text, buttons)


def interface_language(chosen: str | None, telegram_language: str | None) -> Language:
    """The language of menus: the chosen one, else that of the person's app, else English."""
    wanted = chosen or telegram_language or "en"
    return "zh" if wanted.lower().startswith("zh") else "en"
