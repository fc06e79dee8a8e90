"""Jobs are done when they are due: at a time of day, or every so often, and a restart neither repeats nor forgets."""

from datetime import datetime, timedelta

import pytest

from bot.schedule import Job, Schedule, latest
from storage.database import Database

NOON = datetime.fromisoformat("2026-03-01T12:00:00+08:00")


@pytest.mark.parametrize(
    ("at", "found"), [("03:30", "2026-03-01T03:30"), ("12:00", "2026-03-01T12:00"), ("23:59", "2026-02-28T23:59")]
)
def test_the_latest_time_of_day(at: str, found: str) -> None:
    assert latest(at, NOON) == datetime.fromisoformat(f"{found}:00+08:00")


async def test_a_daily_job_waits_for_its_time_and_comes_once_a_day(database: Database) -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("x")

    def started() -> Schedule:
        return Schedule(database, [Job("night", work, at="03:30")])

    await started().look(NOON)
    assert done == []  # its time today was before the first start
    schedule = started()
    for hours in (12, 15, 16, 17, 30):
        await schedule.look(NOON + timedelta(hours=hours))
    assert len(done) == 1
    await started().look(NOON + timedelta(hours=31))
    assert len(done) == 1
    await started().look(NOON + timedelta(hours=41))
    assert len(done) == 2


async def test_a_seldom_job_begins_at_once_and_survives_a_restart(sqlite: Database) -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("x")

    for minutes in (0, 30, 59, 60, 61):
        await Schedule(sqlite, [Job("hourly", work, every=timedelta(hours=1))]).look(NOON + timedelta(minutes=minutes))
    assert len(done) == 2


async def test_a_job_that_fails_keeps_no_other_from_its_turn(
    sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def fails() -> None:
        raise ZeroDivisionError

    async def works() -> None:
        done.append("x")

    often = timedelta(minutes=1)
    await Schedule(sqlite, [Job("first", fails, every=often), Job("second", works, every=often)]).look(NOON)
    assert done == ["x"]
    assert "'first' failed" in caplog.text
