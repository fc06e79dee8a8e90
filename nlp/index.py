"""The dense index: exact inner-product search by FAISS, on a GPU when FAISS sees one."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nlp.encoder import Vectors
from nlp.errors import IndexDamaged

Keys = NDArray[np.int64]


class VectorIndex:
    """Unit vectors under unique integer keys. Adding a key that is there replaces its vector."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._known: set[int] = set()
        self._gpu: Any = None

    def __len__(self) -> int:
        return len(self._known)

    @property
    def keys(self) -> frozenset[int]:
        """The keys in the index."""
        return frozenset(self._known)

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Add vectors (n, d) under `keys` (n).

        Raises:
            ValueError: the shapes do not fit the index or each other, or a vector is not finite.
        """
        if vectors.shape != (len(keys), self.dimension):
            raise ValueError(f"expected vectors of shape {(len(keys), self.dimension)}, got {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds NaN or infinity")
        self.remove([key for key in keys if key in self._known])
        self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(keys, np.int64))
        self._known.update(keys)
        self._gpu = None

    def remove(self, keys: Collection[int]) -> None:
        """Remove keys; those that are not there are passed over."""
        present = [key for key in keys if key in self._known]
        if present:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(present, np.int64)))
            self._known.difference_update(present)
            self._gpu = None

    def search(self, query: Vectors, limit: int, excluded: Collection[int] = ()) -> list[tuple[int, float]]:
        """The nearest keys to one unit vector (d,) with their cosines, best first."""
        if not self._known or limit < 1:
            return []
        rows = np.ascontiguousarray(query[None], np.float32)
        if excluded:
            selector = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.array(sorted(excluded), np.int64)))
            scores, keys = self._index.search(rows, limit, params=faiss.SearchParameters(sel=selector))  # type: ignore[call-arg]
        else:
            scores, keys = self._searcher().search(rows, limit)
        return [(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0]

    def cosines(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """The cosines of one unit vector (d,) with the vectors of known keys."""
        if not keys:
            return []
        rows = np.stack([self._index.reconstruct(int(key)) for key in keys])
        return [float(value) for value in rows @ query]

    def _searcher(self) -> Any:
        if not faiss.get_num_gpus():
            return self._index
        if self._gpu is None:
            self._gpu = faiss.index_cpu_to_all_gpus(self._index)
        return self._gpu

    def save(self, path: Path) -> None:
        """Write keys and vectors to `path`, replacing it in one step."""
        keys = faiss.vector_to_array(self._index.id_map) if self._known else np.zeros(0, np.int64)
        flat = faiss.downcast_index(self._index.index)
        vectors = flat.reconstruct_n(0, len(keys)) if len(keys) else np.zeros((0, self.dimension), np.float32)
        scratch = path.with_suffix(".new")
        save_file({"keys": np.ascontiguousarray(keys), "vectors": np.ascontiguousarray(vectors)}, scratch)
        scratch.replace(path)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """The index saved at `path`. Read as plain arrays, so that a damaged file cannot harm the process.

        Raises:
            IndexDamaged: it is missing or malformed.
        """
        try:
            arrays = load_file(path)
            index = cls(arrays["vectors"].shape[1])
            index.add(arrays["keys"].tolist(), arrays["vectors"])
        except (OSError, SafetensorError, KeyError, IndexError, ValueError) as error:
            raise IndexDamaged(f"dense index {str(path)!r} cannot be read") from error
        return index
