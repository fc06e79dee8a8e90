"""What people think of answers, and what was trained from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base, Key, now


class Feedback(Base):
    """What one person thinks of one answer, said or shown; of each channel the latest opinion counts.

    `weight` is how much it is worth as evidence, and `versions` what made the answer, so that a vote can be laid to it.
    """

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    value: Mapped[int]
    detail: Mapped[str] = mapped_column(default="")
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")
    versions: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("answer_id", "user_id", "channel"), {"sqlite_autoincrement": True})


class Label(Base):
    """What a message really was, said by a person: the raw material of learning.

    A `golden` one never teaches: every new version must get it right.
    """

    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    intent: Mapped[str | None] = mapped_column(String(64))
    topic: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(24))
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")
    golden: Mapped[bool] = mapped_column(default=False, server_default=false())
    versions: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("message_id", "user_id"), {"sqlite_autoincrement": True})


class Correction(Base):
    """The right answer to a question that was answered otherwise, as one person put it; the latest counts."""

    __tablename__ = "corrections"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("answer_id", "user_id"), {"sqlite_autoincrement": True})


class TrainingRun(Base):
    """One attempt to train: who asked for it, what went in, how far it is, what came out, how it ended.

    `status` is queued, running, done, failed or cancelled; at most one runs at a time. `chat_id` and `telegram_id` name
    the message that shows how far it is.
    """

    __tablename__ = "training_runs"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16), default="running")
    reason: Mapped[str] = mapped_column(String(24), default="command", server_default="command")
    phase: Mapped[str | None] = mapped_column(String(24))
    data_sha256: Mapped[str] = mapped_column(String(64), default="")
    rows: Mapped[int] = mapped_column(default=0)
    parent: Mapped[str | None] = mapped_column(String(96))
    version: Mapped[str | None] = mapped_column(String(96))
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    requested_by: Mapped[int | None] = mapped_column(BigInteger)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_training_runs_running",
            "status",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        {"sqlite_autoincrement": True},
    )


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


class Rollout(Base):
    """A version on its way into service: first for a share of the chats, then for all, or back.

    `status` is canary, live, returned or replaced; `reason` says why it was returned.
    """

    __tablename__ = "rollouts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(96))
    previous: Mapped[str | None] = mapped_column(String(96))
    share: Mapped[float]
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_rollouts_kind", "kind", "id"), {"sqlite_autoincrement": True})


class Mark(Base):
    """When something that comes again and again was last done."""

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[datetime]
