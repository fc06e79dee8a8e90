"""What the bot does by itself, again and again: at a time of day, or every so often; one job after the other.

When a job was last done is in the database where it comes seldom, so that a restart neither repeats nor forgets it, and
of several bots on one database only one does it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Database

_log = logging.getLogger(__name__)
_LOOK_EVERY = 20.0  # seconds
_SELDOM = timedelta(hours=1)  # from which on the database remembers when a job was last done


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do `every` so often, or each day at a time of day (`at`, like "03:30", where the bot runs).

    At its first start a daily job waits for its time; any other begins at once.
    """

    name: str
    work: Callable[[], Awaitable[object]]
    every: timedelta | None = None
    at: str = ""


class Schedule:
    """Does jobs when they are due."""

    def __init__(self, database: Database, jobs: Sequence[Job]) -> None:
        self._database = database
        self._jobs = jobs
        self._done: dict[str, float] = {}

    async def run(self) -> None:
        """Look for what is due, until cancelled."""
        while True:
            await self.look(datetime.now().astimezone())
            await asyncio.sleep(_LOOK_EVERY)

    async def look(self, now: datetime) -> None:
        """Do what is due at a moment, in order; what fails is logged and comes again at its next time."""
        for job in self._jobs:
            try:
                if await self._claim(job, now):
                    await job.work()
            except Exception:
                _log.exception("the job %r failed", job.name)

    async def _claim(self, job: Job, now: datetime) -> bool:
        """True for a job that is due, which it is no longer then."""
        if job.every is not None and job.every < _SELDOM:
            last = self._done.get(job.name)
            due = last is None or time.monotonic() - last >= job.every.total_seconds()
            if due:
                self._done[job.name] = time.monotonic()
            return due
        async with self._database.read() as tx:
            last_time = await tx.marks.last(job.name)
        since = job.every if job.every is not None else now - latest(job.at, now)
        if last_time is not None and last_time > now - since:
            return False
        async with self._database.write() as tx:
            claimed = await tx.marks.claim(job.name, now, since)
        return claimed and (last_time is not None or job.every is not None)


def latest(at: str, now: datetime) -> datetime:
    """The latest moment, no later than `now`, at which it was that time of day."""
    hour, _, minute = at.partition(":")
    today = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)
