"""What a reader has learned: how to rank sentences, and when the best one answers; on disk as a model folder.

The bundled weights were made from the training files of SQuAD 1.1, SQuAD 2.0 and CMRC 2018 (CC BY-SA 4.0) and from
`nlp/seeds/reader` by `dawen train reader`, and are under that licence too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ModelError
from nlp.model_store import Arrays, below, read_model

KIND, ARCHITECTURE = "reader", "sentences"
BUNDLED_FOLDER = Path(__file__).parent / "weights" / "reader"
PARTS = ("read", "trusted", "alone")
_SPANS = "spans"

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
class Part:
    """What serves questions of one kind: `network` ranks sentences, `answerable` (e,) weighs evidence of the best."""

    network: Network
    answerable: Floats


@dataclass(frozen=True, slots=True)
class Trust:
    """How far to rely, in [0, 1], on vectors of the encoder, and on the close reading where there is one."""

    encoder: float
    reading: float = 0.0


@dataclass(frozen=True)
class ReaderWeights:
    """`trusted` serves questions that the encoder understands, `alone` those that it does not, a blend the rest.

    `read` serves those whose sentences were read closely, by the network that `spans` holds (`nlp.span_reader`).
    """

    trusted: Part
    alone: Part
    read: Part | None = None
    spans: Arrays = field(default_factory=dict)

    def score(self, rows: Floats, trust: Trust) -> Floats:
        """Scores (n,) of sentences with `nlp.reader.INPUTS` (n, f)."""
        blended: Floats = np.sum([share * part.network.score(rows) for share, part in self._shares(trust)], axis=0)
        return blended

    def log_odds(self, evidence: Floats, trust: Trust) -> float:
        """The log-odds that the documents answer, for `nlp.reader.EVIDENCE` (e,)."""
        return float(sum(share * (part.answerable @ evidence) for share, part in self._shares(trust)))

    def _shares(self, trust: Trust) -> list[tuple[float, Part]]:
        rest = 1.0 - trust.reading
        shares = (
            (trust.reading, self.read),
            (rest * trust.encoder, self.trusted),
            (rest * (1 - trust.encoder), self.alone),
        )
        return [(share, part) for share, part in shares if share and part is not None]

    def to_arrays(self) -> Arrays:
        """The arrays as they are stored."""
        parts = ((name, getattr(self, name)) for name in PARTS)
        return {
            f"{name}.{key}": array.astype(np.float32)
            for name, part in parts
            if part is not None
            for key, array in {**vars(part.network), "answerable": part.answerable}.items()
        } | {f"{_SPANS}.{name}": array for name, array in self.spans.items()}


def load_reader_weights(folder: Path, inputs: Sequence[str], evidence: Sequence[str]) -> ReaderWeights:
    """The weights in a model folder, which must be for these inputs and this evidence.

    Raises:
        ModelError: missing, damaged, or made for another reader.
    """
    manifest, arrays = read_model(folder)
    told = manifest.configuration
    if manifest.kind != KIND or told.get("inputs") != list(inputs) or told.get("evidence") != list(evidence):
        raise ModelError(f"model {str(folder)!r} is not for this reader: make one with 'dawen train reader'")
    parts = {name: _part(below(arrays, name)) for name in PARTS if f"{name}.answerable" in arrays}
    return ReaderWeights(**parts, spans=below(arrays, _SPANS))


def _part(arrays: Mapping[str, NDArray[Any]]) -> Part:
    values = {name: array.astype(np.float64) for name, array in arrays.items()}
    answerable = values.pop("answerable")
    return Part(Network(**values), answerable)


@lru_cache(maxsize=1)
def bundled_weights(inputs: tuple[str, ...], evidence: tuple[str, ...]) -> ReaderWeights:
    """The weights that come with Dawen."""
    return load_reader_weights(BUNDLED_FOLDER, inputs, evidence)
