"""Training runs and the model versions they made."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import ModelVersion
from storage.repositories.sql import upsert
from storage.schema import now

_BATCH = 1000


class Models:
    """What was trained, on what, and what serves."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record_run(
        self,
        kind: str,
        version: str,
        manifest: Mapping[str, Any],
        origins: Iterable[str],
    ) -> int:
        """Store a finished training run with every row that taught it, and the version that it made."""
        run = schema.TrainingRun(
            kind=kind,
            status="done",
            data_sha256=manifest["data"]["sha256"],
            rows=manifest["data"]["rows"],
            parent=manifest.get("parent"),
            version=version,
            scores=dict(manifest.get("scores", {})),
            finished_at=now(),
        )
        self._session.add(run)
        await self._session.flush()
        rows = [{"run_id": run.id, "origin": origin} for origin in origins]
        for start in range(0, len(rows), _BATCH):
            await self._session.execute(insert(schema.TrainingExample), rows[start : start + _BATCH])
        await self.record_version(kind, version, manifest, run.id)
        return run.id

    async def record_version(
        self, kind: str, version: str, manifest: Mapping[str, Any], run_id: int | None = None
    ) -> None:
        """Store a model version; one that is stored already stays as it is."""
        statement = upsert(self._session, schema.ModelVersion).values(
            kind=kind, version=version, manifest=dict(manifest), run_id=run_id
        )
        await self._session.execute(statement.on_conflict_do_nothing())

    async def mark_promoted(self, kind: str, version: str) -> None:
        """Remember when a version began to serve for the first time."""
        await self._session.execute(
            update(schema.ModelVersion)
            .where(
                schema.ModelVersion.kind == kind,
                schema.ModelVersion.version == version,
                schema.ModelVersion.promoted_at.is_(None),
            )
            .values(promoted_at=now())
        )

    async def versions(self, kind: str) -> list[ModelVersion]:
        """All versions of a kind, oldest first."""
        rows = await self._session.scalars(
            select(schema.ModelVersion).where(schema.ModelVersion.kind == kind).order_by(schema.ModelVersion.id)
        )
        return [
            ModelVersion(row.kind, row.version, row.manifest, row.created_at, row.promoted_at is not None)
            for row in rows
        ]

    async def count_examples(self, version: str) -> int:
        """How many rows taught a version."""
        return (
            await self._session.scalar(
                select(func.count(schema.TrainingExample.id))
                .join(schema.TrainingRun)
                .where(schema.TrainingRun.version == version)
            )
            or 0
        )
