"""The weights of one fused router as another would hold them: other n-grams, other labels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlp.architectures.fused import Weights, fused_scorer
from nlp.features import Vocabulary
from nlp.router import Router

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


def union(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """The n-grams of both; the first has the say on their weights."""
    fresh = ~np.isin(second.hashes, first.hashes)
    hashes = np.concatenate([first.hashes, second.hashes[fresh]])
    order = np.argsort(hashes)
    return Vocabulary(hashes[order], np.concatenate([first.idf, second.idf[fresh]])[order])


class Columns:
    """A fused router's weights, where a vocabulary and labels want them: zeros for what it does not know."""

    def __init__(self, router: Router) -> None:
        """Raises `ModelError` where the router is not of the fused architecture."""
        self._scorer = fused_scorer(router)
        self._place = {name: i for i, name in enumerate(_names([head.labels for head in router.heads]))}

    def __call__(self, vocabulary: Vocabulary, labels: Sequence[tuple[str, ...]]) -> Weights:
        """`labels` are those of each head; the columns come in their order."""
        old, known = self._scorer.weights, self._scorer.vocabulary
        columns = np.array([self._place.get(name, -1) for name in _names(labels)], np.int64)
        rows, there = np.intersect1d(known.hashes, vocabulary.hashes, assume_unique=True, return_indices=True)[1:]
        sparse = np.zeros((len(vocabulary), len(columns)), np.float32)
        # an n-gram's value goes by its idf: where that has changed, the weight must change the other way
        sparse[there] = _pick(old.sparse[rows], columns) * (known.idf[rows] / vocabulary.idf[there])[:, None]
        hidden = old.hidden and replace(old.hidden, outward=_pick(old.hidden.outward, columns))
        return Weights(_pick(old.dense, columns), sparse, _pick(old.bias, columns), hidden)


def _names(labels: Sequence[tuple[str, ...]]) -> list[tuple[int, str]]:
    """All labels side by side; an intent and a topic may have the same name."""
    return [(head, label) for head, names in enumerate(labels) for label in names]


def _pick(matrix: Floats, columns: Indices) -> Floats:
    """The columns (..., c) of a matrix, zeros where a column is negative."""
    return np.where(columns >= 0, matrix[..., columns], np.float32(0))
