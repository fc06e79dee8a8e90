"""Training runs: asked for, one at a time at work, over. The database itself lets only one be running."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import NewRun, Run, RunStatus, Taught
from storage.repositories.sql import is_sqlite, ring
from storage.schema import now

ASKED, CANCELLED = "runs", "cancel"  # what is rung when a run is to begin or be shown, and when one is to end
_BATCH = 1000


class Runs:
    """The queue of training runs, and how each went."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def queue(self, new: NewRun) -> Run:
        """Store a run that waits for its turn."""
        row = schema.TrainingRun(
            kind=new.kind,
            status=RunStatus.QUEUED.value,
            reason=new.reason,
            requested_by=new.requested_by,
            language=new.language,
        )
        self._session.add(row)
        await self._session.flush()
        await ring(self._session, ASKED)
        return _run(row)

    async def begin(self, run_id: int) -> bool:
        """Let a waiting run be the one that is running; false where another is, or it no longer waits."""
        try:
            async with self._session.begin_nested():
                begun = await self._session.execute(
                    update(schema.TrainingRun)
                    .where(schema.TrainingRun.id == run_id, schema.TrainingRun.status == RunStatus.QUEUED.value)
                    .values(status=RunStatus.RUNNING.value, started_at=now())
                    .returning(schema.TrainingRun.id)
                )
                return begun.scalar_one_or_none() is not None
        except IntegrityError:
            return False

    async def advance(self, run_id: int, phase: str, **facts: Any) -> None:
        """Store how far a run is. `facts` are columns that are known by now: data_sha256, rows, parent, version,
        scores, verdict."""
        await self._set(run_id, phase=phase, **facts)

    async def show_in(self, run_id: int, chat_id: int, telegram_id: int) -> None:
        """Remember the message that shows how far a run is."""
        await self._set(run_id, chat_id=chat_id, telegram_id=telegram_id)
        await ring(self._session, ASKED)

    async def finish(self, run_id: int, status: RunStatus, error: str | None = None) -> None:
        """End a run; `error` is one sentence that says why it failed."""
        await self._set(run_id, status=status.value, error=error, finished_at=now())

    async def _set(self, run_id: int, **values: Any) -> None:
        await self._session.execute(update(schema.TrainingRun).where(schema.TrainingRun.id == run_id).values(**values))

    async def call_off(self) -> bool:
        """Let another process, in which a run goes on, hear that it is to end it; false where none can hear."""
        await ring(self._session, f"{CANCELLED}:now")
        return not is_sqlite(self._session)

    async def cancel_queued(self) -> int:
        """Cancel every run that waits; how many there were."""
        cancelled = await self._session.execute(
            update(schema.TrainingRun)
            .where(schema.TrainingRun.status == RunStatus.QUEUED.value)
            .values(status=RunStatus.CANCELLED.value, finished_at=now())
            .returning(schema.TrainingRun.id)
        )
        return len(cancelled.scalars().all())

    async def taught(self, run_id: int, rows: Iterable[Taught]) -> None:
        """Store which rows taught a run, in place of what was stored; a message that is gone by now is left out."""
        await self._session.execute(delete(schema.TrainingExample).where(schema.TrainingExample.run_id == run_id))
        known = list(rows)
        alive = await self._alive({row.message_id for row in known if row.message_id is not None})
        values = [
            {"run_id": run_id, "origin": row.origin, "message_id": row.message_id}
            for row in known
            if row.message_id is None or row.message_id in alive
        ]
        for start in range(0, len(values), _BATCH):
            await self._session.execute(insert(schema.TrainingExample), values[start : start + _BATCH])

    async def _alive(self, messages: set[int]) -> set[int]:
        found: set[int] = set()
        ordered = sorted(messages)
        for start in range(0, len(ordered), _BATCH):
            some = ordered[start : start + _BATCH]
            found.update(await self._session.scalars(select(schema.Message.id).where(schema.Message.id.in_(some))))
        return found

    async def get(self, run_id: int) -> Run | None:
        """A run by its number."""
        row = await self._session.get(schema.TrainingRun, run_id, populate_existing=True)
        return None if row is None else _run(row)

    async def running(self) -> Run | None:
        """The one that is running."""
        return await self._first(schema.TrainingRun.status == RunStatus.RUNNING.value, oldest=True)

    async def waiting(self) -> Run | None:
        """The next one to begin."""
        return await self._first(schema.TrainingRun.status == RunStatus.QUEUED.value, oldest=True)

    async def last(self, kind: str) -> Run | None:
        """The newest of a kind that was carried through."""
        done = schema.TrainingRun.status == RunStatus.DONE.value
        return await self._first(done, schema.TrainingRun.kind == kind, oldest=False)

    async def of_version(self, version: str) -> Run | None:
        """The run that made a version."""
        return await self._first(schema.TrainingRun.version == version, oldest=False)

    async def untold(self) -> list[Run]:
        """Runs that are over and were not told about yet, oldest first.

        They have a message that shows how far they are, or were asked for by nobody and are for all admins to know.
        """
        rows = await self._session.scalars(
            select(schema.TrainingRun)
            .where(
                schema.TrainingRun.finished_at.is_not(None),
                schema.TrainingRun.telegram_id.is_not(None) | schema.TrainingRun.reason.in_(OF_ITSELF),
                schema.TrainingRun.phase.is_distinct_from(TOLD),
            )
            .order_by(schema.TrainingRun.id)
        )
        return [_run(row) for row in rows]

    async def _first(self, *conditions: Any, oldest: bool) -> Run | None:
        order = schema.TrainingRun.id if oldest else schema.TrainingRun.id.desc()
        statement = select(schema.TrainingRun).where(*conditions).order_by(order).limit(1)
        row = (await self._session.scalars(statement)).one_or_none()
        return None if row is None else _run(row)


OF_ITSELF = ("night", "labels", "forgotten")  # reasons of runs that no person asked for
TOLD = "told"  # the phase of a run whose end was told


def _run(row: schema.TrainingRun) -> Run:
    verdict: Mapping[str, Any] | None = row.verdict
    return Run(
        id=row.id,
        kind=row.kind,
        status=RunStatus(row.status),
        reason=row.reason,
        phase=row.phase,
        data_sha256=row.data_sha256,
        rows=row.rows,
        parent=row.parent,
        version=row.version,
        scores=row.scores,
        verdict=verdict,
        error=row.error,
        requested_by=row.requested_by,
        chat_id=row.chat_id,
        telegram_id=row.telegram_id,
        language=row.language,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
