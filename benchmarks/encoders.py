"""Encoders for benchmarks: one that computes each text once, so that training alone can be timed, and none at all."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import TRUST_FLOOR, Encoded, Encoder, Role

T = TypeVar("T")


class Memory(Generic[T]):
    """Keeps what `compute` says of each text; `seconds` is the time that `compute` has taken."""

    def __init__(self, compute: Callable[[list[str]], list[T]]) -> None:
        self._compute = compute
        self._kept: dict[str, T] = {}
        self.seconds = 0.0

    def __call__(self, texts: Sequence[str]) -> list[T]:
        """One result a text."""
        if missing := [text for text in dict.fromkeys(texts) if text not in self._kept]:
            start = time.perf_counter()
            self._kept.update(zip(missing, self._compute(missing), strict=True))
            self.seconds += time.perf_counter() - start
        return [self._kept[text] for text in texts]

    def forget(self) -> None:
        """Start with nothing again."""
        self._kept.clear()


class RememberingEncoder:
    """An encoder that computes the features of a text once."""

    def __init__(self, encoder: Encoder) -> None:
        self.inner = encoder
        self.fingerprint, self.reading, self.dimension = encoder.fingerprint, encoder.reading, encoder.dimension
        self.memory = Memory(self._compute)

    def _compute(self, texts: list[str]) -> list[tuple[NDArray[np.float32], float]]:
        encoded = self.inner.features(texts)
        return list(zip(encoded.vectors, encoded.coverage.tolist(), strict=True))

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`."""
        return self.inner.encode(texts, role, floor)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        rows = self.memory(texts)
        return Encoded(np.stack([vector for vector, _ in rows]), np.array([share for _, share in rows], np.float32))


class NoEncoder:
    """Knows nothing of any text, so that a router relies on n-grams alone."""

    fingerprint = "none"
    reading = "none"
    dimension = 1

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:  # noqa: ARG002
        """See `nlp.encoder.Encoder.encode`."""
        return Encoded(np.zeros((len(texts), 1), np.float32), np.zeros(len(texts), np.float32))

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        return self.encode(texts)
