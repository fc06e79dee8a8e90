"""Use case: who may talk to the bot. Closed by default; people come in by list, by code, or with their group."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.dialogue import Person, Place
from bot.settings import Settings
from storage.database import Database
from storage.records import Chat, Role, User

_SEEN_AGAIN = timedelta(days=1)  # after which it is written down that somebody is still there
_INVITE_VALID = timedelta(days=7)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without characters that are read wrongly


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a person may use the bot where they are, and as what."""

    user: User
    allowed: bool

    @property
    def is_admin(self) -> bool:
        """True for admins."""
        return self.user.role is Role.ADMIN


class Access:
    """Decides, and lets people in."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    async def admit(self, person: Person, place: Place) -> Admission:
        """Remember person and place, and tell whether they may talk to the bot there."""
        user, chat = await self._known(person, place) or await self._remember(person, place)
        user = replace(user, role=self._role(user))
        group = place.is_group and (chat.allowed or chat.id in self._settings.allowed_chats)
        private = not place.is_group and user.role is not Role.STRANGER
        return Admission(user, user.role is Role.ADMIN or group or private or self._settings.open)

    async def _known(self, person: Person, place: Place) -> tuple[User, Chat] | None:
        """Person and place as they are remembered; None where there is something new to remember, if only the day."""
        async with self._database.read() as tx:
            known = await tx.people.seen_since(person.id, place.chat_id, datetime.now(UTC) - _SEEN_AGAIN)
        shown = (person.name, person.telegram_language, place.kind, place.title)
        if known is None or shown != (known[0].name, known[0].telegram_language, known[1].kind, known[1].title):
            return None
        return known

    async def _remember(self, person: Person, place: Place) -> tuple[User, Chat]:
        async with self._database.write() as tx:
            user = await tx.people.see_user(person.id, person.name, person.telegram_language)
            return user, await tx.people.see_chat(place.chat_id, place.kind, place.title)

    async def is_admin(self, person: int) -> bool:
        """Whether somebody whom the bot may never have seen is an admin."""
        async with self._database.read() as tx:
            user = await tx.people.user(person)
        return self._role(user or User(person, "", Role.STRANGER, None, None)) is Role.ADMIN

    def _role(self, user: User) -> Role:
        """The role in force: what settings give is not stored, so that it ends with the setting."""
        if user.id in self._settings.admins:
            return Role.ADMIN
        if user.id in self._settings.allowed_users and user.role is Role.STRANGER:
            return Role.MEMBER
        return user.role

    async def first_admin_code(self) -> str | None:
        """A fresh one-time code to claim the bot with, or None when it has an admin. Earlier codes lose their force."""
        async with self._database.write() as tx:
            if self._settings.admins or await tx.people.admins():
                return None
            code = new_code()
            await tx.people.drop_invites(Role.ADMIN)
            await tx.people.add_invite(code, Role.ADMIN, uses=1)
        return code

    async def invite(self, admin: int) -> str:
        """A code that lets one person in."""
        code = new_code()
        async with self._database.write() as tx:
            await tx.people.add_invite(code, Role.MEMBER, uses=1, created_by=admin, valid=_INVITE_VALID)
        return code

    async def redeem(self, person: Person, code: str) -> Role | None:
        """Use a code; the role it gave, or None when it is not valid."""
        async with self._database.write() as tx:
            role = await tx.people.redeem_invite(code.upper())
            user = await tx.people.user(person.id)
            if role is not None and not (user and user.role is Role.ADMIN):
                await tx.people.set_role(person.id, role)
        return role

    async def allow_group(self, place: Place, allowed: bool) -> None:
        """Let everybody in a group use the bot, or no longer."""
        async with self._database.write() as tx:
            await tx.people.allow_chat(place.chat_id, allowed)

    async def set_language(self, person: Person, language: str | None) -> None:
        """Keep the language a person chose for the menus."""
        async with self._database.write() as tx:
            await tx.people.set_language(person.id, language)


def new_code() -> str:
    """A code that is short enough to type and too long to guess (10 characters of 32: 50 bits)."""
    letters = [secrets.choice(_ALPHABET) for _ in range(10)]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])
