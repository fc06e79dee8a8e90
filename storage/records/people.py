"""People, chats, and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    STRANGER = "stranger"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """A person. `language` is what they chose, `telegram_language` what their app says; `consent` is whether their
    messages may teach, None as long as they have not said."""

    id: int
    name: str
    role: Role
    language: str | None
    telegram_language: str | None
    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat. `kind` is Telegram's type; `allowed` lets everybody in it use the bot."""

    id: int
    kind: str
    title: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a group's talk. `telegram_id` numbers it in its chat."""

    telegram_id: int
    user_id: int
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows are stored of a person."""

    messages: int
    votes: int
    labels: int
    talk: int
    documents: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted of a person: numbers of messages and documents, and the versions that the messages had taught,
    newest first."""

    messages: tuple[int, ...]
    documents: tuple[int, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program. `secret_sha256` is the hash of its secret, in hexadecimal; an `admin` key may change the
    shared documents."""

    id: int
    name: str
    secret_sha256: str
    admin: bool
    created_at: datetime
    revoked_at: datetime | None = None
