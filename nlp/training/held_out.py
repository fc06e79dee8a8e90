"""Which rows teach, and which decide when to stop and calibrate: a share of the examples, or rows of their own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.errors import DataError
from nlp.training.configs import NeuralConfig
from nlp.training.data import Example
from nlp.training.targets import MISSING, Targets, make_targets, split

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """All texts with their targets; rows `fitted` teach, rows `held` do not."""

    texts: tuple[str, ...]
    targets: Targets
    fitted: Indices
    held: Indices

    def fingerprint(self) -> str:
        """Changes with any row, any label, their order, or what is held out."""
        digest = hashlib.sha256("\x1e".join(self.texts).encode("utf-8", "surrogatepass"))
        for array in (*self.targets.indices, self.fitted, self.held):
            digest.update(array.tobytes())
        return digest.hexdigest()


def divide(examples: Sequence[Example], valid: Sequence[Example], config: NeuralConfig) -> Rows:
    """Hold out `valid`, or, if there is none, a share of each intent of `examples`.

    Valid rows whose intent no example has are left out: nothing can be learned about them.

    Raises:
        DataError: all valid rows are left out.
    """
    targets = make_targets(examples, config.balance)
    texts = tuple(example.text for example in examples)
    if not valid:
        return Rows(texts, targets, *split([e.intent for e in examples], config.held_out, config.seed))
    usable = [example for example in valid if example.intent in targets.labels[0]]
    if not usable:
        raise DataError("no validation row has a label of the training rows: give rows with the same labels")
    columns: list[list[str | None]] = [[e.intent for e in usable], [e.topic for e in usable]]
    indices = []
    for names, column, known in zip(targets.labels, columns, targets.indices, strict=False):
        place: dict[str | None, int] = {name: number for number, name in enumerate(names)}
        indices.append(np.concatenate([known, np.array([place.get(value, MISSING) for value in column], np.int64)]))
    both = Targets(targets.labels, tuple(indices), targets.weights)
    every = np.arange(len(both))
    return Rows(texts + tuple(e.text for e in usable), both, every[: len(examples)], every[len(examples) :])
