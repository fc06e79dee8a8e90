"""Use case: the keys that let programs in. A key is shown once, when it is made; only its hash is kept.

To everything else a key is a person in a chat of their own: what is asked with it is stored, rated and learned from
like anybody's messages. Its number as a person is far below all numbers that Telegram gives.
"""

import hashlib
import hmac
import re
import secrets

from bot.dialogue import Person, Place
from bot.errors import KeysError
from storage.database import Database
from storage.records import ApiKey

KIND = "api"  # of chat
_BELOW_TELEGRAM = -8_000_000_000_000_000  # fits a double too, which is how JSON in browsers reads numbers
_KEY = re.compile(r"dawen_(\d{1,15})_([A-Za-z0-9_-]{43})", re.ASCII)
_NAME = re.compile(r"[\w.@-][\w .@-]{0,62}[\w.@-]|[\w.@-]")


class ApiKeys:
    """Makes, lists, revokes and recognises keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: str, *, admin: bool = False, teach: bool = False) -> str:
        """A new key, to be shown once. An `admin` key may change the shared documents; `teach` is the consent that
        what is asked with it may teach the bot.

        Raises:
            KeysError: the name is taken, or cannot be used.
        """
        if not _NAME.fullmatch(name):
            raise KeysError(f"{name!r} cannot be the name of a key: use 1 to 64 letters, digits, '.', '-', '_' or '@'")
        secret = secrets.token_urlsafe(32)
        async with self._database.write() as tx:
            if await tx.keys.named(name):
                raise KeysError(f"there is a key {name!r} already: revoke it, or choose another name")
            key = await tx.keys.add(name, _hash(secret), admin=admin)
            person, place = person_of(key), place_of(key)
            await tx.people.see_user(person.id, person.name, None)
            await tx.people.set_consent(person.id, teach)
            await tx.people.see_chat(place.chat_id, place.kind, place.title)
        return f"dawen_{key.id}_{secret}"

    async def all(self) -> list[ApiKey]:
        """Every key, revoked ones too."""
        async with self._database.read() as tx:
            return await tx.keys.all()

    async def revoke(self, name: str) -> None:
        """Let nobody in with a key any more; a running bot refuses it at once.

        Raises:
            KeysError: there is no key of this name.
        """
        async with self._database.write() as tx:
            key = await tx.keys.named(name)
            if key is None:
                raise KeysError(f"there is no key {name!r} in force: see 'dawen keys list'")
            await tx.keys.revoke(key.id)

    async def recognise(self, shown: str) -> ApiKey | None:
        """The key in force that was shown; None for anything else."""
        found = _KEY.fullmatch(shown)
        if found is None:
            return None
        async with self._database.read() as tx:
            key = await tx.keys.get(int(found[1]))
        expected = key.secret_sha256 if key else ""
        return key if hmac.compare_digest(expected, _hash(found[2])) else None


def person_of(key: ApiKey) -> Person:
    """The person that a key is to everything else."""
    return Person(_BELOW_TELEGRAM - key.id, key.name)


def place_of(key: ApiKey, thread_id: int | None = None) -> Place:
    """The chat of a key, and in it the conversation `thread_id`."""
    return Place(_BELOW_TELEGRAM - key.id, KIND, key.name, thread_id)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
