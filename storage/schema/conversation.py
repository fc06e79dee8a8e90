"""What was received, and what was made of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base, Key, now


class Update(Base):
    """The inbox: what Telegram sent to a bot account, kept until it is dealt with.

    `update_id` is Telegram's number, counted for each account by itself. `fingerprint` names the event itself, because
    Telegram may send one event again under another `update_id`. `slot` is that of the lane, see `storage.slots`.
    """

    __tablename__ = "updates"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger)
    update_id: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    lane: Mapped[str] = mapped_column(String(64))
    slot: Mapped[int] = mapped_column(default=0, server_default="0")
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    __table_args__ = (
        Index(
            "ix_updates_pending",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "ix_updates_slots",
            "bot_id",
            "slot",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        UniqueConstraint("bot_id", "update_id"),
        UniqueConstraint("bot_id", "fingerprint"),
        {"sqlite_autoincrement": True},
    )


class Message(Base):
    """What a person said to the bot, and the question it was taken for where it was a follow-up."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    update_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    text: Mapped[str]
    understood: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("ix_messages_conversation", "chat_id", "thread_id", "id"), {"sqlite_autoincrement": True})


class Route(Base):
    """How the router classified a message, and with which version."""

    __tablename__ = "routes"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    intent: Mapped[str] = mapped_column(String(64))
    intent_score: Mapped[float]
    topic: Mapped[str | None] = mapped_column(String(64))
    topic_score: Mapped[float | None]
    scope_score: Mapped[float]
    in_scope: Mapped[bool]
    scores: Mapped[dict[str, Any]]
    router_version: Mapped[str] = mapped_column(String(96))
    __table_args__ = ({"sqlite_autoincrement": True},)


class Answer(Base):
    """What the bot replied to a message, with the version of everything that made it."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str]
    confidence: Mapped[float | None]
    versions: Mapped[dict[str, Any]]
    timings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    __table_args__ = ({"sqlite_autoincrement": True},)


class Delivery(Base):
    """One Telegram message of an answer: what to send, and the id it got when it was sent."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    part: Mapped[int]
    chat_id: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any]]
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("answer_id", "part"),
        Index("ix_deliveries_sent", "chat_id", "telegram_id"),
        {"sqlite_autoincrement": True},
    )


class Citation(Base):
    """A source of an answer. Title, place and quote stay when the document goes."""

    __tablename__ = "citations"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    chunk_id: Mapped[int | None] = mapped_column(ForeignKey("chunks.id", ondelete="SET NULL"), index=True)
    title: Mapped[str]
    place: Mapped[str]
    quote: Mapped[str]
    score: Mapped[float]
    __table_args__ = ({"sqlite_autoincrement": True},)


class Article(Base):
    """What a summary was made of: where it came from, what was read of it, and into how many points it was put."""

    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    number: Mapped[int]
    source: Mapped[str]
    points: Mapped[int]
    document: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("answer_id", "number"), {"sqlite_autoincrement": True})
