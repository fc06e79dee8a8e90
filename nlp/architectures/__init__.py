"""The router's architectures: ways to score texts, each in a module of its own, loaded only when used."""

from collections.abc import Mapping
from typing import Any

from nlp.encoder import Encoder
from nlp.errors import ModelError
from nlp.model_store import Arrays
from nlp.router import Scorer

ARCHITECTURES = ("fused", "transformer", "lstm")


def load_scorer(architecture: str, configuration: Mapping[str, Any], arrays: Arrays, encoder: Encoder) -> Scorer:
    """The scorer that `Scorer.to_arrays` described.

    Raises:
        ModelError: its architecture is not known, or it was trained with another encoder.
    """
    if architecture == "fused":
        from nlp.architectures.fused import load_fused

        return load_fused(configuration, arrays, encoder)
    if architecture == "transformer":
        from nlp.architectures.transformer import load_transformer

        return load_transformer(configuration, arrays, getattr(encoder, "device", "auto"))
    if architecture == "lstm":
        from nlp.architectures.lstm import load_lstm

        return load_lstm(configuration, arrays)
    raise ModelError(f"has the architecture {architecture!r}, known are {', '.join(ARCHITECTURES)}")
