"""The tables. Internal to `storage` and `migrations`; everybody else sees `storage.records`."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite grows only INTEGER keys by itself; AUTOINCREMENT keeps it from giving a deleted row's number to a new one.
Key = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always in UTC and always aware; SQLite keeps none of that by itself."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; refuses naive moments, whose zone would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to an aware moment."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        dict[str, Any]: JSON(),
        datetime: UtcDateTime(),
        str: Text(),
        float: Float(53),
        bytes: LargeBinary(),
    }


class User(Base):
    """A person who wrote to the bot, under the id that Telegram gave them."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(String(16), default="stranger")
    language: Mapped[str | None] = mapped_column(String(8))  # chosen with /language
    telegram_language: Mapped[str | None] = mapped_column(String(16))  # as the person's app says
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class Chat(Base):
    """A private chat, group or channel, under the id that Telegram gave it."""

    __tablename__ = "chats"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(default="")
    allowed: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[bool] = mapped_column(default=False, server_default=false())  # its talk is kept for /digest
    created_at: Mapped[datetime] = mapped_column(default=now)


class Talk(Base):
    """What is said in a group that has asked for digests, whoever it is said to; kept for some days."""

    __tablename__ = "talk"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    telegram_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (
        UniqueConstraint("chat_id", "telegram_id"),
        Index("ix_talk_conversation", "chat_id", "thread_id", "id"),
        {"sqlite_autoincrement": True},
    )


class Update(Base):
    """The inbox: what Telegram sent to a bot account, kept until it is dealt with.

    `update_id` is Telegram's number, counted for each account by itself. `fingerprint` names the event itself, because
    Telegram may send one event again under another `update_id`.
    """

    __tablename__ = "updates"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger)
    update_id: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    lane: Mapped[str] = mapped_column(String(64))
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


class Invite(Base):
    """A code that lets people in; only its SHA-256 is kept."""

    __tablename__ = "invites"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    uses_left: Mapped[int]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    __table_args__ = ({"sqlite_autoincrement": True},)


class Counter(Base):
    """A named number that only grows: the knowledge generation."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
