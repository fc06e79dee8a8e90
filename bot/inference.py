"""The asynchronous face of the models: one worker thread, routes in batches, everything else in turn.

Models are not thread-safe and compute-bound, so one thread runs them all and the event loop stays free. Routes share
a forward pass: those that wait while the worker is busy, and those that arrive within `_COMPANY_SECONDS` while others
are under way; who is alone waits for nobody. The models are held in one frozen bundle: replacing the bundle between
two calls is a hot swap, and no call ever sees a mixture. Generators, which may take seconds, have threads of their own.

Where the models are on other machines, asking them is waiting: several threads do that, and as many batches of routes
are under way. What is done to the indexes stays on the one thread.
"""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

from bot.phrasing import Allowance, Hear, Phraser, Show
from nlp.adapter import QueryAdapter
from nlp.encoder import Encoded, Encoder
from nlp.generator import Answerer, Generator, Task
from nlp.router import Router
from nlp.span_reader import SpanReader
from nlp.summarizer import Summarizer
from nlp.thresholds import GIVEN, Thresholds
from nlp.types import Answer, Hit, Passage, Route

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)
_BATCH = 64
_WAITING_AT_MOST = 1024
_COMPANY_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Models:
    """Everything that computes, at one version each; `adapter` is None where the search takes vectors as they are."""

    encoder: Encoder
    router: Router
    generator: Generator
    summarizer: Summarizer
    spans: SpanReader | None = None
    adapter: QueryAdapter | None = None
    thresholds: Thresholds = GIVEN

    @property
    def versions(self) -> dict[str, str]:
        """The versions to log beside everything that these models make."""
        learned = {"retriever": self.adapter and self.adapter.version, "thresholds": self.thresholds.version}
        return {
            "encoder": self.encoder.fingerprint,
            "router": self.router.version,
            "generator": self.generator.name,
            "summarizer": self.summarizer.name,
            **{kind: version for kind, version in learned.items() if version},
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """Other models that serve `share`, in (0, 1), of the chats, always the same ones."""

    models: Models
    share: float

    def serves(self, chat_id: int) -> bool:
        """True for the chats that are tried on: which ones they are differs from version to version."""
        name = f"{self.models.router.version}:{chat_id}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") < self.share * 2**64


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """A text that waits for its route; its caller may go at any time, which cancels the future."""

    text: str
    models: Models
    future: asyncio.Future[Route]


class Inference:
    """Runs models off the event loop. Use as an asynchronous context manager."""

    def __init__(self, models: Models, allowance: Allowance | None = None, lanes: int = 1) -> None:
        """`lanes` is how many questions to the models are under way: one, unless they are on other machines."""
        self.models = models
        self._trial: Trial | None = None
        self._phraser = Phraser(self.ask, allowance or Allowance())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._askers = ThreadPoolExecutor(lanes, thread_name_prefix="asking") if lanes > 1 else self._thread
        self._lanes = lanes
        self._waiting: deque[_Request] = deque()
        self._latest: Future[Any] | None = None  # what the worker is done with last
        self._slots = asyncio.Semaphore(_WAITING_AT_MOST)
        self._wake = asyncio.Event()
        self._servers: list[asyncio.Task[None]] = []

    @property
    def ready(self) -> bool:
        """Whether texts are routed."""
        return bool(self._servers) and not any(server.done() for server in self._servers)

    @property
    def queued(self) -> int:
        """How many texts wait for their route."""
        return len(self._waiting)

    @property
    def generator_failures(self) -> int:
        """How often a generator failed or took too long since the start."""
        return self._phraser.failures

    async def __aenter__(self) -> "Inference":
        self._servers = [asyncio.create_task(self._serve(), name="inference") for _ in range(self._lanes)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.cancel()
        await asyncio.gather(*self._servers, return_exceptions=True)
        for waiting in self._waiting:
            waiting.future.cancel()
        await asyncio.to_thread(self._phraser.close)
        for threads in (self._askers, self._thread):
            threads.shutdown(wait=True, cancel_futures=True)

    def swap(self, models: Models) -> None:
        """Let other models serve, from the next message on; a trial ends with that."""
        self.models, self._trial = models, None

    def exchange(self, **parts: Any) -> None:
        """Let other parts serve, named as in `Models`, from the next message on; a trial goes on with them."""
        self.models = replace(self.models, **parts)
        if self._trial is not None:
            self._trial = replace(self._trial, models=replace(self._trial.models, **parts))

    def try_out(self, models: Models, share: float) -> None:
        """Let other models serve a share of the chats, from their next message on."""
        self._trial = Trial(models, share)

    @property
    def on_trial(self) -> tuple[str, float] | None:
        """The version of the router that serves a share of the chats, and the share; None where none does."""
        return (self._trial.models.router.version, self._trial.share) if self._trial else None

    def end_trial(self) -> None:
        """Let the models that serve the others serve all chats again."""
        self._trial = None

    def of_chat(self, chat_id: int) -> Models:
        """The models that serve a chat at this moment: to be taken once for each message."""
        return self._trial.models if self._trial and self._trial.serves(chat_id) else self.models

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run any function of `nlp` on the worker thread, after what waits there already."""
        return await self._submit(self._thread, function, *args, **kwargs)

    async def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, for a function that asks models and changes nothing: beside others where they are elsewhere."""
        return await self._submit(self._askers, function, *args, **kwargs)

    async def _submit(
        self, threads: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        work = self._latest = threads.submit(lambda: function(*args, **kwargs))
        return await asyncio.wrap_future(work)

    async def answer(
        self,
        answerer: Answerer,
        question: str,
        found: Sequence[tuple[Passage, Hit]],
        encoded: Encoded,
        hear: Hear | None = None,
    ) -> Answer:
        """The answer from the found passages, best first, in the words of the generator where it stays with them.

        `hear` is called on the event loop with each sentence of the generator once its sources support it.
        """
        draft = await self.ask(answerer.draft, question, found, encoded)
        return await self._phraser.phrase(answerer, draft, hear)

    async def compose(self, task: Task, show: Show, models: Models | None = None) -> str:
        """What the generator writes freely, told to `show` as it grows; empty where it fails."""
        return await self._phraser.compose((models or self.models).generator, task, show)

    async def route(self, text: str, models: Models | None = None) -> Route:
        """The route of one text by the models that serve, or by others, in one pass with whatever else waits.

        Raises:
            RuntimeError: the models are closed, or were never opened. CancelledError: they were closed meanwhile.
        """
        async with self._slots:
            if not self.ready:
                raise RuntimeError("nobody routes: Inference is closed")
            request = _Request(text, models or self.models, asyncio.get_running_loop().create_future())
            self._waiting.append(request)
            self._wake.set()
            return await request.future

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._gather_company()
                if batch := self._take():
                    await self._route_batch(batch)

    async def _gather_company(self) -> None:
        """Wait for others, shortly, where some are there already and the batch has room."""
        worker_is_idle = self._latest is None or self._latest.done()
        if worker_is_idle and len(self._waiting) == 1:
            return
        deadline = asyncio.get_running_loop().time() + _COMPANY_SECONDS
        while len(self._waiting) < _BATCH:
            self._wake.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _take(self) -> list[_Request]:
        """The next requests, without those whose caller has gone."""
        batch: list[_Request] = []
        while self._waiting and len(batch) < _BATCH:
            request = self._waiting.popleft()
            if not request.future.done():
                batch.append(request)
        return batch

    async def _route_batch(self, batch: Sequence[_Request]) -> None:
        """Route a batch in one pass; if that fails, each text by itself, so that one cannot spoil the others."""
        try:
            await self._answer(batch)
        except asyncio.CancelledError:
            for request in batch:
                request.future.cancel()
            raise
        except Exception as error:
            if len(batch) == 1:
                _fail(batch[0], error)
                return
            _log.warning("a batch of %d routes failed (%s); each is tried by itself", len(batch), type(error).__name__)
            await self._route_each(batch)

    async def _route_each(self, batch: Sequence[_Request]) -> None:
        left = deque(batch)
        try:
            while left:
                if not left[0].future.done():
                    await self._route_batch([left[0]])
                left.popleft()
        finally:
            for request in left:
                request.future.cancel()

    async def _answer(self, batch: Sequence[_Request]) -> None:
        routes = await self.ask(_route_many, batch)
        for request, route in list(zip(batch, routes, strict=True)):  # none is given away before all are counted
            if not request.future.done():
                request.future.set_result(route)


def _route_many(batch: Sequence[_Request]) -> list[Route]:
    """A route for each request, those of one router in one pass."""
    routes: dict[int, Route] = {}
    for router in {id(request.models.router): request.models.router for request in batch}.values():
        places = [i for i, request in enumerate(batch) if request.models.router is router]
        routes |= zip(places, router.route_many([batch[i].text for i in places]), strict=True)
    return [routes[i] for i in range(len(batch))]


def _fail(request: _Request, error: Exception) -> None:
    if not request.future.done():
        request.future.set_exception(error)
