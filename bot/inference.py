"""The asynchronous face of the models: one worker thread, routes in batches, everything else in turn.

Models are not thread-safe and compute-bound, so one thread runs them all and the event loop stays free. Routes that
wait while the worker is busy share one forward pass. The models are held in one frozen bundle: replacing the bundle
between two calls is a hot swap, and no call ever sees a mixture.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from nlp.encoder import Encoder
from nlp.generator import Generator
from nlp.router import Router
from nlp.summarizer import Summarizer
from nlp.types import Route

P = ParamSpec("P")
T = TypeVar("T")

_BATCH = 64
_WAITING_AT_MOST = 1024


@dataclass(frozen=True, slots=True)
class Models:
    """Everything that computes, at one version each."""

    encoder: Encoder
    router: Router
    generator: Generator
    summarizer: Summarizer

    @property
    def versions(self) -> dict[str, str]:
        """The versions to log beside everything that these models make."""
        return {
            "encoder": self.encoder.fingerprint,
            "router": self.router.version,
            "generator": self.generator.name,
            "summarizer": self.summarizer.name,
        }


class Inference:
    """Runs models off the event loop. Use as an asynchronous context manager."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._waiting: deque[tuple[str, asyncio.Future[Route]]] = deque()
        self._slots = asyncio.Semaphore(_WAITING_AT_MOST)
        self._wake = asyncio.Event()
        self._server: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Inference":
        self._server = asyncio.create_task(self._serve(), name="inference")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)
        for waiting in self._waiting:
            waiting[1].cancel()
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run any function of `nlp` on the worker thread, after what waits there already."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*args, **kwargs))

    async def route(self, text: str) -> Route:
        """The route of one text, in one pass with whatever else waits.

        Raises:
            RuntimeError: the models are closed, or were never opened. CancelledError: they were closed meanwhile.
        """
        async with self._slots:
            if self._server is None or self._server.done():
                raise RuntimeError("nobody routes: Inference is closed")
            future: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
            self._waiting.append((text, future))
            self._wake.set()
            return await future

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self._take():
                await self._route_batch(batch)

    def _take(self) -> list[tuple[str, asyncio.Future[Route]]]:
        """The next requests, without those whose caller has gone."""
        batch: list[tuple[str, asyncio.Future[Route]]] = []
        while self._waiting and len(batch) < _BATCH:
            text, future = self._waiting.popleft()
            if not future.done():
                batch.append((text, future))
        return batch

    async def _route_batch(self, batch: Sequence[tuple[str, asyncio.Future[Route]]]) -> None:
        try:
            routes = await self.run(self.models.router.route_many, [text for text, _ in batch])
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), route in zip(batch, routes, strict=True):
            if not future.done():
                future.set_result(route)
