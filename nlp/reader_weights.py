"""What a reader has learned: how to rank sentences, and when the best one answers; on disk as a model folder.

The bundled weights were made from the training files of SQuAD 1.1 and CMRC 2018 (CC BY-SA 4.0) by `dawen train reader`,
and are under that licence too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ModelError
from nlp.model_store import Arrays, read_model

KIND, ARCHITECTURE = "reader", "sentences"
BUNDLED_FOLDER = Path(__file__).parent / "weights" / "reader"
HALVES = ("trusted", "alone")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """One layer of rectified units over standardised inputs (n, f), and a score of each row."""

    mean: Floats
    deviation: Floats
    inward: Floats
    shift: Floats
    outward: Floats

    def score(self, rows: Floats) -> Floats:
        """Scores (n,) of rows (n, f); only their differences mean anything."""
        inner = ((rows - self.mean) / self.deviation) @ self.inward + self.shift
        scores: Floats = np.maximum(inner, 0.0) @ self.outward
        return scores


@dataclass(frozen=True)
class Half:
    """What serves questions of one kind: `network` ranks sentences, `answerable` (e,) weighs evidence of the best."""

    network: Network
    answerable: Floats


@dataclass(frozen=True)
class ReaderWeights:
    """`trusted` serves questions that the encoder understands, `alone` those that it does not, a blend the rest."""

    trusted: Half
    alone: Half

    def score(self, rows: Floats, trusted: float) -> Floats:
        """Scores (n,) of sentences with `nlp.reader.INPUTS` (n, f)."""
        parts = ((trusted, self.trusted), (1.0 - trusted, self.alone))
        blended: Floats = np.sum([share * half.network.score(rows) for share, half in parts if share], axis=0)
        return blended

    def log_odds(self, evidence: Floats, trusted: float) -> float:
        """The log-odds that the documents answer, for `nlp.reader.EVIDENCE` (e,)."""
        return float((trusted * self.trusted.answerable + (1.0 - trusted) * self.alone.answerable) @ evidence)

    def to_arrays(self) -> Arrays:
        """The arrays as they are stored."""
        return {
            f"{name}.{part}": array.astype(np.float32)
            for name, half in zip(HALVES, (self.trusted, self.alone), strict=True)
            for part, array in {**vars(half.network), "answerable": half.answerable}.items()
        }


def load_reader_weights(folder: Path, inputs: Sequence[str], evidence: Sequence[str]) -> ReaderWeights:
    """The weights in a model folder, which must be for these inputs and this evidence.

    Raises:
        ModelError: missing, damaged, or made for another reader.
    """
    manifest, arrays = read_model(folder)
    told = manifest.configuration
    if manifest.kind != KIND or told.get("inputs") != list(inputs) or told.get("evidence") != list(evidence):
        raise ModelError(f"model {str(folder)!r} is not for this reader: make one with 'dawen train reader'")
    return ReaderWeights(*(_half(arrays, name) for name in HALVES))


def _half(arrays: Mapping[str, NDArray[Any]], name: str) -> Half:
    parts = {
        part.removeprefix(f"{name}."): array.astype(np.float64)
        for part, array in arrays.items()
        if part.startswith(f"{name}.")
    }
    answerable = parts.pop("answerable")
    return Half(Network(**parts), answerable)


@lru_cache(maxsize=1)
def bundled_weights(inputs: tuple[str, ...], evidence: tuple[str, ...]) -> ReaderWeights:
    """The weights that come with Dawen."""
    return load_reader_weights(BUNDLED_FOLDER, inputs, evidence)
