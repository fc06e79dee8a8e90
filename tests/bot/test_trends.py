"""What the bot did lately, as charts in both languages, and whether what people write has changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rollout import Rollouts
from bot.settings import Settings
from bot.trends import charts, drift_of
from nlp.learning.charts import Statistics, draw_statistics
from nlp.learning.drift import Level
from nlp.types import LANGUAGES, Language
from storage.database import Database
from tests.support.history import answered_at
from tests.support.training import serve_small_router

NOW = datetime.now(UTC)


@pytest.fixture
def rollouts(sqlite: Database, tmp_path: Path) -> Rollouts:
    chosen: dict[str, Any] = {"home": tmp_path / "home"}
    settings = Settings(**chosen)
    serve_small_router(settings)
    return Rollouts(settings, sqlite)


async def test_another_mixture_of_intents_is_an_alarm_and_the_same_is_not(database: Database) -> None:
    assert (await drift_of(database)).level is Level.TOO_FEW
    for intent in ("question", "greeting"):
        await answered_at(database, NOW - timedelta(days=20), intent, 100)
        await answered_at(database, NOW - timedelta(days=2), intent, 100)
    assert (await drift_of(database)).level is Level.STABLE
    await answered_at(database, NOW - timedelta(days=1), "summarize", 150)
    drift = await drift_of(database)
    (moved,) = [shift for shift in drift.shifts if shift.level is Level.ALARM]
    assert (moved.name, moved.most, moved.reference, moved.recent) == ("intents", "summarize", 200, 350)


async def test_who_has_written_nothing_gets_no_picture(sqlite: Database, rollouts: Rollouts) -> None:
    assert await charts(sqlite, rollouts, "en") == b""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_picture_is_made_of_what_was_counted(
    language: Language, sqlite: Database, rollouts: Rollouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[Statistics, Language]] = []

    def watched(data: Statistics, chosen: Language) -> bytes:
        drawn.append((data, chosen))
        return draw_statistics(data, chosen)

    monkeypatch.setattr("bot.trends.draw_statistics", watched)
    await answered_at(sqlite, NOW - timedelta(days=40), "question", 3)
    await answered_at(sqlite, NOW - timedelta(days=3), "question", 4, vote=1)
    await answered_at(sqlite, NOW, "greeting", 2, vote=-1)
    assert (await charts(sqlite, rollouts, language)).startswith(b"\x89PNG")
    ((data, chosen),) = drawn
    assert chosen == language
    assert (data.messages[-1], data.messages[-4], sum(data.messages)) == (2, 4, 6)
    assert data.latency[-1] == (5.0, 5.0)
    assert data.latency[-2] is None
    assert data.votes[-1] == (4, 2)  # votes count on the day on which they were given
    assert (data.intents, data.languages) == ({"question": 4, "greeting": 2}, {"en": 6})
