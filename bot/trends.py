"""Use case: what the bot did lately as charts, and whether what people write has changed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from bot.rollout import Rollouts
from bot.versions import list_versions
from nlp.learning.charts import Statistics, draw_statistics
from nlp.learning.drift import Drift, Seen, measure_drift
from nlp.learning.health import p50, p95
from nlp.router import KIND
from nlp.types import Language
from storage.database import Database
from storage.records import Routed, Trend

DAYS = 30
_RECENT = timedelta(days=7)  # compared with the four weeks before
_REFERENCE = timedelta(days=28)


async def drift_of(database: Database) -> Drift:
    """How far the messages of the last week differ from those of the four weeks before."""
    recent = datetime.now(UTC) - _RECENT
    async with database.read() as tx:
        before, now = await tx.trends.routed(recent - _REFERENCE, recent), await tx.trends.routed(recent)
    return await asyncio.to_thread(measure_drift, [_seen(row) for row in before], [_seen(row) for row in now])


def _seen(row: Routed) -> Seen:
    language: Language = "zh" if row.language == "zh" else "en"
    return Seen(language, row.intent, row.topic, row.in_scope, row.confidence)


async def charts(database: Database, rollouts: Rollouts, language: Language) -> bytes:
    """The last days as one picture, a PNG file; nothing where nobody wrote."""
    since = datetime.now(UTC) - timedelta(days=DAYS - 1)
    async with database.read() as tx:
        rows, votes = await tx.trends.routed(since), await tx.trends.votes(since)
    if not rows:
        return b""
    versions = await list_versions(database, rollouts, KIND)
    accuracy = [(version.name, version.accuracy) for version in reversed(versions) if version.accuracy is not None]
    drift = await drift_of(database)
    data = _statistics(rows, votes, accuracy, drift, since.date())
    return await asyncio.to_thread(draw_statistics, data, language)


def _statistics(
    rows: Sequence[Routed],
    votes: Sequence[Trend],
    accuracy: Sequence[tuple[str, float]],
    drift: Drift,
    first: date,
) -> Statistics:
    days = [(first + timedelta(days=number)).isoformat() for number in range(DAYS)]
    times: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        times[row.at.date().isoformat()].append(row.milliseconds)
    opinions = Counter({(trend.day, trend.liked): trend.count for trend in votes})
    return Statistics(
        days=days,
        messages=[len(times[day]) for day in days],
        votes=[(opinions[day, True], opinions[day, False]) for day in days],
        latency=[(p50(tuple(times[day])), p95(tuple(times[day]))) if times[day] else None for day in days],
        languages=Counter(row.language for row in rows),
        intents=Counter(row.intent for row in rows),
        topics=Counter(row.topic for row in rows if row.topic),
        accuracy=accuracy,
        drift=drift.shifts,
    )
