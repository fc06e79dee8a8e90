"""Several workers on one inbox: each serves the slots of chats whose leases it holds, all of a slot or nothing.

A worker takes slots in which something waits, as long as it has no more of them than its share, which is that of all
such slots among all workers; it gives back those that are empty, and what is beyond its share when others come. What it
does for a slot is done behind the fence of its lease, so that nothing of what it stores or sends can follow the work of
whoever has the slot after it. In memory there are only the next few updates of each chat.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from math import ceil

from bot.inbox import Lanes
from bot.leading import EXPIRES_AFTER, LOOK_EVERY, RENEW_EVERY
from bot.news import News, whenever
from storage.database import Database, Transaction
from storage.fencing import Fence
from storage.records import PendingUpdate
from storage.repositories.inbox import CAME
from storage.repositories.leases import FREED
from storage.slots import slot_of

_log = logging.getLogger(__name__)
_AHEAD = 32  # updates of one chat in memory
_RELOAD_EVERY = 5.0  # seconds, for what is to be tried again at somebody's wish
_REST = 3.0  # times as long as a look took: then comes the next, so that a long backlog is not read all the time
_REST_MOST = 1.0  # seconds: a look may also have waited for a lock


class Slots:
    """Takes slots for lanes, keeps them, and gives them back. `on_workers` hears how many workers there are."""

    def __init__(
        self, database: Database, lanes: Lanes, bot_id: int, holder: str, on_workers: Callable[[int], None]
    ) -> None:
        self._database = database
        self._lanes = lanes
        self._bot_id = bot_id
        self._holder = holder
        self._on_workers = on_workers
        self._held: dict[int, Fence] = {}
        self._leaving: set[int] = set()  # held, with nothing new begun there
        self._dirty: set[int] = set()  # where more may wait than is loaded
        self._longer: set[int] = set()  # where more waits than is loaded
        self._here: Fence | None = None  # counts this worker
        self._closing = False
        self._sure_until = 0.0
        self._reload_at = 0.0
        self._look_now, self._beat_now = asyncio.Event(), asyncio.Event()
        lanes.fences = self._held
        lanes.emptied = self._emptied

    def listen(self, news: News) -> None:
        """Hear of what came and of what is free."""
        news.on(CAME, self._came)
        news.on(FREED, lambda _: self._look_now.set())

    def offer(self, update: PendingUpdate) -> None:
        """Look at once for an update that was stored by this process."""
        self._dirty.add(slot_of(update.lane))
        self._look_now.set()

    async def open(self) -> None:
        """Count as a worker, and take the first slots."""
        async with self._database.write() as tx:
            await tx.leases.forget(self._prefix)
        await self.beat()
        await self.look()

    async def keep(self) -> None:
        """Renew what is held; until cancelled."""
        await whenever(self._beat_now, RENEW_EVERY, self.beat)

    async def take(self) -> None:
        """Take what waits; until cancelled."""
        await whenever(self._look_now, LOOK_EVERY, self._look_and_rest)

    async def _look_and_rest(self) -> None:
        begun_at = time.monotonic()
        await self.look()
        await asyncio.sleep(min(_REST_MOST, _REST * (time.monotonic() - begun_at)))

    async def look(self) -> None:
        """Take free slots up to this worker's share, and load what waits in them and came to others."""
        if time.monotonic() >= self._reload_at:
            self._dirty |= self._held.keys()
            self._reload_at = time.monotonic() + _RELOAD_EVERY
        asked, self._dirty = self._dirty, set()
        try:
            async with self._database.write() as tx:
                taken, busy = await self._take(tx)
                missed = (busy & self._held.keys()) - self._lanes.slots  # news of it may have been lost
                wanted = ((asked | missed) & self._serving()) | taken.keys()
                found = await tx.inbox.first(self._bot_id, wanted, _AHEAD) if wanted else []
        except BaseException:
            self._dirty |= asked
            raise
        self._held.update(taken)
        self._load(wanted & self._serving(), found)

    async def _take(self, tx: Transaction) -> tuple[dict[int, Fence], set[int]]:
        """What is taken now, and the slots in which something waits."""
        busy = await tx.inbox.busy(self._bot_id)
        free = busy - self._held.keys()
        if not free or self._closing:
            return {}, busy
        share = ceil(len(busy) / max(1, await tx.leases.count(self._prefix)))
        room = share - len(busy & self._serving())
        if room <= 0:
            return {}, busy
        names = {_name(self._bot_id, slot): slot for slot in free}
        taken = await tx.leases.take(names, self._holder, EXPIRES_AFTER, room)
        return {names[held.name]: held for held in taken}, busy

    def _load(self, slots: Collection[int], found: list[PendingUpdate]) -> None:
        loaded = Counter(update.lane for update in found)
        self._longer -= set(slots)
        self._longer |= {slot_of(lane) for lane, count in loaded.items() if count >= _AHEAD}
        for update in found:
            if slot_of(update.lane) in slots:
                self._lanes.offer(update)

    async def beat(self) -> None:
        """Renew what is held, give back what is empty, and leave what is beyond this worker's share."""
        asked_at = time.monotonic()
        held = dict(self._held)
        try:
            busy, workers = await self._renew(held)
        except Exception:
            if time.monotonic() > self._sure_until:
                self._lose(self._held)
            raise
        self._sure_until = asked_at + EXPIRES_AFTER
        self._on_workers(workers)
        self._leave_beyond(ceil(len(busy) / workers), busy)
        await self._give_back(busy)

    async def _renew(self, held: dict[int, Fence]) -> tuple[set[int], int]:
        """Renew leases; the slots in which something waits, and how many workers there are."""
        here = self._here
        async with self._database.write() as tx:
            mine = [*held.values(), *([here] if here and not self._closing else [])]
            kept = set(await tx.leases.renew(mine, EXPIRES_AFTER))
            if not self._closing and (here is None or here not in kept):
                (here,) = await tx.leases.take([f"{self._prefix}{self._holder}"], self._holder, EXPIRES_AFTER)
            workers = max(1, await tx.leases.count(self._prefix))
            busy = await tx.inbox.busy(self._bot_id)
        self._here = here
        self._lose({slot: one for slot, one in held.items() if one not in kept})
        return busy, workers

    def _lose(self, lost: dict[int, Fence]) -> None:
        """Drop what another worker may be at by now."""
        gone = {slot for slot, held in lost.items() if self._held.get(slot) == held}
        if gone:
            _log.error("%d slots of chats were lost to other workers", len(gone))
            self._drop(gone)
            self._lanes.leave(gone, cut=True)

    def _leave_beyond(self, share: int, busy: set[int]) -> None:
        mine = sorted(busy & self._serving())
        beyond = mine[max(1, share) :]
        self._leaving.update(beyond)
        self._lanes.leave(beyond)

    async def _give_back(self, busy: set[int]) -> None:
        empty = {slot for slot in self._held.keys() - self._lanes.slots if slot in self._leaving or slot not in busy}
        if not empty:
            return
        given = [self._held[slot] for slot in empty]
        self._drop(empty)
        async with self._database.write() as tx:
            await tx.leases.release(given)

    def _drop(self, slots: Collection[int]) -> None:
        for slot in slots:
            del self._held[slot]
        self._leaving.difference_update(slots)

    def close_door(self) -> None:
        """Begin nothing more, and let others have what is not at work; `keep` is still to run."""
        self._closing = True
        self._leaving.update(self._held)
        self._lanes.leave(self._held)
        self._beat_now.set()

    async def close(self) -> None:
        """Give everything back; nothing is at work any more.

        That includes slots that it does not know of: a look that was cut off may have taken them all the same.
        """
        self._drop(list(self._held))
        async with self._database.write() as tx:
            for prefix in (_name(self._bot_id, ""), f"{self._prefix}{self._holder}"):
                await tx.leases.release_all(prefix, self._holder)

    def _serving(self) -> set[int]:
        return self._held.keys() - self._leaving

    def _came(self, what: str) -> None:
        bot_id, _, slot = what.partition(":")
        if not what:  # some news may have been missed
            self._dirty |= self._held.keys()
        elif bot_id == str(self._bot_id):
            self._dirty.add(int(slot))
        else:
            return
        self._look_now.set()

    def _emptied(self, slot: int) -> None:
        if slot in self._leaving:
            self._beat_now.set()
        elif slot in self._longer:
            self._dirty.add(slot)
            self._look_now.set()

    @property
    def _prefix(self) -> str:
        return f"worker:{self._bot_id}:"


def _name(bot_id: int, slot: int | str) -> str:
    return f"slot:{bot_id}:{slot}"
