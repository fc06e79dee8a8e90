"""Use case: the stored versions of a kind, told with what they are and what the gate found of them."""

from bot.retrain_replies import Version
from bot.rollout import Rollouts
from nlp.learning.verdict import FILE as VERDICT
from nlp.model_store import read_extra, read_manifest
from storage.database import Database
from storage.records import RolloutStatus


async def list_versions(database: Database, rollouts: Rollouts, kind: str) -> list[Version]:
    """All stored versions of a kind, the newest first."""
    store, base, before = rollouts.store, rollouts.base(kind), await rollouts.previous(kind)
    async with database.read() as tx:
        row = await tx.rollouts.current(kind)
    roles = {
        "serves": store.current(kind),
        "trial": row.version if row and row.status is RolloutStatus.CANARY else None,
        "before": before,
        "base": base,
    }
    found = []
    for name in reversed(store.versions(kind)):
        folder = store.folder(kind, name)
        verdict, scores = read_extra(folder, VERDICT), read_manifest(folder).scores
        marks = tuple(mark for mark, version in roles.items() if version == name)
        found.append(Version(name, marks, _accuracy(verdict) or scores.get("accuracy"), verdict))
    return found


def _accuracy(verdict: dict[str, object] | None) -> float | None:
    """What a candidate got right of the fixed set's intents, in both languages together."""
    lines = verdict.get("lines") if verdict else None
    for line in lines if isinstance(lines, list) else []:
        if (line.get("set"), line.get("language"), line.get("measure")) == ("fixed", "all", "intent"):
            return float(line["candidate"])
    return None
