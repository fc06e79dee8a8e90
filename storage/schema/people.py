"""Users, chats, what groups say, the codes that let people in, and the keys that let programs in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base, Key, now


class User(Base):
    """A person who wrote to the bot, under the id that Telegram gave them."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(String(16), default="stranger")
    language: Mapped[str | None] = mapped_column(String(8))  # chosen with /language
    telegram_language: Mapped[str | None] = mapped_column(String(16))  # as the person's app says
    consent: Mapped[bool | None]  # whether their messages may teach; None as long as they were not asked or did not say
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


class ApiKey(Base):
    """A key that lets a program in; only the SHA-256 of its secret is kept. A revoked key keeps its row."""

    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(String(64))
    admin: Mapped[bool] = mapped_column(default=False)  # may change the shared documents
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_api_keys_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
