"""Messages as reviewers see them, and what people have said that they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.records.conversation import AnswerKind


@dataclass(frozen=True, slots=True)
class Label:
    """What one person says that a message was; `source` is review or clarification, `weight` its worth as evidence."""

    message_id: int
    user_id: int
    intent: str | None
    topic: str | None
    source: str
    weight: float
    golden: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be reviewed: its leading intents with probabilities, and whether the reviewer who asks
    (`mine`), or another (`others`), has labelled it."""

    message_id: int
    user_id: int
    text: str
    language: str
    intents: Mapping[str, float]
    mine: bool
    others: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A message with the route it took and the answer it got. `scores` are as in `NewRoute`."""

    message_id: int
    text: str
    meaning: str
    language: str
    intent: str
    intent_score: float
    topic: str | None
    topic_score: float | None
    scores: Mapping[str, Any]
    answer_id: int
    kind: AnswerKind
    answer: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the documents did not answer."""

    message_id: int
    user_id: int
    text: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Previous:
    """The latest thing that a person has said in a conversation, and the answer it got."""

    answer_id: int
    text: str
    meaning: str
    kind: AnswerKind
    created_at: datetime
