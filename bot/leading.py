"""What one process does for all: whoever holds the lease does it, and another goes on soon after that one has ended.

The lease is renewed far more often than it runs out, so that a busy moment costs nothing; whoever waits for it looks
every second. Together that is how long nobody does the work after a process was killed: 8 seconds at most. A SQLite
database serves one process, which the lock on its home folder sees to: it needs no lease.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import uuid4

from storage.database import Database
from storage.fencing import Fence, fence

_log = logging.getLogger(__name__)
EXPIRES_AFTER = 7.0  # seconds without being renewed
RENEW_EVERY = 2.0
LOOK_EVERY = 1.0
Endless = Callable[[], Coroutine[Any, Any, None]]
TRAINER = "trainer"  # the lease of whoever trains and does what comes again and again


class Work(Protocol):
    """What is done under a lease."""

    async def start(self) -> None:
        """Begin; tasks that are made here write behind the lease's fence."""

    async def stop(self) -> None:
        """End, in whatever state it is."""


class Leader:
    """Does some work while this process holds the lease of a name."""

    def __init__(self, database: Database, name: str, holder: str, work: Work) -> None:
        self._database = database
        self._name = name
        self._holder = holder
        self._work = work
        self._held: Fence | None = None
        self._works = False
        self._sure_until = 0.0

    async def begin(self) -> bool:
        """Take the lease and begin the work, where nobody else does it.

        Raises:
            Exception: what keeps the work from beginning; the lease is given back.
        """
        if not self._database.is_sqlite and not await self._take():
            return False
        self._works = True
        before = fence.set(self._held)
        try:
            await self._work.start()
        except BaseException:
            await self.end()
            raise
        finally:
            fence.reset(before)
        return True

    async def _take(self) -> bool:
        asked_at = time.monotonic()
        async with self._database.write() as tx:
            taken = await tx.leases.take([self._name], self._holder, EXPIRES_AFTER)
        if taken:
            self._held, self._sure_until = taken[0], asked_at + EXPIRES_AFTER
        return bool(taken)

    async def run(self) -> None:
        """Keep the lease, or wait for it; until cancelled."""
        while not self._database.is_sqlite:
            await asyncio.sleep(RENEW_EVERY if self._held else LOOK_EVERY)
            try:
                if self._held is None:
                    await self.begin()
                elif not await self._keep(self._held):
                    _log.error("lease %r is another process's by now", self._name)
                    await self.end()
            except Exception as error:
                _log.warning("lease %r cannot be looked after (%s)", self._name, type(error).__name__)
                if self._held is not None and time.monotonic() > self._sure_until:
                    await self.end()

    async def _keep(self, held: Fence) -> bool:
        asked_at = time.monotonic()
        async with self._database.write() as tx:
            kept = await tx.leases.renew([held], EXPIRES_AFTER)
        self._sure_until = asked_at + EXPIRES_AFTER
        return bool(kept)

    async def end(self) -> None:
        """End the work, and let another process begin at once."""
        held, self._held = self._held, None
        works, self._works = self._works, False
        try:
            if works:
                await self._work.stop()
        finally:
            if held is not None:
                await self._release(held)

    async def _release(self, held: Fence) -> None:
        try:
            async with self._database.write() as tx:
                await tx.leases.release([held])
        except Exception as error:  # it runs out by itself
            _log.warning("lease %r cannot be given back (%s)", self._name, type(error).__name__)


class Tasks:
    """Work that is a number of tasks, each of which runs until it is cancelled."""

    def __init__(self, works: Mapping[str, Endless]) -> None:
        """What makes each task, by its name."""
        self._works = works
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """See `Work.start`."""
        self._running = [asyncio.create_task(work(), name=name) for name, work in self._works.items()]

    async def stop(self) -> None:
        """See `Work.stop`."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@asynccontextmanager
async def holding(database: Database, name: str) -> AsyncIterator[bool]:
    """Hold a lease while the block runs; false where another process has it."""
    leader = Leader(database, name, uuid4().hex, Tasks({}))
    mine = await leader.begin()
    keeping = asyncio.create_task(leader.run(), name=f"lease {name}")
    try:
        yield mine
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await leader.end()


@asynccontextmanager
async def turn(database: Database, name: str) -> AsyncIterator[None]:
    """Hold a lease while the block runs, waiting for it first."""
    while True:
        async with holding(database, name) as mine:
            if mine:
                yield
                return
        await asyncio.sleep(LOOK_EVERY)
