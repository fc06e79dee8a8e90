"""Training runs, what goes into them, and the versions on their way into service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class RunStatus(StrEnum):
    """Where a run stands; at most one of all is running."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RolloutStatus(StrEnum):
    """Where a version stands on its way into service."""

    CANARY = "canary"  # serves a share of the chats
    LIVE = "live"
    RETURNED = "returned"  # went back to the previous version
    REPLACED = "replaced"  # by a later version


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that somebody or something asks for. `reason` is command, terminal, night, labels or forgotten."""

    kind: str
    reason: str = "command"
    requested_by: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Run:
    """A training run. `chat_id` and `telegram_id` name the message that shows how far it is."""

    id: int
    kind: str
    status: RunStatus
    reason: str
    phase: str | None
    data_sha256: str
    rows: int
    parent: str | None
    version: str | None
    scores: Mapping[str, Any]
    verdict: Mapping[str, Any] | None
    error: str | None
    requested_by: int | None
    chat_id: int | None
    telegram_id: int | None
    language: str
    started_at: datetime
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """True where nothing more will come of it."""
        return self.status not in (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Taught:
    """A row that taught a run: `origin` names it, `message_id` is the message it came from, if it came from one."""

    origin: str
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A version on its way into service; `share` in (0, 1] is the part of the chats that it serves."""

    id: int
    kind: str
    version: str
    previous: str | None
    share: float
    status: RolloutStatus
    reason: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Author:
    """What is known of a person whose words may teach. `days` counts those on which they wrote."""

    id: int
    role: str
    consent: bool | None
    first_seen: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says of a message, or shows: by a label, whose `channel` is its source (review, clarification),
    or by a vote of `value` +1 or -1 on the answer, whose `channel` and `detail` are as in the feedback."""

    person: int
    channel: str
    said_at: datetime
    intent: str | None = None
    topic: str | None = None
    golden: bool = False
    value: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """A message with all that people say of it. `author` is the number of its writer.

    `conversation` names the exchange it belongs to: one day of a chat or forum topic, ended early by /reset. `scores`
    are the leading intents that the router gave it, with probabilities; `intent` and `topic` those it chose.
    """

    id: int
    text: str
    author: int
    conversation: str
    said_at: datetime
    language: str | None
    intent: str | None
    topic: str | None
    scores: Mapping[str, float]
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer with what people think of it, the question, the passages cited, and the right answer if one was given.

    `voices` are the votes, oldest first. `chunks` are the keys of the cited passages that
    are still there, in the order of the citations.
    """

    answer_id: int
    message_id: int
    question: str
    text: str
    kind: str
    language: str
    confidence: float | None
    voices: tuple[Voice, ...]
    correction: str | None
    citations: tuple[str, ...]
    chunks: tuple[int, ...]
    author: int
    conversation: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """How a version of the router fares: messages, people's votes, what was out of scope, milliseconds to route."""

    messages: int
    votes_up: int
    votes_down: int
    out_of_scope: int
    route_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Routed:
    """One message in the statistics: when, how it was routed, how sure the answer was, and what it took in all."""

    at: datetime
    language: str
    intent: str
    topic: str | None
    in_scope: bool
    confidence: float | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Trend:
    """So many votes of one sort on one day, an ISO date."""

    day: str
    liked: bool
    count: int
