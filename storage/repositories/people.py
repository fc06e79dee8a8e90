"""Users, chats, and the codes that let people in."""

import hashlib
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import Chat, Role, User
from storage.repositories.sql import insert_into, is_sqlite, table, upsert
from storage.schema import now

_SEEN = ("name", "telegram_language", "seen_at", "kind", "title")  # what a message shows of people and chats

_USERS, _CHATS = table(schema.User), table(schema.Chat)
_MET = (
    select(*_USERS.c, _CHATS.c.kind, _CHATS.c.title, _CHATS.c.allowed)
    .join_from(_USERS, _CHATS, _CHATS.c.id == bindparam("chat"))
    .where(_USERS.c.id == bindparam("user"), _USERS.c.seen_at >= bindparam("since"))
)


class People:
    """Who may talk to the bot, and how."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def see_user(self, user_id: int, name: str, telegram_language: str | None) -> User:
        """Remember that a person was seen, under their present name; role and chosen language stay."""
        seen = {"id": user_id, "name": name, "telegram_language": telegram_language, "seen_at": now()}
        return _user((await self._session.execute(_seeing(schema.User, is_sqlite(self._session)), seen)).one())

    async def seen_since(self, user_id: int, chat_id: int, since: datetime) -> tuple[User, Chat] | None:
        """A person and a chat, where both are known and the person was seen since a moment."""
        row = (await self._session.execute(_MET, {"user": user_id, "chat": chat_id, "since": since})).one_or_none()
        if row is None:
            return None
        return _user(row), Chat(chat_id, row.kind, row.title, row.allowed)

    async def user(self, user_id: int) -> User | None:
        """A person, if they were ever seen."""
        row = await self._session.get(schema.User, user_id, populate_existing=True)
        return None if row is None else _user(row)

    async def set_role(self, user_id: int, role: Role) -> None:
        """Give a person another role; they are remembered if they were not."""
        statement = upsert(self._session, schema.User).values(id=user_id, role=role.value)
        await self._session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"role": role.value}))

    async def set_language(self, user_id: int, language: str | None) -> None:
        """Keep the language that a person chose; None follows their app again."""
        await self._session.execute(update(schema.User).where(schema.User.id == user_id).values(language=language))

    async def set_consent(self, user_id: int, consent: bool | None) -> None:
        """Keep whether a person's messages may teach; None forgets what they have said about it."""
        await self._session.execute(update(schema.User).where(schema.User.id == user_id).values(consent=consent))

    async def admins(self) -> list[User]:
        """All admins."""
        rows = await self._session.scalars(
            select(schema.User).where(schema.User.role == Role.ADMIN.value).order_by(schema.User.id)
        )
        return [_user(row) for row in rows]

    async def see_chat(self, chat_id: int, kind: str, title: str) -> Chat:
        """Remember a chat under its present title; whether it is allowed stays."""
        seen = {"id": chat_id, "kind": kind, "title": title}
        row = (await self._session.execute(_seeing(schema.Chat, is_sqlite(self._session)), seen)).one()
        return Chat(row.id, row.kind, row.title, row.allowed)

    async def knows_chat(self, chat_id: int) -> bool:
        """True for a chat in which the bot was ever spoken to."""
        return await self._session.get(schema.Chat, chat_id) is not None

    async def allow_chat(self, chat_id: int, allowed: bool) -> None:
        """Let everybody in a chat use the bot, or no longer."""
        await self._session.execute(update(schema.Chat).where(schema.Chat.id == chat_id).values(allowed=allowed))

    async def add_invite(
        self, code: str, role: Role, uses: int, created_by: int | None = None, valid: timedelta | None = None
    ) -> None:
        """Store an invitation; only the hash of its code is kept."""
        expires_at = now() + valid if valid else None
        self._session.add(
            schema.Invite(
                code_sha256=_hash(code), role=role.value, uses_left=uses, created_by=created_by, expires_at=expires_at
            )
        )
        await self._session.flush()

    async def redeem_invite(self, code: str) -> Role | None:
        """Use an invitation once; the role that it gives, or None when it is unknown, used up or expired."""
        statement = (
            update(schema.Invite)
            .where(schema.Invite.code_sha256 == _hash(code), schema.Invite.uses_left > 0, _not_expired())
            .values(uses_left=schema.Invite.uses_left - 1)
            .returning(schema.Invite.role)
        )
        role = (await self._session.execute(statement)).scalar_one_or_none()
        return None if role is None else Role(role)

    async def drop_invites(self, role: Role) -> None:
        """Withdraw every unused invitation to a role."""
        await self._session.execute(delete(schema.Invite).where(schema.Invite.role == role.value))

    async def count_users(self) -> int:
        """How many people were ever seen."""
        return await self._session.scalar(select(func.count()).select_from(schema.User)) or 0


@cache
def _seeing(entity: Any, for_sqlite: bool) -> Any:
    """Store what was seen of a person or chat, beside what is known by this number; returns all of it."""
    rows = table(entity)
    new = insert_into(rows, for_sqlite)
    seen = {name: new.excluded[name] for name in _SEEN if name in rows.c}
    return new.on_conflict_do_update(index_elements=["id"], set_=seen).returning(*rows.c)


def _user(row: Any) -> User:
    return User(row.id, row.name, Role(row.role), row.language, row.telegram_language, row.consent)


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode()).hexdigest()


def _not_expired() -> ColumnElement[bool]:
    return or_(schema.Invite.expires_at.is_(None), schema.Invite.expires_at > now())
