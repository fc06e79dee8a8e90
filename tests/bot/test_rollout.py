"""Versions go into service between messages, on trial or whole, and back; nothing is lost and nothing is mixed."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.inference import Inference
from bot.rollout import Rollouts
from bot.settings import Settings
from nlp.model_store import ModelStore
from nlp.router import KIND, Router
from storage.database import Database
from storage.records import AnswerKind, NewAnswer, NewMessage, NewRoute, RolloutStatus
from tests.support.apps import private, small_app, small_models
from tests.support.training import serve_small_router

SWAPS, CHATTERS = 1000, 8


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose model store holds two versions, of which the second serves."""
    options: dict[str, Any] = {"home": tmp_path / "home"}
    chosen = Settings(**options)
    for _ in range(2):
        serve_small_router(chosen)
    return chosen


@pytest.fixture
async def inference(settings: Settings) -> AsyncIterator[Inference]:
    models, version = small_models(), versions(settings)[0]
    router = Router(models.router.scorer, models.router.calibration, version)
    async with Inference(replace(models, router=router)) as found:
        yield found


def versions(settings: Settings) -> list[str]:
    return ModelStore(settings.models_folder).versions(KIND)


async def served(database: Database, settings: Settings, inference: Inference, canary: float = 0.0) -> Rollouts:
    """The first version serves, and the second was offered."""
    first, second = versions(settings)
    ModelStore(settings.models_folder).promote(KIND, first)
    chosen = settings.model_copy(update={"canary": canary, "canary_messages": 40})
    rollouts = Rollouts(chosen, database, inference)
    assert await rollouts.offer(KIND, second, first)
    return rollouts


async def routed(database: Database, version: str, count: int, disliked: int = 0, strange: int = 0) -> None:
    """So many messages that a version routed."""
    async with database.write() as tx:
        await tx.people.see_user(1, "Ada", "en")
        await tx.people.see_chat(1, "private", "")
        for number in range(count):
            route = NewRoute("en", "question", 0.9, None, None, 0.9, number >= strange, {}, version)
            answer = NewAnswer(AnswerKind.ANSWER, "en", "ok", ({"html": "ok"},), timings={"route": 2.0})
            stored = await tx.answers.record(NewMessage(1, f"message {number}", 1), route, answer)
            await tx.feedback.vote(stored.id, 1, "button", -1 if number < disliked else 1)


async def test_a_thousand_swaps_under_load_fail_nobody_and_mix_nothing(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        models = app.inference.models
        bundles = [
            replace(models, router=Router(models.router.scorer, models.router.calibration, name))
            for name in ("blue", "green")
        ]
        app.inference.swap(bundles[0])
        swapping = True
        seen: list[str] = []

        async def chat() -> None:
            while swapping:
                reply = await app.conversation.respond(private("good morning"))
                assert reply.route is not None
                assert reply.route.intent.label == "greeting"
                seen.append(str(reply.versions["router"]))

        chatters = [asyncio.create_task(chat()) for _ in range(CHATTERS)]
        for number in range(SWAPS):
            app.inference.swap(bundles[number % 2])
            await asyncio.sleep(0.001)
        swapping = False
        await asyncio.gather(*chatters)
        assert set(seen) == {"blue", "green"}
        assert len(seen) > 50


async def test_a_message_keeps_its_models_while_others_begin_to_serve(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as app:
        models = app.inference.models
        other = replace(models, router=Router(models.router.scorer, models.router.calibration, "other"))
        answering = asyncio.create_task(app.conversation.respond(private("how do i reset my password")))
        await asyncio.sleep(0)
        app.inference.swap(other)
        assert (await answering).versions["router"] == models.router.version
        assert (await app.conversation.respond(private("good morning"))).versions["router"] == "other"


async def test_going_back_takes_no_second(sqlite: Database, settings: Settings, inference: Inference) -> None:
    first, second = versions(settings)
    rollouts = await served(sqlite, settings, inference)
    assert (inference.models.router.version, rollouts.store.current(KIND)) == (second, second)
    begun = time.monotonic()
    assert await rollouts.roll_back(KIND, "command") == first
    assert time.monotonic() - begun < 1
    assert (inference.models.router.version, rollouts.store.current(KIND)) == (first, first)
    assert await rollouts.roll_back(KIND, "command") is None


async def test_a_version_on_trial_serves_its_share_of_the_chats(
    database: Database, settings: Settings, inference: Inference
) -> None:
    first, second = versions(settings)
    rollouts = await served(database, settings, inference, canary=0.25)
    chats = [inference.of_chat(number).router.version for number in range(2000)]
    assert chats == [inference.of_chat(number).router.version for number in range(2000)]
    assert 0.2 < chats.count(second) / len(chats) < 0.3
    assert (inference.models.router.version, rollouts.store.current(KIND)) == (first, first)
    await routed(database, first, 40)
    await routed(database, second, 39)
    assert await rollouts.watch() is None
    await routed(database, second, 1)
    proved = await rollouts.watch()
    assert proved is not None
    assert (proved.status, inference.models.router.version) == (RolloutStatus.LIVE, second)
    assert {inference.of_chat(number).router.version for number in range(50)} == {second}


@pytest.mark.parametrize(("worse", "reason"), [({"disliked": 20}, "votes"), ({"strange": 20}, "scope")])
@pytest.mark.parametrize("canary", [0.0, 0.25])
async def test_a_version_that_fares_worse_goes_back_by_itself(
    sqlite: Database, settings: Settings, inference: Inference, worse: dict[str, int], reason: str, canary: float
) -> None:
    first, second = versions(settings)
    rollouts = await served(sqlite, settings, inference, canary)
    await routed(sqlite, first, 60)
    await routed(sqlite, second, 39, **worse)
    returned = await rollouts.watch()
    assert returned is not None
    assert (returned.status, returned.reason) == (RolloutStatus.RETURNED, reason)
    assert (inference.models.router.version, rollouts.store.current(KIND)) == (first, first)
    assert {inference.of_chat(number).router.version for number in range(50)} == {first}


async def test_a_trial_goes_on_after_a_restart(sqlite: Database, settings: Settings, inference: Inference) -> None:
    _, second = versions(settings)
    await served(sqlite, settings, inference, canary=0.5)
    inference.end_trial()
    await Rollouts(settings, sqlite, inference).open()
    assert second in {inference.of_chat(number).router.version for number in range(50)}


async def test_what_another_process_promotes_serves_soon(
    sqlite: Database, settings: Settings, inference: Inference
) -> None:
    _, second = versions(settings)
    await Rollouts(settings, sqlite, inference).watch()
    assert inference.models.router.version == second
