"""Documents, their chunks, and what became of them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base, Key, now


class Document(Base):
    """A source of knowledge, once per scope and address. `scope` is "shared" or "chat:ID[:THREAD]"."""

    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    scope: Mapped[str] = mapped_column(String(64), default="shared")
    uri: Mapped[str]
    title: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    media_type: Mapped[str] = mapped_column(String(96))
    content_hash: Mapped[str] = mapped_column(String(64))
    characters: Mapped[int]
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # Of the knowledge, when the document last changed: indexes read what is newer than they are.
    generation: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", index=True)
    __table_args__ = (UniqueConstraint("scope", "uri"), {"sqlite_autoincrement": True})


class Removal(Base):
    """A document that is gone, and the knowledge generation that took it: kept so that every index hears of it."""

    __tablename__ = "removals"
    document_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(BigInteger, index=True)


class Chunk(Base):
    """A retrievable piece of a document, with its place and its vector (float32, little-endian)."""

    __tablename__ = "chunks"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    ordinal: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    heading: Mapped[str]
    page: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str]
    encoder: Mapped[str] = mapped_column(String(96), index=True)
    vector: Mapped[bytes]
    whole: Mapped[bool] = mapped_column(default=False, server_default=false())  # the answer of an entry, never cut
    __table_args__ = ({"sqlite_autoincrement": True},)


class Counter(Base):
    """A named number that only grows: the knowledge generation."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
