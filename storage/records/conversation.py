"""What was received, and what was made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AnswerKind(StrEnum):
    """What sort of reply an answer is. A reset forgets what was said before it; a lesson asks for the right answer,
    a naming for the name of a new intent."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    CLARIFICATION = "clarification"
    SMALL_TALK = "small_talk"
    OUT_OF_SCOPE = "out_of_scope"
    SUMMARY = "summary"
    NOTICE = "notice"
    RESET = "reset"
    LESSON = "lesson"
    NAMING = "naming"


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """A bot account's update to store: `lane` orders it, `fingerprint` names the event so that it is stored once."""

    bot_id: int
    update_id: int
    lane: str
    payload: Mapping[str, Any]
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """An update that waits: enough to schedule it."""

    id: int
    lane: str


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update with its payload. `attempts` counts how often work on it was started, this time included; `replied`
    tells that its reply is stored, sent or not."""

    id: int
    update_id: int
    lane: str
    payload: Mapping[str, Any]
    attempts: int
    replied: bool = False


@dataclass(frozen=True, slots=True)
class DeadUpdate:
    """An update that was set aside: `outcome` is "failed" where its handler raised, "dead" where the process ended."""

    id: int
    lane: str
    outcome: str
    attempts: int
    received_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store. `thread_id` is the forum topic, `telegram_id` the message's number in its chat,
    `update_id` the row of the inbox that brought it, `understood` the question it was taken for, where that differs."""

    chat_id: int
    text: str
    user_id: int | None = None
    thread_id: int | None = None
    telegram_id: int | None = None
    update_id: int | None = None
    understood: str | None = None

    @property
    def meaning(self) -> str:
        """The question that the message asks, understandable by itself."""
        return self.understood or self.text


@dataclass(frozen=True, slots=True)
class NewRoute:
    """A route to store with its message. `scores` holds the leading intents and topics with probabilities."""

    language: str
    intent: str
    intent_score: float
    topic: str | None
    topic_score: float | None
    scope_score: float
    in_scope: bool
    scores: Mapping[str, Any]
    router_version: str


@dataclass(frozen=True, slots=True)
class Source:
    """A citation: what was shown, and the chunk it came from while that exists. `score` is in [0, 1]."""

    number: int
    title: str
    place: str
    quote: str
    score: float
    chunk_id: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What a summary was made of: `source` is a link, the name of a file, or nothing for a text that was sent;
    `document` is what was read of it, as plain values, and `points` how many sentences were chosen."""

    source: str
    points: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to store: what it says, what made it (`versions`), how long that took (`timings`, ms), and the
    Telegram messages to send, as `payloads`."""

    kind: AnswerKind
    language: str
    text: str
    payloads: tuple[Mapping[str, Any], ...]
    confidence: float | None = None
    versions: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One Telegram message of an answer; `telegram_id` is None until it was sent."""

    answer_id: int
    part: int
    chat_id: int
    payload: Mapping[str, Any]
    telegram_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    id: int
    message_id: int
    kind: AnswerKind
    language: str
    text: str
    confidence: float | None
    versions: Mapping[str, Any]
    sent: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A message and the answer it got, as the memory of a conversation; `meaning` is understandable by itself."""

    question: str
    answer: str
    kind: AnswerKind
    intent: str | None
    meaning: str
    answer_id: int
