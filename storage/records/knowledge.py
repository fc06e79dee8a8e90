"""Documents and their chunks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Change(StrEnum):
    """What adding a document did."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


SHARED = "shared"


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk to store. `vector` is float32, little-endian, made by `encoder`; a `whole` one is shown uncut."""

    ordinal: int
    start: int
    end: int
    heading: str
    page: int | None
    language: str
    text: str
    encoder: str
    vector: bytes
    whole: bool = False


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store with its chunks. The same scope and uri name the same document."""

    scope: str
    uri: str
    title: str
    language: str
    media_type: str
    content_hash: str
    characters: int
    chunks: tuple[NewChunk, ...]
    added_by: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document, without its chunks; `added_by` is the person who sent or approved this version, if one did."""

    id: int
    scope: str
    uri: str
    title: str
    language: str
    media_type: str
    characters: int
    chunks: int
    updated_at: datetime
    added_by: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored chunk with what is needed to cite it."""

    id: int
    document_id: int
    title: str
    uri: str
    scope: str
    heading: str
    page: int | None
    language: str
    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of documents since some knowledge generation: numbers of those added or changed, and of those gone.

    `generation` is the one that this leads to.
    """

    generation: int
    changed: frozenset[int]
    removed: frozenset[int]


@dataclass(frozen=True, slots=True)
class ChunkVector:
    """A chunk's text and vector, and what it can be filtered by, for building indexes."""

    id: int
    document_id: int
    scope: str
    language: str
    updated_at: datetime
    title: str
    heading: str
    text: str
    encoder: str
    vector: bytes
    whole: bool = False
