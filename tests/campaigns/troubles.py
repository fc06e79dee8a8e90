"""What a campaign does to a bot from within its process, where the machine offers no way from outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import event

from bot import polling, telegram_bot
from storage.database import Database


class _Now:
    """How things stand in this process."""

    read_only = False
    clock: time_machine.travel | None = None


def trouble(what: str, value: Any) -> None:
    """Let something be so: `what` is a name of `_TROUBLES`."""
    _TROUBLES[what](value)


def _watch(database: Database) -> None:
    """Make SQLite refuse to write whenever that is wished, as it does for a file that may only be read."""
    if database.is_sqlite:
        event.listen(database.engine.sync_engine, "checkout", _on_checkout)


def _on_checkout(connection: Any, *_: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA query_only = {'ON' if _Now.read_only else 'OFF'}")
    cursor.close()


def _read_only(value: bool) -> None:
    _Now.read_only = value


def _clock(seconds: float) -> None:
    """Move the clock of the machine, as this process sees it; 0 puts it right."""
    if _Now.clock is not None:
        _Now.clock.stop()
        _Now.clock = None
    if seconds:
        _Now.clock = time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True)
        _Now.clock.start()


def _impatient(_: None) -> None:
    """Wait for an answer of Telegram for a second where the program waits for twenty."""
    telegram_bot._READ_WITHIN = polling.READ_WITHIN = 1.0
    polling.POLL_SECONDS = 1


_TROUBLES: dict[str, Callable[[Any], None]] = {
    "database": _watch,
    "read_only": _read_only,
    "clock": _clock,
    "impatient": _impatient,
}
