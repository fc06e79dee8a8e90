"""One worker thread for all models: batches, bounds, failures, and the end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inference import Inference, Models
from nlp.router import Router
from nlp.types import Prediction, Route
from tests.support.apps import small_models


@dataclass
class SlowRouter:
    """Keeps every batch waiting until the gate opens, and remembers it."""

    version: str = "slow"
    gate: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    batches: list[list[str]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def route_many(self, texts: Sequence[str]) -> list[Route]:
        """A route that carries the text itself as its intent."""
        self.batches.append(list(texts))
        self.reached.set()
        self.threads.add(threading.current_thread().name)
        assert self.gate.wait(10)
        if "bad" in texts:
            raise ValueError("a router failed")
        return [Route("en", (Prediction(text, 1.0),), (), 1.0, True, True, 1.0) for text in texts]


class QuickRouter:
    """Answers at once; `fails` says for which batches it raises or forgets."""

    def __init__(self, fails: Callable[[Sequence[str]], bool], error: bool) -> None:
        self.version = "quick"
        self._fails, self._error = fails, error

    def route_many(self, texts: Sequence[str]) -> list[Route]:
        """A route that carries the text itself as its intent."""
        routes = [Route("en", (Prediction(text, 1.0),), (), 1.0, True, True, 1.0) for text in texts]
        if not self._fails(texts):
            return routes
        if self._error:
            raise ValueError(next(text for text in texts if text.startswith("bad")))
        return routes[1:]


PICKY = QuickRouter(lambda texts: any(text.startswith("bad") for text in texts), error=True)
FORGETFUL = QuickRouter(lambda texts: len(texts) > 1, error=False)


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


async def test_a_failure_reaches_the_text_that_failed_and_no_other_of_its_batch(
    inference: Inference, router: SlowRouter
) -> None:
    first = await ask(inference, "first")
    good, bad, neighbour = await ask(inference, "good", "bad", "neighbour")
    router.gate.set()
    with pytest.raises(ValueError, match="a router failed"):
        await bad
    routes = await asyncio.gather(*first, good, neighbour, inference.route("later"))
    assert [route.intent.label for route in routes] == ["first", "good", "neighbour", "later"]
    assert router.batches[1:5] == [["good", "bad", "neighbour"], ["good"], ["bad"], ["neighbour"]]


async def test_a_router_that_answers_too_few_fails_nobody_who_can_be_answered_alone(inference: Inference) -> None:
    inference.models = models_with(FORGETFUL)
    routes = await asyncio.gather(*(inference.route(f"text {n}") for n in range(3)))
    assert [route.intent.label for route in routes] == ["text 0", "text 1", "text 2"]


async def test_who_leaves_while_texts_are_retried_is_not_worked_for(inference: Inference, router: SlowRouter) -> None:
    router.gate.set()
    held = SlowRouter()
    bad, leaves, stays = [asyncio.create_task(inference.route(text)) for text in ("bad", "leaves", "stays")]
    inference.models = models_with(held)
    await asyncio.to_thread(held.reached.wait, 10)
    leaves.cancel()
    held.gate.set()
    assert (await stays).intent.label == "stays"
    assert held.batches == [["bad", "leaves", "stays"], ["bad"], ["stays"]]
    with pytest.raises(ValueError, match="a router failed"):
        await bad


async def test_who_is_alone_waits_for_nobody(
    inference: Inference, router: SlowRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inference._COMPANY_SECONDS", 60)
    router.gate.set()
    for text in ("one", "another"):
        assert (await asyncio.wait_for(inference.route(text), 5)).intent.label == text


async def test_a_full_batch_waits_for_nobody(
    inference: Inference, router: SlowRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inference._COMPANY_SECONDS", 60)
    router.gate.set()
    routes = await asyncio.wait_for(asyncio.gather(*(inference.route(str(n)) for n in range(64))), 5)
    assert [route.intent.label for route in routes] == list(map(str, range(64)))
    assert [len(batch) for batch in router.batches] == [64]


async def test_those_who_come_shortly_after_others_share_their_pass(
    inference: Inference, router: SlowRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inference._COMPANY_SECONDS", 0.5)
    router.gate.set()
    early = [asyncio.create_task(inference.route(text)) for text in ("one", "two")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.create_task(inference.route("three"))
    await asyncio.gather(*early, late)
    assert router.batches == [["one", "two", "three"]]


async def test_a_time_out_costs_nobody_else_their_route(inference: Inference, router: SlowRouter) -> None:
    async def hasty(text: str) -> Route:
        async with asyncio.timeout(0.01):
            return await inference.route(text)

    patient = asyncio.create_task(inference.route("patient"))
    hurried = [asyncio.create_task(hasty(f"hasty {n}")) for n in range(5)]
    waiting = asyncio.create_task(inference.route("waiting"))
    for task in hurried:
        with pytest.raises(TimeoutError):
            await task
    router.gate.set()
    assert [(await task).intent.label for task in (patient, waiting)] == ["patient", "waiting"]


async def test_other_work_gets_its_turn_between_batches(inference: Inference, router: SlowRouter) -> None:
    done: list[str] = []
    first = await ask(inference, *map(str, range(70)))
    other = asyncio.create_task(inference.run(lambda: done.append(f"after {len(router.batches)} batches")))
    await asyncio.sleep(0.02)
    more = await ask(inference, *map(str, range(70, 300)))
    router.gate.set()
    await asyncio.gather(*first, other, *more)
    assert done in (["after 1 batches"], ["after 2 batches"])
    assert len(router.batches) >= 5


@dataclass(frozen=True)
class Caller:
    """One who asks: after so many turns of the loop, leaving after so many more (None stays)."""

    arrives: int
    leaves: int | None
    bad: bool


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(Caller, st.integers(0, 6), st.none() | st.integers(0, 12), st.booleans()), min_size=1, max_size=90
    )
)
def test_whoever_stays_gets_exactly_their_own_route(callers: list[Caller]) -> None:
    async def one(inference: Inference, number: int, caller: Caller) -> None:
        text = f"bad {number}" if caller.bad else f"good {number}"
        await turns(caller.arrives)
        task = asyncio.create_task(inference.route(text))
        if caller.leaves is not None:
            await turns(caller.leaves)
            task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, asyncio.CancelledError):
            assert caller.leaves is not None
        elif caller.bad:
            assert str(result) == text
        else:
            assert isinstance(result, Route)
            assert result.intent.label == text

    async def everybody() -> None:
        async with Inference(models_with(PICKY)) as inference:
            async with asyncio.timeout(30):
                await asyncio.gather(*(one(inference, n, caller) for n, caller in enumerate(callers)))
            assert all(request.future.done() for request in inference._waiting)
            assert inference._slots._value == 1024

    asyncio.run(everybody())


async def turns(count: int) -> None:
    """Let the loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)


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
