"""What stands in for models that are on a cluster: the same interfaces, with this process as the second choice.

While a cluster does not answer, encoder, router and close reader compute here; they are opened at that moment. The
found passages then stay in the order of the search, and answers are quoted instead of worded.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from bot.errors import ClusterAway
from bot.remote.cluster import Cluster
from bot.remote.parcels import pack
from nlp.backends import Ids, Vectors
from nlp.encoder import TRUST_FLOOR, Encoded, Encoder, Role, bundled_folder
from nlp.errors import EncoderError, GeneratorError
from nlp.generator import Budget, Task
from nlp.model_store import Arrays
from nlp.reranker import Reranker
from nlp.router import Router, Scores, load_router, router_with
from nlp.span_reader import SpanReader, pair_tokenizer

T = TypeVar("T")
_ALL_AT_ONCE = 1_000_000  # tokens in one call: all that is read for a question
_ROWS = 128  # texts in one call: enough to fill a pass, few enough for an answer in time


class Near(Generic[T]):
    """A model of this process, opened when it is first needed, by one thread."""

    def __init__(self, opens: Callable[[], T]) -> None:
        self._opens = opens
        self._lock = threading.Lock()
        self._found: T | None = None

    def __call__(self) -> T:
        """The model."""
        with self._lock:
            if self._found is None:
                self._found = self._opens()
            return self._found


class RemoteEncoder:
    """An encoder on a cluster."""

    def __init__(self, cluster: Cluster, opens: Callable[[], Encoder]) -> None:
        self.fingerprint, self.reading, self.dimension = cluster.ask("encoder", "about")
        self._cluster = cluster
        self._near = Near(lambda: self._checked(opens()))

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`."""
        return self._encoded("encode", texts, role, floor)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        return self._encoded("features", texts)

    def near(self) -> Encoder:
        """The same encoder in this process.

        Raises:
            EncoderError: it cannot be loaded here, or is another one.
        """
        return self._near()

    def _encoded(self, method: str, texts: Sequence[str], *options: Any) -> Encoded:
        parts = [list(texts[start : start + _ROWS]) for start in range(0, max(len(texts), 1), _ROWS)]
        found: list[Encoded] = []
        for part in parts:
            try:
                found.append(self._cluster.ask("encoder", method, part, *options))
            except ClusterAway:
                found.append(getattr(self.near(), method)(part, *options))
        return Encoded(np.concatenate([x.vectors for x in found]), np.concatenate([x.coverage for x in found]))

    def _checked(self, encoder: Encoder) -> Encoder:
        if (encoder.fingerprint, encoder.reading) != (self.fingerprint, self.reading):
            raise EncoderError(
                f"the encoder here is {encoder.fingerprint!r}, that of the cluster {self.fingerprint!r}: "
                "install the same on both"
            )
        return encoder


class RemoteScorer:
    """What a version of the router scores by, on a cluster. Its folder is read only where it has to be sent."""

    def __init__(self, cluster: Cluster, folder: Path, architecture: str, encoder: RemoteEncoder) -> None:
        self.architecture = architecture
        self._cluster, self._folder = cluster, folder
        self._near = Near(lambda: load_router(folder, encoder.near())[0])

    def score(self, texts: Sequence[str]) -> Scores:
        """See `nlp.router.Scorer.score`. All scores of a call are of this version, whichever replica answers."""
        try:
            found = self._ask(texts) or self._ask(texts, pack(self._folder))
        except ClusterAway:
            return self._near().scorer.score(texts)
        assert found is not None  # noqa: S101 - the version was sent along
        return found

    def _ask(self, texts: Sequence[str], *parcel: dict[str, bytes]) -> Scores | None:
        found: Scores | None = self._cluster.ask("router", "score", self._folder.name, list(texts), *parcel)
        return found

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """See `nlp.router.Scorer.to_arrays`."""
        return self._near().scorer.to_arrays()


class RemoteGenerator:
    """A chat model on a cluster; through a connection that carries no streams it says everything at once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.name, self.phrases = cluster.ask("generator", "about")

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `nlp.generator.Generator.stream`."""
        try:
            for piece in self._pieces(task, budget):
                budget.check()
                yield piece
        except ClusterAway as error:
            raise GeneratorError(f"generator {self.name!r} cannot be asked: {error}") from error

    def _pieces(self, task: Task, budget: Budget) -> Iterator[str]:
        wanted = (task, budget.tokens, budget.left)
        if self._cluster.streams:
            return self._cluster.stream("generator", "stream", *wanted)
        return iter([self._cluster.ask("generator", "write", *wanted, within=budget.left)])

    def close(self) -> None:
        """See `nlp.generator.Generator.close`: it goes on for others."""


def remote_router(cluster: Cluster, folder: Path, encoder: RemoteEncoder) -> Router:
    """The router in a model folder, scored on a cluster, where it is when this returns.

    Raises:
        ModelError: the folder holds no intact router, or one for another encoder.
    """
    router = router_with(folder, lambda architecture: RemoteScorer(cluster, folder, architecture, encoder))
    router.scorer.score([""])
    return router


def remote_reranker(cluster: Cluster) -> Reranker:
    """A cross-encoder on a cluster; while that is away, all passages are alike to it and stay in their order."""

    def score(pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        try:
            found: Sequence[float] = cluster.ask("reranker", "score", list(pairs))
        except ClusterAway:
            return [0.0] * len(pairs)
        return found

    return Reranker(score, cluster.ask("reranker", "about"))


def remote_spans(cluster: Cluster, opens: Callable[[], SpanReader | None]) -> SpanReader:
    """A close reader whose network is on a cluster."""
    near = Near(opens)

    def forward(ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        try:
            found: tuple[Vectors, Vectors] = cluster.ask("spans", "forward", ids, mask)
        except ClusterAway:
            reader = near()
            assert reader is not None  # noqa: S101 - there is one on the cluster
            return reader.forward(ids, mask)
        return found

    return SpanReader(pair_tokenizer(bundled_folder()), forward, _ALL_AT_ONCE)
