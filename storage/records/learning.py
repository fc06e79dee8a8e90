"""What was trained, and what can be counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A stored model; `promoted` tells whether it ever served."""

    kind: str
    version: str
    manifest: Mapping[str, Any]
    created_at: datetime
    promoted: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts for an overview. Mappings count by name."""

    users: int
    chats: int
    messages: int
    documents: int
    chunks: int
    pending: int
    languages: Mapping[str, int]
    intents: Mapping[str, int]
    topics: Mapping[str, int]
    answers: Mapping[str, int]
    votes_up: int
    votes_down: int
