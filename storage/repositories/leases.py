"""Leases: what one process at a time does, until a moment of the database's clock, under a token that only grows."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.errors import FenceLost
from storage.fencing import Fence
from storage.repositories.sql import clock, is_sqlite, ring, upsert
from storage.schema import Lease

FREED = "freed"
_IDLE_AT_MOST = "5s"  # between two statements of work behind a fence, then PostgreSQL takes its locks from it
_FORGOTTEN_AFTER = 86_400.0  # seconds


class Leases:
    """Taking, renewing and giving back; each method is one step of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._now = clock(session)

    async def take(self, names: Collection[str], holder: str, seconds: float, most: int | None = None) -> list[Fence]:
        """Take those of some leases that nobody else holds, for so long; those that somebody takes now are left out.

        Of more than `most` only so many are taken.

        What `holder` held before is taken anew: a process that begins again goes on where it was, and what may be left
        of its predecessor is fenced off.
        """
        if not names:
            return []
        rows = [{"name": name, "holder": "", "token": 0, "expires_at": 0.0} for name in sorted(names)]
        await self._session.execute(upsert(self._session, Lease).values(rows).on_conflict_do_nothing())
        free = await self._session.scalars(
            select(Lease.name)
            .where(Lease.name.in_(names), or_(Lease.expires_at <= self._now, Lease.holder == holder))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        taken = await self._session.execute(
            update(Lease)
            .where(Lease.name.in_(free.all()))
            .values(holder=holder, token=Lease.token + 1, expires_at=self._now + seconds)
            .returning(Lease.name, Lease.token)
            .execution_options(synchronize_session=False)
        )
        return [Fence(*row) for row in taken]

    async def renew(self, fences: Collection[Fence], seconds: float) -> list[Fence]:
        """Keep leases for so long from now on; those that somebody else has taken are not among what is returned.

        One that ran out and that nobody has taken is kept too: nobody else was at work under it.
        """
        if not fences:
            return []
        return [Fence(*row) for row in await self._set(_any_of(fences), expires_at=self._now + seconds)]

    async def release(self, fences: Collection[Fence]) -> None:
        """Give leases back, for good, and let others know."""
        if fences:
            await self._free(_any_of(fences))

    async def release_all(self, prefix: str, holder: str) -> None:
        """Give back every lease of a holder whose name begins so, also what it took without coming to know of that."""
        begins = Lease.name.startswith(prefix, autoescape=True)
        await self._free(begins, Lease.holder == holder, Lease.expires_at > self._now)

    async def _free(self, *which: ColumnElement[bool]) -> None:
        if await self._set(*which, expires_at=literal(0.0), token=Lease.token + 1):
            await ring(self._session, FREED)

    async def _set(self, *which: ColumnElement[bool], **values: ColumnElement[Any]) -> list[tuple[str, int]]:
        changed = await self._session.execute(
            update(Lease)
            .where(*which)
            .values(**values)
            .returning(Lease.name, Lease.token)
            .execution_options(synchronize_session=False)
        )
        return [(name, token) for name, token in changed]

    async def check(self, held: Fence) -> None:
        """Make sure that a lease is still this one, and stays so until the transaction ends.

        PostgreSQL keeps the row from being taken meanwhile, though not from being renewed; who takes leases passes over
        it. A process that is paused in the middle of the transaction loses it soon.

        Raises:
            FenceLost: it ran out, or somebody else has taken it.
        """
        statement = select(literal(1) if is_sqlite(self._session) else _patience()).where(*self._valid(held))
        found = await self._session.scalar(statement.with_for_update(read=True, key_share=True))
        if found is None:
            raise _lost(held)

    async def glance(self, held: Fence) -> None:
        """As `check`, of this moment only.

        Raises:
            FenceLost: it ran out, or somebody else has taken it.
        """
        if await self._session.scalar(select(literal(1)).where(*self._valid(held))) is None:
            raise _lost(held)

    def _valid(self, held: Fence) -> tuple[ColumnElement[bool], ...]:
        return Lease.name == held.name, Lease.token == held.token, Lease.expires_at > self._now

    async def count(self, prefix: str) -> int:
        """How many leases whose name begins so are held by anybody."""
        held = Lease.name.startswith(prefix, autoescape=True), Lease.expires_at > self._now
        return await self._session.scalar(select(func.count()).select_from(Lease).where(*held)) or 0

    async def forget(self, prefix: str) -> None:
        """Drop leases whose name begins so and that nobody has held for a day."""
        old = Lease.name.startswith(prefix, autoescape=True), Lease.expires_at < self._now - _FORGOTTEN_AFTER
        await self._session.execute(delete(Lease).where(*old))


def _any_of(fences: Collection[Fence]) -> ColumnElement[bool]:
    return tuple_(Lease.name, Lease.token).in_([(held.name, held.token) for held in fences])


def _patience() -> ColumnElement[str]:
    return func.set_config("idle_in_transaction_session_timeout", _IDLE_AT_MOST, literal(value=True))


def _lost(held: Fence) -> FenceLost:
    return FenceLost(f"lease {held.name!r} is another process's by now: it goes on with the work")
