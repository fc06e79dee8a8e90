"""What `storage` hands out and takes in: frozen, plain, safe to keep after the session has closed."""

from storage.records.conversation import (
    Answer,
    AnswerKind,
    Article,
    DeadUpdate,
    Delivery,
    NewAnswer,
    NewMessage,
    NewRoute,
    NewUpdate,
    PendingUpdate,
    Source,
    StoredUpdate,
    Turn,
)
from storage.records.knowledge import SHARED, Change, Changes, Chunk, ChunkVector, Document, NewChunk, NewDocument
from storage.records.learning import ModelVersion, Statistics
from storage.records.people import ApiKey, Chat, Forgotten, Held, Role, Said, User

__all__ = [
    "SHARED",
    "Answer",
    "AnswerKind",
    "ApiKey",
    "Article",
    "Change",
    "Changes",
    "Chat",
    "Chunk",
    "ChunkVector",
    "DeadUpdate",
    "Delivery",
    "Document",
    "Forgotten",
    "Held",
    "ModelVersion",
    "NewAnswer",
    "NewChunk",
    "NewDocument",
    "NewMessage",
    "NewRoute",
    "NewUpdate",
    "PendingUpdate",
    "Role",
    "Said",
    "Source",
    "Statistics",
    "StoredUpdate",
    "Turn",
    "User",
]
