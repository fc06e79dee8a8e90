"""What heads shall say: label indices and class weights per head, how much each row teaches, and what is held out."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.training.data import Example

MISSING = -100  # torch's ignore_index: the row has no label for this head

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Targets:
    """Label indices (n,) per head, `MISSING` where a row has none, with the labels and class weights of each head.

    `worth` (n,) is how much each row teaches, None where all teach alike.
    """

    labels: tuple[tuple[str, ...], ...]
    indices: tuple[Indices, ...]
    weights: tuple[Floats, ...]
    worth: Floats | None = None

    def __len__(self) -> int:
        return len(self.indices[0])

    @property
    def columns(self) -> int:
        """The number of classes of all heads together."""
        return sum(map(len, self.labels))

    @property
    def amount(self) -> float:
        """How many rows of the greatest worth teach as much as these."""
        return float(len(self)) if self.worth is None else float(self.worth.sum() / self.worth.max())

    def worths(self) -> Floats:
        """How much each row teaches (n,): 1 where all teach alike."""
        return np.ones(len(self), np.float32) if self.worth is None else self.worth

    def without(self, rows: Indices) -> "Targets":
        """The targets with no label in these rows."""
        kept = ~np.isin(np.arange(len(self)), rows)
        return replace(self, indices=tuple(np.where(kept, column, MISSING) for column in self.indices))

    def take(self, picked: Indices) -> "Targets":
        """The targets of the picked rows; labels and weights stay."""
        worth = None if self.worth is None else self.worth[picked]
        return replace(self, indices=tuple(column[picked] for column in self.indices), worth=worth)


def make_targets(examples: Sequence[Example], balance: float) -> Targets:
    """The targets of labelled texts: intents, and topics if any row has one.

    `balance` in [0, 1] is how far rare classes are weighed up: not at all, or until each class weighs what its
    weightiest row does. Every row must have a weight above 0.
    """
    columns: list[list[str | None]] = [[e.intent for e in examples]]
    if any(e.topic for e in examples):
        columns.append([e.topic for e in examples])
    labels, indices, weights = [], [], []
    for column in columns:
        counts = _counts(column, examples)
        names = tuple(sorted(counts))
        place = {name: i for i, name in enumerate(names)}
        labels.append(names)
        indices.append(np.array([MISSING if value is None else place[value] for value in column], np.int64))
        rarity = np.array([counts[name] for name in names], np.float64) ** -balance
        weights.append((rarity / np.average(rarity, weights=[counts[n] for n in names])).astype(np.float32))
    alike = len({e.weight for e in examples}) == 1
    worth = None if alike else np.array([e.weight for e in examples], np.float32)
    return Targets(tuple(labels), tuple(indices), tuple(weights), worth)


def _counts(column: Sequence[str | None], examples: Sequence[Example]) -> dict[str, float]:
    """How many rows of its greatest weight each label is worth: many faint rows are no many rows."""
    found: dict[str, list[float]] = defaultdict(list)
    for value, example in zip(column, examples, strict=True):
        if value is not None:
            found[value].append(example.weight)
    return {name: sum(weights) / max(weights) for name, weights in found.items()}


def split(labels: Sequence[str], held_out: float, seed: int) -> tuple[Indices, Indices]:
    """Row numbers to fit and to calibrate on: the share `held_out` of each label, one row at least, but never all."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible split, not a secret
    return _split(labels, held_out, rng.sample)


def steady_split(examples: Sequence[Example], held_out: float) -> tuple[Indices, Indices]:
    """As `split` by intent, but the text of a row says whether it is held out: as long as few rows come or go, the same
    rows are, wherever they stand."""
    order = [hashlib.sha256(example.text.encode("utf-8", "surrogatepass")).digest() for example in examples]
    return _split([e.intent for e in examples], held_out, lambda rows, n: sorted(rows, key=order.__getitem__)[:n])


def _split(
    labels: Sequence[str], held_out: float, pick: Callable[[list[int], int], list[int]]
) -> tuple[Indices, Indices]:
    by_label: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        by_label[label].append(row)
    held: set[int] = set()
    for rows in by_label.values():
        held.update(pick(rows, min(max(1, round(len(rows) * held_out)), len(rows) - 1)))
    every = np.arange(len(labels))
    mask = np.isin(every, list(held))
    return every[~mask], every[mask]
