"""Versions on their way into service, and back."""

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import Rollout, RolloutStatus
from storage.repositories.sql import ring
from storage.schema import now

MOVED = "models"  # what is rung when other versions serve
_SERVING = (RolloutStatus.CANARY.value, RolloutStatus.LIVE.value)


class Rollouts:
    """One row for each time that a version went into service."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, kind: str, version: str, previous: str | None, share: float) -> None:
        """A version begins to serve `share` of the chats: a canary below 1, else live, and all before it are replaced.

        One that serves so already stays as it is.
        """
        status = RolloutStatus.LIVE if share >= 1 else RolloutStatus.CANARY
        standing = await self.current(kind)
        if standing and (standing.version, standing.status) == (version, status):
            return
        await self._end(kind, RolloutStatus.REPLACED, None)
        self._session.add(
            schema.Rollout(kind=kind, version=version, previous=previous, share=share, status=status.value)
        )
        await self._session.flush()
        await ring(self._session, MOVED)

    async def give_back(self, kind: str, reason: str) -> None:
        """What serves, whole or in part, went back to its previous version, for a `reason` of at most 64 characters."""
        await self._end(kind, RolloutStatus.RETURNED, reason)
        await ring(self._session, MOVED)

    async def _end(self, kind: str, status: RolloutStatus, reason: str | None) -> None:
        await self._session.execute(
            update(schema.Rollout)
            .where(schema.Rollout.kind == kind, schema.Rollout.status.in_(_SERVING))
            .values(status=status.value, reason=reason, ended_at=now())
        )

    async def current(self, kind: str) -> Rollout | None:
        """The newest that is under way or live; None where the first version serves, or one was given back."""
        return await self._newest(kind, serving=True)

    async def latest(self, kind: str) -> Rollout | None:
        """The newest, however it ended."""
        return await self._newest(kind, serving=False)

    async def of_version(self, kind: str, version: str) -> Rollout | None:
        """The newest of a version."""
        statement = self._ordered(kind).where(schema.Rollout.version == version)
        return _rollout((await self._session.scalars(statement.limit(1))).one_or_none())

    async def _newest(self, kind: str, *, serving: bool) -> Rollout | None:
        statement = self._ordered(kind)
        if serving:
            statement = statement.where(schema.Rollout.status.in_(_SERVING))
        return _rollout((await self._session.scalars(statement.limit(1))).one_or_none())

    @staticmethod
    def _ordered(kind: str) -> Select[schema.Rollout]:
        return select(schema.Rollout).where(schema.Rollout.kind == kind).order_by(schema.Rollout.id.desc())


def _rollout(row: schema.Rollout | None) -> Rollout | None:
    if row is None:
        return None
    return Rollout(
        id=row.id,
        kind=row.kind,
        version=row.version,
        previous=row.previous,
        share=row.share,
        status=RolloutStatus(row.status),
        reason=row.reason,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
