"""What a process of the bot does, and which place it has among those that share a home folder and a database."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from filelock import FileLock, Timeout

from bot.app import RUNNING, check_home, only_bot
from bot.errors import FolderTaken, SettingsError
from bot.settings import Settings
from storage.database import sqlite_file

_SEATS = 64  # processes on one home folder
_LONGEST = 128  # characters of a holder's name


class Role(StrEnum):
    """All of it, or one part: receiving updates, answering them, or training and what comes again and again."""

    ALL = "all"
    RECEIVER = "receiver"
    WORKER = "worker"
    TRAINER = "trainer"

    def does(self, part: "Role") -> bool:
        """Whether this role is, or has in it, another."""
        return self in (Role.ALL, part)


@dataclass(frozen=True, slots=True)
class Seat:
    """A process among others: its role, who it is to them, and its number in its home folder, from 1 on; 0 is alone.

    Who has the same seat after a restart is the same to others, and takes at once what it held.
    """

    role: Role = Role.ALL
    holder: str = "alone"
    number: int = 0


ALONE = Seat()


@contextmanager
def take_seat(settings: Settings) -> Iterator[Seat]:
    """A seat for as long as the block runs.

    Raises:
        FolderTaken: there is none on the home folder. StartError: the folder cannot be written.
        SettingsError: the role is but a part, and the database or the chat page serves one process.
    """
    role = Role(settings.role)
    if role is not Role.ALL:
        _check_parts(settings, role)
        with _free_seat(settings, role) as seat:
            yield seat
        return
    with only_bot(settings.home):
        yield Seat(role, _holder(settings, 0), 0)


def _check_parts(settings: Settings, role: Role) -> None:
    if sqlite_file(settings.database_url) is not None:
        raise SettingsError(
            f"role {role.value!r} needs a database that several processes can share, and SQLite is none: set "
            "DAWEN_DATABASE to a PostgreSQL address, or use the role 'all'"
        )
    if settings.telegram_bot_token is None:
        raise SettingsError(
            f"role {role.value!r} needs Telegram, and the chat page serves one process: set TELEGRAM_BOT_TOKEN, or use "
            "the role 'all'"
        )


@contextmanager
def _free_seat(settings: Settings, role: Role) -> Iterator[Seat]:
    check_home(settings.home)
    for number in range(1, _SEATS + 1):
        lock = FileLock(settings.home / f"{RUNNING}-{number}", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        try:
            yield Seat(role, _holder(settings, number), number)
        finally:
            lock.release()
        return
    raise FolderTaken(f"{_SEATS} processes run on folder {str(settings.home)!r}: set DAWEN_HOME to another folder")


def _holder(settings: Settings, number: int) -> str:
    """A name that no other process has, and that a process with the same seat has after this one."""
    place = settings.home.stat()
    return f"{socket.gethostname()}:{place.st_dev}-{place.st_ino}:{number}"[-_LONGEST:]
