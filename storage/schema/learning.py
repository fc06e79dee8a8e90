"""What people think of answers, and what was trained from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base, Key, now


class Feedback(Base):
    """What one person thinks of one answer, by button or by reaction; the latest opinion counts."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    value: Mapped[int]
    detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("answer_id", "user_id", "channel"), {"sqlite_autoincrement": True})


class Label(Base):
    """What a message really was, said by a person: the raw material of learning."""

    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    intent: Mapped[str | None] = mapped_column(String(64))
    topic: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("message_id", "user_id"), {"sqlite_autoincrement": True})


class TrainingRun(Base):
    """One attempt to train a model: what went in, what came out, how it ended."""

    __tablename__ = "training_runs"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16), default="running")
    data_sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    parent: Mapped[str | None] = mapped_column(String(96))
    version: Mapped[str | None] = mapped_column(String(96))
    scores: Mapped[dict[str, Any]]
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    __table_args__ = ({"sqlite_autoincrement": True},)


class TrainingExample(Base):
    """Which row taught which run: a seed by file and line, or a message by its id."""

    __tablename__ = "training_examples"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("training_runs.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(96))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    __table_args__ = ({"sqlite_autoincrement": True},)


class ModelVersion(Base):
    """A model that was stored, and since when it serves."""

    __tablename__ = "model_versions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(96))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("training_runs.id", ondelete="SET NULL"))
    manifest: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    promoted_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("kind", "version"), {"sqlite_autoincrement": True})
