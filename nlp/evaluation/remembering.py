"""An encoder that remembers, so that a text that was embedded once need not be embedded again."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlp.architectures.fused import light_encoder
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

    def forget(self, texts: Sequence[str] | None = None) -> None:
        """Start with nothing again, or with nothing of these texts."""
        if texts is None:
            self._kept.clear()
            return
        for text in texts:
            self._kept.pop(text, None)


class RememberingEncoder:
    """Remembers the features that it computes, and serves them from memory while it is `recalling`.

    While it is not, speed is measured on the encoder itself, and what follows the measurement does without it.
    """

    def __init__(self, encoder: Encoder, *, recalling: bool = True) -> None:
        self.inner = encoder
        self.fingerprint, self.reading, self.dimension = encoder.fingerprint, encoder.reading, encoder.dimension
        self.memory = Memory(self._compute)
        self._vectors: dict[tuple[Role, float], Memory[tuple[NDArray[np.float32], float]]] = {}
        self._recalling = recalling
        self._light: RememberingEncoder | None = None

    def recall(self) -> None:
        """Serve from memory from now on."""
        self._recalling = True
        if self._light:
            self._light.recall()

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`."""
        if not texts or not self._recalling:
            return self.inner.encode(texts, role, floor)
        memory = self._vectors.setdefault((role, floor), Memory(lambda new: _rows(self.inner.encode(new, role, floor))))
        return _together(memory(texts))

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        if not texts:
            return self.inner.features(texts)
        if not self._recalling:
            self.memory.forget(texts)
        return _together(self.memory(texts))

    def quantized(self) -> "RememberingEncoder | None":
        """The int8 form of the encoder, which remembers too; None where there is none."""
        light = light_encoder(self.inner)
        if light is not None and self._light is None:
            self._light = RememberingEncoder(light, recalling=self._recalling)
        return self._light

    def _compute(self, texts: list[str]) -> list[tuple[NDArray[np.float32], float]]:
        return _rows(self.inner.features(texts))


def _rows(encoded: Encoded) -> list[tuple[NDArray[np.float32], float]]:
    return list(zip(encoded.vectors, encoded.coverage.tolist(), strict=True))


def _together(rows: Sequence[tuple[NDArray[np.float32], float]]) -> Encoded:
    return Encoded(np.stack([vector for vector, _ in rows]), np.array([share for _, share in rows], np.float32))
