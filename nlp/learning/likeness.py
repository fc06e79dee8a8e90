"""How alike short texts are, in both languages: an encoder's view joined with the terms that they share.

The bundled encoder knows no Chinese, so its vectors come in scaled by how much of each text it knows, and terms
(English stems, Chinese characters and pairs) carry the rest.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.lexical import query_terms

Vectors = NDArray[np.float32]


def joined(texts: Sequence[str], encoded: Vectors) -> Vectors:
    """Unit rows (n, d) whose dot products in [-1, 1] say how alike the texts are; `encoded` (n, e) are the texts'
    features, as `nlp.encoder.Encoder.features` gives them."""
    both = np.hstack([_scaled(encoded), _terms(texts)])
    return np.asarray(both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9), np.float32)


def _scaled(encoded: Vectors) -> Vectors:
    """Rows no longer than 1."""
    lengths = np.linalg.norm(encoded, axis=1, keepdims=True)
    return np.asarray(encoded / np.maximum(lengths, 1.0), np.float32)


def _terms(texts: Sequence[str]) -> Vectors:
    """Unit rows of terms, rare ones weighing more; terms of one text alone say nothing of likeness but its length."""
    bags = [query_terms(text) for text in texts]
    places = {term: place for place, term in enumerate(sorted({term for bag in bags for term in bag}))}
    found = np.zeros((len(texts), len(places)), np.float32)
    for row, bag in enumerate(bags):
        found[row, [places[term] for term in bag]] = 1.0
    rarity = np.log((1 + len(texts)) / (1 + found.sum(axis=0))) + 1.0
    weighed = found * rarity
    return np.asarray(weighed / np.maximum(np.linalg.norm(weighed, axis=1, keepdims=True), 1e-9), np.float32)
