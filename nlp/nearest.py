"""Vectors by row, and the nearest of them by FAISS: exactly, by a graph, or on a GPU where FAISS sees one.

The graph is HNSW (Malkov and Yashunin 2016, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs"). It stands over the same vectors that an exact search reads, so a filter
that admits few of them is always searched exactly.
"""

from collections.abc import Callable, Sequence
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Vectors
from nlp.rows import Allowed, Places

_NEIGHBOURS = 32  # of each vector in the graph
_BUILD_WIDTH = 100  # candidates looked at for a new vector of the graph
_BUILD_STEP = 2000  # vectors between two looks at whether to stop
_SEARCH_WIDTH = 256  # candidates looked at per search
_WIDE = 0.3  # share of rows a filter must admit for the graph to be walked; below, exact search is as fast
_GPU_SPARE = 4  # a GPU knows no filters: it is asked for so many times what is wanted
_GPU_MOST = 2048  # what FAISS finds at most on a GPU

Found = tuple[NDArray[np.float32], Places]
_faiss: Any = faiss  # its own annotations know neither selectors nor numpy


def has_gpu() -> bool:
    """True where FAISS sees a GPU: an exact search there is faster than any graph."""
    return bool(_faiss.get_num_gpus())


class VectorStore:
    """Vectors (n, d) in rows that only grow, and what is nearest in them by inner product."""

    def __init__(self, dimension: int) -> None:
        self._flat: Any = faiss.IndexFlatIP(dimension)
        self._graph: Any = None  # owns `_flat` where there is one
        self._gpu: Any = None

    @classmethod
    def exact(cls, vectors: Vectors) -> "VectorStore":
        """A store of these vectors that is searched exactly."""
        store, most = cls(vectors.shape[1]), int(0.6 * len(vectors))
        for part in (vectors[:most], vectors[most:]):  # in two parts, so that there is room for a fifth more:
            store.add(part)  # else the first vector added later would have all of them copied
        return store

    @classmethod
    def graph(cls, vectors: Vectors, stopped: Callable[[], bool]) -> "VectorStore | None":
        """A store of these vectors with a graph, which takes minutes for a million; None when `stopped` turns true.

        Half of the cores are left to whoever searches meanwhile.
        """
        store, threads = cls(vectors.shape[1]), _faiss.omp_get_max_threads()
        store._graph = faiss.IndexHNSWFlat(vectors.shape[1], _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        store._graph.hnsw.efConstruction = _BUILD_WIDTH
        store._flat = _faiss.downcast_index(store._graph.storage)
        _faiss.omp_set_num_threads(max(1, threads // 2))  # of this thread alone
        try:
            for start in range(0, len(vectors), _BUILD_STEP):
                if stopped():
                    return None
                store.add(vectors[start : start + _BUILD_STEP])
        finally:
            _faiss.omp_set_num_threads(threads)
        return store

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    @property
    def has_graph(self) -> bool:
        """True when searches may be approximate."""
        return self._graph is not None

    def add(self, vectors: Vectors) -> None:
        """Append vectors (n, d)."""
        (self._graph or self._flat).add(np.ascontiguousarray(vectors, np.float32))
        self._gpu = None

    def take(self, places: Sequence[int] | Places) -> Vectors:
        """The vectors (n, d) in some rows (n)."""
        if not len(places):
            return np.zeros((0, self._flat.d), np.float32)
        vectors: Vectors = self._flat.reconstruct_batch(np.asarray(places, np.int64))
        return vectors

    def nearest(self, query: Vectors, limit: int, allowed: Allowed) -> Found:
        """Cosines and rows of the allowed vectors nearest to one (d,), best first; `limit` is at most their number."""
        row = np.ascontiguousarray(query[None], np.float32)
        found = self._by_gpu(row, limit, allowed) or self._by_graph(row, limit, allowed)
        if found is not None:
            return found
        scores, places = self._flat.search(row, limit, params=_faiss.SearchParameters(sel=_selector(allowed)))
        return scores[0], places[0]

    def _by_graph(self, query: Vectors, limit: int, allowed: Allowed) -> Found | None:
        """What the graph finds; None where there is none, or it finds too little."""
        if self._graph is None or allowed.count < _WIDE * len(self):
            return None
        width = max(_SEARCH_WIDTH, 2 * limit)
        parameters = _faiss.SearchParametersHNSW(sel=_selector(allowed), efSearch=width)
        scores, places = self._graph.search(query, limit, params=parameters)
        return (scores[0], places[0]) if places[0, -1] >= 0 else None

    def _by_gpu(self, query: Vectors, limit: int, allowed: Allowed) -> Found | None:
        """What a GPU finds; None where there is none, or the filter leaves too little of it."""
        if not has_gpu():
            return None
        if self._gpu is None:
            self._gpu = _faiss.index_cpu_to_all_gpus(self._flat)
        scores, places = self._gpu.search(query, min(_GPU_SPARE * limit, _GPU_MOST, len(self)))
        kept = allowed.admits(places[0])
        return (scores[0][kept][:limit], places[0][kept][:limit]) if kept.sum() >= limit else None


def _selector(allowed: Allowed) -> Any:
    """The allowed rows for FAISS, even where they are all: its search without a selector is three times slower."""
    return _faiss.IDSelectorBitmap(allowed.bits)
