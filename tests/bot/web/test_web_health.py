"""Health that sees a bot that is alive and deaf, and metrics that tell nothing of what people wrote."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import update

from bot.app import App
from bot.inference import Inference
from bot.simulator.people import ADA
from bot.web import metrics
from bot.web.front import Front
from storage import schema
from storage.records import NewUpdate
from tests.support.api import calling, with_settings
from tests.support.apps import private
from tests.support.telegram import Telegram


@pytest.fixture
def running(telegram: Telegram) -> Front:
    """In front of a running bot."""
    return Front(telegram.app, telegram.bot.lanes, telegram.bot.receiver)


async def get(front: Front, path: str) -> httpx.Response:
    async with calling(Front(with_settings(front.app), front.lanes, front.receiver, front.stopping)) as client:
        return await client.get(path)


async def test_a_bot_that_polls_is_healthy_and_ready(running: Front) -> None:
    health, ready = await get(running, "/healthz"), await get(running, "/readyz")
    assert (health.status_code, health.json()["ok"], health.json()["hears"]) == (200, True, True)
    assert health.json()["last_poll_seconds"] < 90
    assert ready.json() == {"ok": True, "database": True, "tables": True, "models": True, "runs": True}


async def test_a_bot_that_is_alive_and_deaf_is_seen(running: Front, telegram: Telegram) -> None:
    telegram.fail("getUpdates", 99, delay=60)
    telegram.bot.receiver._fetched_at = time.monotonic() - 91  # type: ignore[attr-defined]
    response = await get(running, "/healthz")
    assert (response.status_code, response.json()["hears"]) == (503, False)


async def test_an_update_that_has_waited_for_long_is_seen(app: App) -> None:
    async with app.database.write() as tx:
        await tx.inbox.add(NewUpdate(1, 1, "chat:1", {}))
    assert (await get(Front(app), "/healthz")).status_code == 200
    async with app.database.engine.begin() as connection:
        received = datetime.now(UTC) - timedelta(seconds=601)
        await connection.execute(update(schema.Update).values(received_at=received))
    response = await get(Front(app), "/healthz")
    assert (response.status_code, response.json()["works"]) == (503, False)
    assert 600 < response.json()["oldest_update_seconds"] < 700


async def test_a_database_that_is_gone_is_seen(app: App) -> None:
    async with app.database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE updates")
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    health, ready = await get(Front(app), "/healthz"), await get(Front(app), "/readyz")
    assert (health.status_code, health.json()["works"]) == (503, False)
    assert (ready.status_code, ready.json()["database"], ready.json()["tables"]) == (503, True, False)


async def test_a_bot_that_ends_or_has_no_models_is_not_ready(app: App) -> None:
    ending = await get(Front(app, stopping=True), "/readyz")
    assert (ending.status_code, ending.json()["runs"]) == (503, False)
    closed = await get(Front(replace(app, inference=Inference(app.inference.models))), "/readyz")
    assert (closed.status_code, closed.json()["models"]) == (503, False)


async def test_a_cluster_that_is_away_is_told_and_the_bot_is_ready_all_the_same(app: App) -> None:
    assert "cluster" not in (await get(Front(app), "/readyz")).json()
    for there in (True, False):
        elsewhere = replace(app, site=replace(app.site, there=partial(bool, there)))
        ready = await get(Front(elsewhere), "/readyz")
        assert (ready.status_code, ready.json()["cluster"]) == (200, there)


async def test_metrics_count_what_the_bot_does_and_hold_no_words(
    running: Front, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "gpu_memory", lambda: [(5, 8)])
    async with calling(running) as client:
        message = await telegram.ask(ADA, "When are refunds paid?")
        await telegram.press(ADA, message, "👍")
        text = (await client.get("/metrics")).text
    for line in (
        'dawen_updates_total{outcome="done"} 2.0',
        'dawen_updates_total{outcome="failed"} 0.0',
        'dawen_replies_total{kind="answer"} 1.0',
        'dawen_votes_total{vote="up"} 1.0',
        'dawen_stage_seconds_count{stage="retrieve"} 1.0',
        "dawen_lanes_waiting 0.0",
        "dawen_inbox_oldest_seconds 0.0",
        "dawen_generator_failures_total 0.0",
        'dawen_gpu_memory_bytes{gpu="0",kind="used"} 5.0',
    ):
        assert line in text.splitlines(), line
    assert f"dawen_index_passages {float(running.app.knowledge.index.size)}" in text
    router = running.app.inference.models.versions["router"]
    assert router in text
    # Neither what was measured nor the hour in a version is a person's number, whatever its digits.
    named = re.sub(r"^([^#].*) \S+$", r"\1", text.replace(router, ""), flags=re.MULTILINE)
    for private_word in ("refunds", "Ada", str(ADA.id)):
        assert private_word not in named


async def test_every_reply_of_the_rest_api_is_counted_too(front: Front, api: httpx.AsyncClient) -> None:
    await api.post("/v1/ask", json={"text": private("When are refunds paid?").text})
    assert 'dawen_replies_total{kind="answer"} 1.0' in (await api.get("/metrics")).text
