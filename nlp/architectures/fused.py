"""The fused architecture, the default: a frozen sentence encoder joined with hashed n-grams, read by linear heads.

The encoder's features are as long as they can be relied on, so n-grams carry what it cannot read. Support is the
energy of the intent logits (Liu et al. 2020, "Energy-based Out-of-distribution Detection"). `nlp.training.fused`
fits it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoded, Encoder
from nlp.errors import EncoderError, ModelError
from nlp.features import SparseRows, Vocabulary
from nlp.model_store import Arrays
from nlp.packing import Packing, unpack
from nlp.router import Router, Scores, energy

_log = logging.getLogger(__name__)
ALLOWED_LOSS = 0.002  # of accuracy, for int8: two texts in a thousand
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Hidden:
    """A hidden layer of rectified units: `inward` (d, h), `shift` (h,), and their heads `outward` (h, c)."""

    inward: Floats
    shift: Floats
    outward: Floats

    def logits(self, dense: Floats) -> Floats:
        """What the layer adds to the logits (n, c) for dense features (n, d)."""
        added: Floats = np.maximum(dense @ self.inward + self.shift, 0) @ self.outward
        return added


@dataclass(frozen=True)
class Weights:
    """What was fitted, with the columns of all heads side by side: `dense` (d, c), `sparse` (v, c), `bias` (c,).

    `hidden` reads the dense features once more, where there is such a layer.
    """

    dense: Floats
    sparse: Floats
    bias: Floats
    hidden: Hidden | None = None

    def scaled(self, share: float) -> "Weights":
        """The weights whose logits are `share` times these."""
        by = np.float32(share)
        hidden = self.hidden and replace(self.hidden, outward=by * self.hidden.outward)
        return Weights(by * self.dense, by * self.sparse, by * self.bias, hidden)

    def plus(self, other: "Weights") -> "Weights":
        """The weights whose logits are the sum of both; one of the two may have a hidden layer."""
        hidden = self.hidden or other.hidden
        return Weights(self.dense + other.dense, self.sparse + other.sparse, self.bias + other.bias, hidden)

    def spread(self, seen: NDArray[np.bool_]) -> "Weights":
        """Weights for all dense features, fitted on those `seen` (d,): nothing for the others."""
        hidden = self.hidden and replace(self.hidden, inward=_spread(self.hidden.inward, seen))
        return replace(self, dense=_spread(self.dense, seen), hidden=hidden)

    def seen(self, seen: NDArray[np.bool_]) -> "Weights":
        """The weights for the dense features `seen` (d,) alone: the reverse of `spread`."""
        hidden = self.hidden and replace(self.hidden, inward=self.hidden.inward[seen])
        return replace(self, dense=self.dense[seen], hidden=hidden)

    def logits(self, dense: Floats, rows: SparseRows) -> Floats:
        """Logits (n, c) for dense features (n, d) and n-gram rows (n, v)."""
        scores = dense @ self.dense + self.bias
        if self.hidden:
            scores += self.hidden.logits(dense)
        weighted = self.sparse[rows.indices] * rows.values[:, None]
        filled = np.flatnonzero(np.diff(rows.starts))
        if len(filled):
            scores[filled] += np.add.reduceat(weighted, rows.starts[filled], axis=0)
        return scores


def _spread(matrix: Floats, seen: NDArray[np.bool_]) -> Floats:
    wide = np.zeros((len(seen), matrix.shape[1]), np.float32)
    wide[seen] = matrix
    return wide


@dataclass(frozen=True)
class FusedScorer:
    """See `nlp.router.Scorer`. `intents` is the number of columns of the first head.

    `light` is the encoder with int8 weights, which serves in place of `encoder` where `packing` asks for it and the
    back end has it; without it the router is as exact as it was trained.
    """

    encoder: Encoder
    vocabulary: Vocabulary
    weights: Weights
    intents: int
    dense_scale: float
    packing: Packing = field(default_factory=Packing)
    light: Encoder | None = None
    architecture: str = "fused"

    def score(self, texts: Sequence[str]) -> Scores:
        """See `nlp.router.Scorer.score`."""
        encoded = (self.light or self.encoder).features(texts)
        return self.score_features(encoded, self.vocabulary.transform(texts))

    def score_features(self, encoded: Encoded, rows: SparseRows) -> Scores:
        """The scores of texts whose features are known already."""
        logits = self.weights.logits(encoded.vectors * self.dense_scale, rows)
        return Scores(logits, energy(logits[:, : self.intents]), encoded.coverage)

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """See `nlp.router.Scorer.to_arrays`."""
        configuration = {
            "encoder": self.encoder.fingerprint,
            "reading": self.encoder.reading,
            "dense_scale": self.dense_scale,
            "intents": self.intents,
            "packing": asdict(self.packing),
        }
        arrays: Arrays = {
            "hashes": self.vocabulary.hashes,
            "idf": self.vocabulary.idf,
            **self.packing.pack("dense", self.weights.dense, np.float32),
            **self.packing.pack("sparse", self.weights.sparse, np.float16),
            "bias": self.weights.bias,
        }
        if hidden := self.weights.hidden:
            arrays |= self.packing.pack("hidden.inward", hidden.inward, np.float16)
            arrays |= self.packing.pack("hidden.outward", hidden.outward, np.float16)
            arrays["hidden.shift"] = hidden.shift
        return configuration, arrays


def load_fused(configuration: Mapping[str, Any], arrays: Arrays, encoder: Encoder) -> FusedScorer:
    """The scorer that `FusedScorer.to_arrays` described.

    Raises:
        ModelError: it was trained with another encoder.
    """
    if configuration["encoder"] != encoder.fingerprint:
        raise ModelError(f"was trained with encoder {configuration['encoder']!r}, not {encoder.fingerprint!r}")
    if configuration["reading"] != encoder.reading:
        raise ModelError("reads texts as an earlier version did")
    packing, bias = Packing(**configuration.get("packing", {})), arrays["bias"]
    return FusedScorer(
        encoder,
        Vocabulary(arrays["hashes"], arrays["idf"]),
        Weights(unpack(arrays, "dense", len(bias)), unpack(arrays, "sparse", len(bias)), bias, _load_hidden(arrays)),
        configuration["intents"],
        configuration["dense_scale"],
        packing,
        light_encoder(encoder) if packing.int8_encoder else None,
    )


def _load_hidden(arrays: Arrays) -> Hidden | None:
    if "hidden.shift" not in arrays:
        return None
    shift, columns = arrays["hidden.shift"], len(arrays["bias"])
    return Hidden(unpack(arrays, "hidden.inward", len(shift)), shift, unpack(arrays, "hidden.outward", columns))


def fused_scorer(router: Router) -> FusedScorer:
    """The scorer of a fused router.

    Raises:
        ModelError: the router is of another architecture.
    """
    if not isinstance(router.scorer, FusedScorer):
        name = router.scorer.architecture
        raise ModelError(f"router {router.version!r} is of architecture {name!r}: only a fused one can do this")
    return router.scorer


def with_int8_encoder(scorer: FusedScorer) -> FusedScorer | None:
    """The scorer with features from int8 weights of the encoder, or None where the back end has none."""
    light = light_encoder(scorer.encoder)
    return replace(scorer, light=light, packing=replace(scorer.packing, int8_encoder=True)) if light else None


def light_encoder(encoder: Encoder) -> Encoder | None:
    """The encoder with int8 weights, or None where its back end has none."""
    quantized = getattr(encoder, "quantized", None)
    try:
        light: Encoder | None = quantized() if quantized is not None else None
    except EncoderError as error:
        _log.info("%s; routing uses the encoder in full precision", error)
        return None
    return light
