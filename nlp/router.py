"""The router: one message to its intent, its topic, and whether it is anything the bot was made for.

A frozen sentence embedding, weighed by how much of the text the encoder knows, joined with hashed n-grams
(`nlp.features`) and read by two linear heads. Probabilities are calibrated by temperature scaling (Guo et al. 2017,
"On Calibration of Modern Neural Networks"); out-of-scope text is told by the energy of the intent logits
(Liu et al. 2020, "Energy-based Out-of-distribution Detection"). `nlp.training.router` makes routers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoded, Encoder, trust
from nlp.errors import ModelError
from nlp.features import SparseRows, Vocabulary
from nlp.model_store import Arrays, Manifest, read_model
from nlp.text import detect_language
from nlp.types import Prediction, Route

KIND = "router"
ARCHITECTURE = "fused"
OUT_OF_SCOPE = "out_of_scope"
_SHOWN = 5  # how many labels a Route carries per head

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """A linear head: its labels in column order, and the temperature that calibrates its logits."""

    labels: tuple[str, ...]
    temperature: float


@dataclass(frozen=True)
class Scope:
    """Energy to scope score: `1 / (1 + exp(-(energy - threshold) / width))`, so 0.5 lies at the threshold."""

    threshold: float
    width: float

    def score(self, energy: Floats) -> Floats:
        """Scope scores (n,) in [0, 1] for energies (n,)."""
        scores: Floats = 1 / (1 + np.exp(-np.clip((energy - self.threshold) / self.width, -30, 30)))
        return scores


@dataclass(frozen=True)
class Weights:
    """The fitted matrices: `dense` (d, c), `sparse` (v, c), `bias` (c,), with the columns of all heads side by side."""

    dense: Floats
    sparse: Floats
    bias: Floats

    def logits(self, dense: Floats, rows: SparseRows) -> Floats:
        """Logits (n, c) for dense features (n, d) and n-gram rows (n, v)."""
        scores = dense @ self.dense + self.bias
        weighted = self.sparse[rows.indices] * rows.values[:, None]
        filled = np.flatnonzero(np.diff(rows.starts))
        if len(filled):
            scores[filled] += np.add.reduceat(weighted, rows.starts[filled], axis=0)
        return scores


class Router:
    """Routes texts. Immutable once built, so a new one can take its place between two messages."""

    def __init__(
        self,
        encoder: Encoder,
        vocabulary: Vocabulary,
        weights: Weights,
        heads: Sequence[Head],
        scope: Scope,
        *,
        confidence: float,
        dense_scale: float,
        version: str = "unsaved",
    ) -> None:
        self._encoder = encoder
        self._vocabulary = vocabulary
        self._weights = weights
        self._scope = scope
        self._dense_scale = dense_scale
        self.heads = tuple(heads)
        self.confidence = confidence
        self.version = version

    def route(self, text: str) -> Route:
        """The route of one text; any text has one, the empty text too."""
        return self.route_many([text])[0]

    def route_many(self, texts: Sequence[str]) -> list[Route]:
        """The routes of many texts, in one pass of the encoder."""
        return self.route_encoded(texts, self._encoder.encode(texts)) if texts else []

    def route_encoded(self, texts: Sequence[str], encoded: Encoded) -> list[Route]:
        """The routes of texts that are encoded already."""
        logits = self._logits(texts, encoded)
        split = len(self.heads[0].labels)
        scope = self._scope.score(energy(logits[:, :split]))
        heads, start = [], 0
        for head in self.heads:
            heads.append(softmax(logits[:, start : start + len(head.labels)] / head.temperature))
            start += len(head.labels)
        return [
            self._as_route(
                text, [probabilities[i] for probabilities in heads], float(scope[i]), float(encoded.coverage[i])
            )
            for i, text in enumerate(texts)
        ]

    def _logits(self, texts: Sequence[str], encoded: Encoded) -> Floats:
        dense = dense_features(encoded, self._dense_scale)
        return self._weights.logits(dense, self._vocabulary.transform(texts))

    def _as_route(self, text: str, heads: list[Floats], scope: float, coverage: float) -> Route:
        ranked = [_best(head.labels, row) for head, row in zip(self.heads, heads, strict=True)]
        intents = ranked[0]
        strange = next((float(heads[0][i]) for i, x in enumerate(self.heads[0].labels) if x == OUT_OF_SCOPE), 0.0)
        return Route(
            language=detect_language(text),
            intents=intents,
            topics=ranked[1] if len(ranked) > 1 else (),
            scope_score=scope * (1 - strange),
            in_scope=scope >= 0.5 and intents[0].label != OUT_OF_SCOPE,
            confident=intents[0].score >= self.confidence,
            coverage=coverage,
        )

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """The configuration and arrays that `from_arrays` needs to build this router again."""
        configuration = {
            "encoder": self._encoder.fingerprint,
            "dense_scale": self._dense_scale,
            "confidence": self.confidence,
            "scope": {"threshold": self._scope.threshold, "width": self._scope.width},
            "heads": [{"labels": list(head.labels), "temperature": head.temperature} for head in self.heads],
        }
        arrays: Arrays = {
            "hashes": self._vocabulary.hashes,
            "idf": self._vocabulary.idf,
            "dense": self._weights.dense,
            "sparse": self._weights.sparse.astype(np.float16),
            "bias": self._weights.bias,
        }
        return configuration, arrays

    @classmethod
    def from_arrays(cls, encoder: Encoder, version: str, configuration: Mapping[str, Any], arrays: Arrays) -> "Router":
        """The router that `to_arrays` described.

        Raises:
            ModelError: it was trained with another encoder, or something is missing from it.
        """
        if configuration.get("encoder") != encoder.fingerprint:
            raise ModelError(
                f"router {version!r} was trained with encoder {configuration.get('encoder')!r}, "
                f"not {encoder.fingerprint!r}: train it again with 'dawen train router'"
            )
        try:
            return cls(
                encoder,
                Vocabulary(arrays["hashes"], arrays["idf"]),
                Weights(arrays["dense"], arrays["sparse"].astype(np.float32), arrays["bias"]),
                [Head(tuple(head["labels"]), head["temperature"]) for head in configuration["heads"]],
                Scope(**configuration["scope"]),
                confidence=configuration["confidence"],
                dense_scale=configuration["dense_scale"],
                version=version,
            )
        except (KeyError, TypeError) as error:
            raise ModelError(f"router {version!r} lacks {error}: train it again with 'dawen train router'") from error


def load_router(folder: Path, encoder: Encoder) -> tuple[Router, Manifest]:
    """The router in a model folder.

    Raises:
        ModelError: the folder holds no intact router, or one for another encoder.
    """
    manifest, arrays = read_model(folder)
    if manifest.kind != KIND or manifest.architecture != ARCHITECTURE:
        raise ModelError(
            f"{str(folder)!r} holds a {manifest.architecture} {manifest.kind}, not a {ARCHITECTURE} {KIND}"
        )
    return Router.from_arrays(encoder, manifest.version, manifest.configuration, arrays), manifest


def dense_features(encoded: Encoded, scale: float) -> Floats:
    """Dense features (n, d): unit vectors times `scale`, less where the encoder knows less of the text."""
    return encoded.vectors * (scale * trust(encoded.coverage))[:, None]


def energy(logits: Floats) -> Floats:
    """The log-sum-exp of each row of logits (n, c): high where any class is well supported."""
    top = logits.max(axis=1)
    total: Floats = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return total


def softmax(logits: Floats) -> Floats:
    """Row-wise softmax of (n, c)."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return total


def _best(labels: tuple[str, ...], probabilities: Floats) -> tuple[Prediction, ...]:
    order = np.argsort(-probabilities, kind="stable")[:_SHOWN]
    return tuple(Prediction(labels[i], float(probabilities[i])) for i in order)
