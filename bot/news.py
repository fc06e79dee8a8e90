"""What the processes of a bot let each other know through the database: that something came, changed or is free.

News is only a hint to look at once; whoever waits for some looks by himself every so often, so that none is missed for
long when the connection breaks. With SQLite there is one process, and no news.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from storage.database import Database

_log = logging.getLogger(__name__)
_AGAIN_AFTER = 2.0  # seconds, when the connection is gone
Hear = Callable[[str], None]


class News:
    """Tells who waits for news of a topic what came of it: the text behind the topic's name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hearers: dict[str, list[Hear]] = {}

    def on(self, topic: str, hear: Hear) -> None:
        """Call `hear` for each piece of news, and once, with nothing, whenever some may have been missed."""
        self._hearers.setdefault(topic, []).append(hear)

    async def run(self) -> None:
        """Listen until cancelled."""
        if self._database.is_sqlite:
            return
        while True:
            try:
                async with self._database.listening(self._told) as gone:
                    for topic in self._hearers:
                        self._told(topic)
                    await gone.wait()
            except Exception as error:
                _log.warning("news of other processes cannot be heard (%s), trying again", type(error).__name__)
            await asyncio.sleep(_AGAIN_AFTER)

    def _told(self, news: str) -> None:
        topic, _, what = news.partition(":")
        for hear in self._hearers.get(topic, ()):
            hear(what)


async def whenever(wake: asyncio.Event, every: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do some work whenever it is woken, and every so many seconds; until cancelled. What fails is done again then."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(every):  # `wait_for` may lose a cancellation that comes together with the event
                await wake.wait()
        wake.clear()
        try:
            await work()
        except Exception as error:
            _log.warning("%s failed (%s), trying again", getattr(work, "__qualname__", "work"), type(error).__name__)
