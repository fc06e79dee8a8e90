"""/healthz: does the bot hear and work? /readyz: could it answer now? For supervisors and load balancers.

That the process runs says little: a bot can be alive and deaf. The signs are the last poll that was completed, and how
long the oldest update has waited.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.web.front import Entrance
from storage import migrate
from storage.database import Database

DEAF_AFTER = 90.0  # seconds without a completed poll
STUCK_AFTER = 600.0  # seconds that an update has waited


async def oldest_wait(database: Database) -> float:
    """Seconds that the oldest update of the inbox has waited; 0 where none waits."""
    async with database.read() as tx:
        received = await tx.inbox.oldest()
    return max(0.0, (datetime.now(UTC) - received).total_seconds()) if received else 0.0


def health_router(front: Entrance) -> APIRouter:
    """Both routes; 200 means yes, 503 no."""
    router = APIRouter(include_in_schema=False)
    newest = migrate.newest()

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        silent = front.receiver.silent_for if front.receiver else 0.0
        told: dict[str, Any] = {"hears": silent <= DEAF_AFTER, "last_poll_seconds": round(silent, 1)}
        try:
            waits = await oldest_wait(front.database)
            told |= {"works": waits <= STUCK_AFTER, "oldest_update_seconds": round(waits, 1)}
        except Exception:  # whatever the database says, it cannot be worked with
            told["works"] = False
        return _told(told, "hears", "works")

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        told = {"database": False, "tables": False, "models": front.ready, "runs": not front.stopping}
        try:
            current = await migrate.current(front.database)
            told |= {"database": True, "tables": current == newest}
        except Exception:  # as above
            told["database"] = False
        # A cluster that is away is told and no reason to say no: this process computes meanwhile.
        shown = told if front.cluster is None else {**told, "cluster": front.cluster}
        return _told(shown, *told)

    return router


def _told(told: Mapping[str, Any], *wanted: str) -> JSONResponse:
    ok = all(told[name] for name in wanted)
    return JSONResponse({"ok": ok, **told}, 200 if ok else 503, {"Cache-Control": "no-store"})
