"""One worker thread for all models: batches, bounds, failures, and the end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bot.inference import Inference, Models
from nlp.router import Router
from nlp.types import Prediction, Route
from tests.support.apps import small_models


@dataclass
class SlowRouter:
    """Keeps every batch waiting until the gate opens, and remembers it."""

    version: str = "slow"
    gate: threading.Event = field(default_factory=threading.Event)
    batches: list[list[str]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def route_many(self, texts: Sequence[str]) -> list[Route]:
        """A route that carries the text itself as its intent."""
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread().name)
        assert self.gate.wait(10)
        if "bad" in texts:
            raise ValueError("a router failed")
        return [Route("en", (Prediction(text, 1.0),), (), 1.0, True, True, 1.0) for text in texts]


def models_with(router: Any) -> Models:
    return replace(small_models(), router=cast("Router", router))


@pytest.fixture
def router() -> SlowRouter:
    return SlowRouter()


@pytest.fixture
async def inference(router: SlowRouter) -> AsyncIterator[Inference]:
    """Models whose router waits for its gate."""
    async with Inference(models_with(router)) as inference:
        yield inference
        router.gate.set()


async def ask(inference: Inference, *texts: str) -> list[asyncio.Task[Route]]:
    """Ask for routes and let the questions arrive."""
    tasks = [asyncio.create_task(inference.route(text)) for text in texts]
    await asyncio.sleep(0.02)
    return tasks


async def test_everything_runs_on_one_other_thread(inference: Inference, router: SlowRouter) -> None:
    router.gate.set()
    names = await asyncio.gather(*(inference.run(lambda: threading.current_thread().name) for _ in range(5)))
    await inference.route("x")
    assert router.threads == set(names)
    assert len(router.threads) == 1
    assert threading.current_thread().name not in router.threads


async def test_the_loop_is_free_while_the_worker_works(inference: Inference, router: SlowRouter) -> None:
    (task,) = await ask(inference, "slow")
    await asyncio.sleep(0.01)
    assert not task.done()
    router.gate.set()
    assert (await task).intent.label == "slow"


async def test_what_waits_meanwhile_shares_one_pass_and_everybody_gets_their_own(
    inference: Inference, router: SlowRouter
) -> None:
    first = await ask(inference, "first")
    others = await ask(inference, *(f"text {n}" for n in range(100)))
    router.gate.set()
    routes = await asyncio.gather(*first, *others)
    assert [route.intent.label for route in routes] == ["first", *(f"text {n}" for n in range(100))]
    assert [len(batch) for batch in router.batches] == [1, 64, 36]


async def test_the_queue_is_bounded(inference: Inference, router: SlowRouter) -> None:
    tasks = await ask(inference, *map(str, range(1500)))
    assert len(inference._waiting) + len(router.batches[0]) == 1024
    router.gate.set()
    assert [route.intent.label for route in await asyncio.gather(*tasks)] == list(map(str, range(1500)))


async def test_a_failure_reaches_those_of_its_batch_alone(inference: Inference, router: SlowRouter) -> None:
    good = await ask(inference, "good")
    bad = await ask(inference, "bad", "neighbour")
    router.gate.set()
    assert (await good[0]).intent.label == "good"
    for task in bad:
        with pytest.raises(ValueError, match="a router failed"):
            await task
    assert (await inference.route("later")).intent.label == "later"


async def test_an_exception_of_any_function_reaches_its_caller(inference: Inference) -> None:
    with pytest.raises(ZeroDivisionError):
        await inference.run(lambda: 1 // 0)
    assert await inference.run(divmod, 7, 2) == (3, 1)


async def test_a_caller_who_has_gone_is_not_worked_for(inference: Inference, router: SlowRouter) -> None:
    (first,) = await ask(inference, "first")
    gone, stays = await ask(inference, "gone", "stays")
    gone.cancel()
    router.gate.set()
    assert (await stays).intent.label == "stays"
    assert router.batches == [["first"], ["stays"]]
    assert first.done()


async def test_models_are_swapped_between_two_passes(inference: Inference, router: SlowRouter) -> None:
    (old,) = await ask(inference, "old")
    newer = SlowRouter(version="newer")
    newer.gate.set()
    inference.models = models_with(newer)
    assert inference.models.versions["router"] == "newer"
    (new,) = await ask(inference, "new")
    router.gate.set()
    await asyncio.gather(old, new)
    assert (router.batches, newer.batches) == ([["old"]], [["new"]])


async def test_closing_lets_nobody_wait_for_ever(router: SlowRouter) -> None:
    async with Inference(models_with(router)) as inference:
        tasks = await ask(inference, "worked on", "waits")
        late = await ask(inference, "late")
        router.gate.set()
    done, pending = await asyncio.wait([*tasks, *late], timeout=5)
    assert (len(done), pending) == (3, set())
    with pytest.raises(RuntimeError, match="closed"):
        await asyncio.wait_for(inference.route("too late"), 5)
    with pytest.raises(RuntimeError):
        await inference.run(len, "too late")


def test_versions_name_every_model() -> None:
    models = small_models()
    assert models.versions == {
        "encoder": "bag",
        "router": models.router.version,
        "generator": "extractive",
        "summarizer": "extractive",
    }
