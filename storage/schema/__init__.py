"""The tables. Internal to `storage` and `migrations`; everybody else sees `storage.records`."""

from storage.schema.base import Base, Key, UtcDateTime, now
from storage.schema.conversation import Answer, Article, Citation, Delivery, Message, Route, Update
from storage.schema.knowledge import Chunk, Counter, Document, Removal
from storage.schema.learning import (
    Correction,
    Feedback,
    Label,
    Mark,
    ModelVersion,
    Rollout,
    TrainingExample,
    TrainingRun,
)
from storage.schema.leases import Lease
from storage.schema.people import ApiKey, Chat, Invite, Talk, User

__all__ = [
    "Answer",
    "ApiKey",
    "Article",
    "Base",
    "Chat",
    "Chunk",
    "Citation",
    "Correction",
    "Counter",
    "Delivery",
    "Document",
    "Feedback",
    "Invite",
    "Key",
    "Label",
    "Lease",
    "Mark",
    "Message",
    "ModelVersion",
    "Removal",
    "Rollout",
    "Route",
    "Talk",
    "TrainingExample",
    "TrainingRun",
    "Update",
    "User",
    "UtcDateTime",
    "now",
]
