"""The fused architecture, the default: a frozen sentence encoder joined with hashed n-grams, read by linear heads.

The encoder's features are weighed by how much of the text the encoder knows, so n-grams carry what it cannot read
(Chinese, for the bundled one). Support is the energy of the intent logits (Liu et al. 2020, "Energy-based
Out-of-distribution Detection"). `nlp.training.fused` fits it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoded, Encoder, trust
from nlp.errors import ModelError
from nlp.features import SparseRows, Vocabulary
from nlp.model_store import Arrays
from nlp.router import Scores, energy

Floats = NDArray[np.float32]


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


@dataclass(frozen=True)
class FusedScorer:
    """See `nlp.router.Scorer`. `intents` is the number of columns of the first head."""

    encoder: Encoder
    vocabulary: Vocabulary
    weights: Weights
    intents: int
    dense_scale: float
    architecture: str = "fused"

    def score(self, texts: Sequence[str]) -> Scores:
        """See `nlp.router.Scorer.score`."""
        encoded = self.encoder.features(texts)
        return self.score_features(encoded, self.vocabulary.transform(texts))

    def score_features(self, encoded: Encoded, rows: SparseRows) -> Scores:
        """The scores of texts whose features are known already."""
        logits = self.weights.logits(dense_features(encoded, self.dense_scale), rows)
        return Scores(logits, energy(logits[:, : self.intents]), encoded.coverage)

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """See `nlp.router.Scorer.to_arrays`."""
        configuration = {
            "encoder": self.encoder.fingerprint,
            "dense_scale": self.dense_scale,
            "intents": self.intents,
        }
        arrays: Arrays = {
            "hashes": self.vocabulary.hashes,
            "idf": self.vocabulary.idf,
            "dense": self.weights.dense,
            "sparse": self.weights.sparse.astype(np.float16),
            "bias": self.weights.bias,
        }
        return configuration, arrays


def load_fused(configuration: Mapping[str, Any], arrays: Arrays, encoder: Encoder) -> FusedScorer:
    """The scorer that `FusedScorer.to_arrays` described.

    Raises:
        ModelError: it was trained with another encoder.
    """
    if configuration["encoder"] != encoder.fingerprint:
        raise ModelError(f"was trained with encoder {configuration['encoder']!r}, not {encoder.fingerprint!r}")
    return FusedScorer(
        encoder,
        Vocabulary(arrays["hashes"], arrays["idf"]),
        Weights(arrays["dense"], arrays["sparse"].astype(np.float32), arrays["bias"]),
        configuration["intents"],
        configuration["dense_scale"],
    )


def dense_features(encoded: Encoded, scale: float) -> Floats:
    """Dense features (n, d): the encoder's, times `scale`, less where the encoder knows less of the text."""
    return encoded.vectors * (scale * trust(encoded.coverage))[:, None]
