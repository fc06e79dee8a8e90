"""What heads shall say: label indices and class weights per head, and which rows are held out."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.training.data import Example

MISSING = -100  # torch's ignore_index: the row has no label for this head

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Targets:
    """Label indices (n,) per head, `MISSING` where a row has none, with the labels and class weights of each head."""

    labels: tuple[tuple[str, ...], ...]
    indices: tuple[Indices, ...]
    weights: tuple[Floats, ...]

    def __len__(self) -> int:
        return len(self.indices[0])

    @property
    def columns(self) -> int:
        """The number of classes of all heads together."""
        return sum(map(len, self.labels))

    def without(self, rows: Indices) -> "Targets":
        """The targets with no label in these rows."""
        kept = ~np.isin(np.arange(len(self)), rows)
        return Targets(self.labels, tuple(np.where(kept, column, MISSING) for column in self.indices), self.weights)

    def take(self, picked: Indices) -> "Targets":
        """The targets of the picked rows; labels and weights stay."""
        return Targets(self.labels, tuple(column[picked] for column in self.indices), self.weights)


def make_targets(examples: Sequence[Example], balance: float) -> Targets:
    """The targets of labelled texts: intents, and topics if any row has one.

    `balance` in [0, 1] is how far rare classes are weighed up: not at all, or until all classes weigh the same.
    """
    columns: list[list[str | None]] = [[e.intent for e in examples]]
    if any(e.topic for e in examples):
        columns.append([e.topic for e in examples])
    labels, indices, weights = [], [], []
    for column in columns:
        counts = Counter(value for value in column if value is not None)
        names = tuple(sorted(counts))
        place = {name: i for i, name in enumerate(names)}
        labels.append(names)
        indices.append(np.array([MISSING if value is None else place[value] for value in column], np.int64))
        rarity = np.array([counts[name] for name in names], np.float64) ** -balance
        weights.append((rarity / np.average(rarity, weights=[counts[n] for n in names])).astype(np.float32))
    return Targets(tuple(labels), tuple(indices), tuple(weights))


def split(labels: Sequence[str], held_out: float, seed: int) -> tuple[Indices, Indices]:
    """Row numbers to fit and to calibrate on: the share `held_out` of each label, one row at least, but never all."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        by_label[label].append(row)
    rng = random.Random(seed)  # noqa: S311 - a reproducible split, not a secret
    held: set[int] = set()
    for rows in by_label.values():
        held.update(rng.sample(rows, min(max(1, round(len(rows) * held_out)), len(rows) - 1)))
    every = np.arange(len(labels))
    mask = np.isin(every, list(held))
    return every[~mask], every[mask]
