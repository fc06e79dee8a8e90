"""The models as Ray Serve runs them: each replica holds one kind, computes on one thread, and takes batches.

What several bots ask at the same time shares a pass. If a pass fails, each of its texts is tried by itself, so that one
cannot spoil the others.
"""

import asyncio
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from ray import serve

from bot.remote.parcels import Parcel, unpack
from nlp.backends import Ids, Vectors
from nlp.encoder import Encoded, Encoder
from nlp.generator import Budget, Generator, Task
from nlp.minilm import passes
from nlp.reranker import Reranker
from nlp.router import Router, Scores, load_router
from nlp.span_reader import SpanReader

_ASKED_AT_ONCE = 16  # calls that share a pass
_COMPANY_SECONDS = 0.002  # that the first of them waits for others
_ROUTERS = 4  # versions in memory: what serves, what is tried out, and what came before
T = TypeVar("T")
Call = tuple[tuple[Any, ...], Sequence[Any]]  # what calls must have in common to share a pass, and the rows of one


class _Replica:
    """Models are not thread-safe, so one thread runs them, and the loop stays free for what Serve asks."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args))


class _BatchReplica(_Replica, ABC):
    """A model whose callers share passes."""

    async def _compute(self, *call: Any) -> Any:
        """What one call gets of a pass; `call` is a `Call`.

        Raises:
            Exception: what the model raises for this call alone.
        """
        found = await self._batched(call)
        if isinstance(found, Exception):
            raise found
        return found

    @serve.batch(  # type: ignore[untyped-decorator]
        max_batch_size=_ASKED_AT_ONCE, batch_wait_timeout_s=_COMPANY_SECONDS
    )
    async def _batched(self, calls: list[Call]) -> list[Any]:
        return await self._run(together, self._pass, calls)

    @abstractmethod
    def _pass(self, shared: tuple[Any, ...], rows: Sequence[Any]) -> Any:
        """One row of results for each of the rows, whose calls have `shared` in common."""


class EncoderReplica(_BatchReplica):
    """An encoder."""

    def __init__(self, opens: Callable[[], Encoder]) -> None:
        super().__init__()
        self._encoder = opens()

    async def about(self) -> tuple[str, str, int]:
        """Fingerprint, reading and dimension."""
        return self._encoder.fingerprint, self._encoder.reading, self._encoder.dimension

    async def encode(self, texts: Sequence[str], role: str, floor: float) -> Encoded:
        """See `nlp.encoder.Encoder.encode`."""
        found: Encoded = await self._compute(("encode", role, floor), texts)
        return found

    async def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        found: Encoded = await self._compute(("features",), texts)
        return found

    def _pass(self, shared: tuple[Any, ...], texts: Sequence[str]) -> Encoded:
        method, *options = shared
        found: Encoded = getattr(self._encoder, method)(texts, *options)
        return found


class RouterReplica(_BatchReplica):
    """Routers by version, with an encoder of their own: a text becomes scores in one call.

    A version that is not known yet is sent along by whoever asks, so that it needs no shared disk, and a replica that
    was started later, or again, comes to it like any other.
    """

    def __init__(self, opens: Callable[[], Encoder]) -> None:
        super().__init__()
        self._encoder = opens()
        self._routers: dict[str, Router] = {}

    async def score(self, version: str, texts: Sequence[str], parcel: Parcel | None = None) -> Scores | None:
        """The scores of a version; None where it is not known here, so that it must be sent.

        Raises:
            ModelError: what was sent is damaged, or does not fit the encoder.
        """
        if parcel is not None and version not in self._routers:
            await self._run(self._take, version, parcel)
        if version not in self._routers:
            return None
        found: Scores = await self._compute((version,), texts)
        return found

    def _take(self, version: str, parcel: Parcel) -> None:
        with tempfile.TemporaryDirectory(prefix="dawen-router-") as folder:
            self._routers[version] = load_router(unpack(parcel, Path(folder) / version), self._encoder)[0]
        for old in list(self._routers)[:-_ROUTERS]:
            del self._routers[old]

    def _pass(self, shared: tuple[str], texts: Sequence[str]) -> Scores:
        return self._routers[shared[0]].scorer.score(texts)


class RerankerReplica(_BatchReplica):
    """A cross-encoder."""

    def __init__(self, opens: Callable[[], Reranker]) -> None:
        super().__init__()
        self._reranker = opens()

    async def about(self) -> str:
        """The fingerprint."""
        return self._reranker.fingerprint

    async def score(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """See `nlp.reranker.Reranker`."""
        found: Sequence[float] = await self._compute((), pairs)
        return found

    def _pass(self, _: tuple[Any, ...], pairs: Sequence[tuple[str, str]]) -> list[float]:
        return list(self._reranker.score(pairs))


class SpanReplica(_Replica):
    """The close reader's network; a call holds all sentences of a question, to be computed in passes of a good size."""

    def __init__(self, opens: Callable[[], SpanReader]) -> None:
        super().__init__()
        self._reader = opens()

    async def forward(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        """See `nlp.span_reader.Forward`."""
        return await self._run(self._passes, ids, mask)

    def _passes(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        lengths = mask.sum(axis=1)
        scores, places = np.zeros(len(ids), np.float32), np.zeros((*ids.shape, 2), np.float32)
        rows = [list(row[:length]) for row, length in zip(ids, lengths, strict=True)]
        for picked in passes(rows, list(range(len(rows))), self._reader.tokens):
            width = lengths[picked].max()
            scores[picked], places[picked, :width] = self._reader.forward(ids[picked, :width], mask[picked, :width])
        return scores, places


class GeneratorReplica:
    """A chat model, which batches the chats that it speaks in by itself."""

    def __init__(self, opens: Callable[[], Generator]) -> None:
        self._generator = opens()

    async def about(self) -> tuple[str, bool]:
        """Who speaks, and whether it words answers anew."""
        return self._generator.name, self._generator.phrases

    async def stream(self, task: Task, tokens: int, seconds: float) -> AsyncIterator[str]:
        """See `nlp.generator.Generator.stream`; the budget ends when nobody listens any more."""
        budget = Budget.start(tokens, seconds)
        pieces = self._generator.stream(task, budget)
        try:
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece
        finally:
            budget.cancel.set()

    async def write(self, task: Task, tokens: int, seconds: float) -> str:
        """All pieces at once, for a connection that carries no streams."""
        return "".join([piece async for piece in self.stream(task, tokens, seconds)])


@dataclass(frozen=True, slots=True)
class _Group:
    places: list[int]
    rows: list[Any]


def together(compute: Callable[[Any, Sequence[Any]], Any], calls: Sequence[Call]) -> list[Any]:
    """One result a call, from one pass for all that have the same in common; an exception where a call fails alone.

    `compute` takes what they have in common and the rows of all; its result holds one row each, as a list or as a
    dataclass of arrays.
    """
    results: list[Any] = [None] * len(calls)
    for shared, group in _grouped(calls):
        try:
            parts = list(_parts(compute(shared, group.rows), [len(calls[place][1]) for place in group.places]))
        except Exception as error:
            alone = len(group.places) == 1
            parts = [error] if alone else [together(compute, [calls[place]])[0] for place in group.places]
        for place, part in zip(group.places, parts, strict=True):
            results[place] = part
    return results


def _grouped(calls: Sequence[Call]) -> Iterator[tuple[Any, _Group]]:
    groups: dict[Any, _Group] = {}
    for place, (shared, rows) in enumerate(calls):
        group = groups.setdefault(shared, _Group([], []))
        group.places.append(place)
        group.rows.extend(rows)
    yield from groups.items()


def _parts(whole: Any, lengths: Sequence[int]) -> Iterator[Any]:
    """A result taken apart, into as many rows as each call gave."""
    start = 0
    for length in lengths:
        rows = slice(start, start := start + length)
        yield (
            whole[rows]
            if isinstance(whole, list)
            else type(whole)(*(getattr(whole, f.name)[rows] for f in fields(whole)))
        )
