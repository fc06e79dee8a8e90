"""The dense index: unit vectors under keys, found by inner product, exactly up to a size and by a graph above it.

Nothing can be taken out of a graph, so removed rows are passed over everywhere; when there are many of them, or the
index has outgrown an exact search, it is renewed beside the one that goes on serving.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from nlp.encoder import Vectors
from nlp.errors import IndexDamaged
from nlp.filters import EVERYTHING, UNLABELLED, Filter, Label
from nlp.nearest import VectorStore, has_gpu
from nlp.rows import Rows

GRAPH_FROM = 100_000  # vectors; up to here an exact search takes about 15 ms on one core
_WORN = 0.2  # share of removed rows from which an index is renewed, but not for the sake of fewer than 1000


class VectorIndex:
    """Unit vectors under unique integer keys, with labels. Adding a key that is there replaces its vector.

    From `graph_from` vectors on the index wants to be renewed into a graph; until that is done it searches exactly.
    """

    def __init__(
        self, dimension: int, graph_from: int = GRAPH_FROM, store: VectorStore | None = None, rows: Rows | None = None
    ) -> None:
        """An index over a store and the rows that belong to it; empty without them."""
        self.dimension = dimension
        self.graph_from = graph_from
        self.store = VectorStore(dimension) if store is None else store
        self.rows = Rows() if rows is None else rows
        self._touched: set[int] | None = None  # keys changed since a renewal began

    def __len__(self) -> int:
        return len(self.rows.places)

    @property
    def keys(self) -> frozenset[int]:
        """The keys in the index."""
        return frozenset(self.rows.places)

    def keys_of(self, documents: Collection[int]) -> list[int]:
        """The keys whose labels name one of these documents."""
        return self.rows.keys_of(documents)

    def add(self, keys: Sequence[int], vectors: Vectors, labels: Sequence[Label] = ()) -> None:
        """Add vectors (n, d) under `keys` (n), with `labels` (n) where they are to be filtered.

        Raises:
            ValueError: the shapes do not fit the index or each other, a vector is not finite, or a key is there twice.
        """
        if vectors.shape != (len(keys), self.dimension) or len(labels or keys) != len(keys):
            raise ValueError(f"expected vectors of shape {(len(keys), self.dimension)}, got {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds NaN or infinity")
        if len(set(keys)) != len(keys):
            raise ValueError("a key is there twice")
        if len(keys):
            self.remove(keys)
            self.store.add(vectors)
            self.rows.append(list(map(int, keys)), labels or [UNLABELLED] * len(keys))
            self._touch(keys)

    def remove(self, keys: Collection[int]) -> None:
        """Remove keys; those that are not there are passed over."""
        present = {int(key) for key in keys if key in self.rows.places}
        if present:
            self.rows.drop(present)
            self._touch(present)

    def _touch(self, keys: Collection[int]) -> None:
        if self._touched is not None:
            self._touched.update(map(int, keys))

    def search(
        self, query: Vectors, limit: int, excluded: Collection[int] = (), wanted: Filter = EVERYTHING
    ) -> list[tuple[int, float]]:
        """The nearest keys to one unit vector (d,) that `wanted` admits, with their cosines, best first."""
        allowed = self.rows.allowed(wanted, excluded)
        if not allowed.count or limit < 1:
            return []
        scores, places = self.store.nearest(query, min(limit, allowed.count), allowed)
        return list(zip(self.rows.keys_at(places), scores.tolist(), strict=True))

    def cosines(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """The cosines of one unit vector (d,) with the vectors of known keys."""
        return [float(value) for value in self.vectors(keys) @ query]

    def vectors(self, keys: Sequence[int]) -> Vectors:
        """The vectors (n, d) of known keys (n)."""
        return self.store.take([self.rows.places[key] for key in keys])

    @property
    def wants_renewal(self) -> bool:
        """True when a graph should be made, or too many rows are removed ones."""
        large = len(self) >= self.graph_from and not has_gpu()
        worn = self.rows.removed > max(_WORN * len(self.rows), 1000)
        return worn or (large and not self.store.has_graph)

    def begin_renewal(self) -> "Renewal":
        """Copy what counts, at once; changes made from now on are remembered for `end_renewal`."""
        self._touched = set()
        places = self.rows.live()
        return Renewal(self.rows.take(places), self.store.take(places), self.graph_from)

    def end_renewal(self, fresh: "VectorIndex") -> None:
        """Take over what `Renewal.build` made, after bringing it up to date."""
        touched, self._touched = self._touched or set(), None
        left = sorted(touched & self.rows.places.keys())
        fresh.remove(touched)
        fresh.add(left, self.vectors(left), self.rows.labels(left))
        self.store, self.rows = fresh.store, fresh.rows

    def save(self, path: Path) -> None:
        """Write keys, labels and vectors to `path`, replacing it in one step; a graph is not written."""
        arrays = self.rows.columns() | {"vectors": self.store.take(self.rows.live())}
        scratch = path.with_suffix(".new")
        save_file(arrays, scratch, {"names": json.dumps(self.rows.names)})
        scratch.replace(path)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """The index saved at `path`. Read as plain arrays, so that a damaged file cannot harm the process.

        Raises:
            IndexDamaged: it is missing or malformed.
        """
        try:
            with safe_open(path, "numpy") as file:
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
                rows = Rows.restored(arrays, json.loads((file.metadata() or {})["names"]))
            return Renewal(rows, arrays["vectors"], GRAPH_FROM).exact()
        except (OSError, SafetensorError, KeyError, IndexError, ValueError, TypeError) as error:
            raise IndexDamaged(f"dense index {str(path)!r} cannot be read") from error


@dataclass(frozen=True)
class Renewal:
    """A copy of what counts in an index: rows (n) and vectors (n, d)."""

    rows: Rows
    vectors: Vectors
    graph_from: int

    def exact(self) -> VectorIndex:
        """An index that searches exactly.

        Raises:
            ValueError: rows and vectors do not fit each other, or a vector is not finite.
        """
        if len(self.vectors) != len(self.rows) or not np.isfinite(self.vectors).all():
            raise ValueError("vectors do not fit their keys, or are not finite")
        return VectorIndex(self.vectors.shape[1], self.graph_from, VectorStore.exact(self.vectors), self.rows)

    def build(self, stopped: Callable[[], bool] = lambda: False) -> VectorIndex | None:
        """An index of the right kind for its size; None when `stopped` turns true on the way.

        May take minutes; safe on any thread, beside the old index.
        """
        if len(self.rows) < self.graph_from or has_gpu():
            return self.exact()
        store = VectorStore.graph(self.vectors, stopped)
        return None if store is None else VectorIndex(self.vectors.shape[1], self.graph_from, store, self.rows)
