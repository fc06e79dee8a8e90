"""Hashed n-grams: the half of the router's features that needs no pre-trained model and reads every script.

Two blocks per text. "word": words, word pairs, Chinese characters, their pairs, and words and pairs of words as a
dictionary cuts them. "char": 2- to 4-grams inside words, Chinese pairs and triples. Each n-gram is a 32-bit hash, so a
stored model holds no text of anybody; a vocabulary keeps the hashes that the training texts contain, with weights.
"""

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.gloss import glossary
from nlp.text import HAN, fold, has_han, is_han, words

Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
_LEAST_DIVERGENCE = 0.02  # an n-gram that tells nothing of the class keeps a little weight
_CHINESE_TOKEN = re.compile(rf"[{HAN}]+|[^\W\d_{HAN}]+|\d+|[^\s\w]")
_MAX_CHARACTERS = 4_000  # a message's intent shows early; longer text costs time and says nothing more


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of a sparse matrix in CSR form: row i holds `indices[starts[i]:starts[i + 1]]` with `values` beside."""

    starts: Indices
    indices: Indices
    values: Floats
    columns: int

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True)
class Vocabulary:
    """The known n-grams: sorted `hashes` (v,) and their weights `idf` (v,).

    Hashes of the word block have their lowest bit clear and those of the char block set, so one table serves both.
    """

    hashes: Hashes
    idf: Floats

    def __len__(self) -> int:
        return len(self.hashes)

    def transform(self, texts: Sequence[str]) -> SparseRows:
        """Sublinear TF-IDF rows (n, v); each block of a row has unit norm, unless it is empty."""
        rows = [self._row(text) for text in texts]
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(indices) for indices, _ in rows], out=starts[1:])
        return SparseRows(
            starts,
            np.concatenate([indices for indices, _ in rows]) if rows else np.zeros(0, np.int64),
            np.concatenate([values for _, values in rows]) if rows else np.zeros(0, np.float32),
            len(self),
        )

    def weighed(self, rows: SparseRows, classes: NDArray[np.int64]) -> tuple["Vocabulary", SparseRows]:
        """This vocabulary, and rows of it, with each n-gram weighed by how much it tells about the class of its text.

        `rows` are the transformed texts and `classes` (n,) their class numbers, negative where a text has none. The
        weight is the root of the Kullback-Leibler divergence between the classes of the texts with the n-gram,
        smoothed by one text of the average kind, and the classes of all texts.
        """
        per_row = np.repeat(classes, np.diff(rows.starts))
        known = per_row >= 0
        count = int(classes.max()) + 1
        prior = np.bincount(classes[classes >= 0], minlength=count) / max(int((classes >= 0).sum()), 1)
        pairs, seen = np.unique(rows.indices[known] * count + per_row[known], return_counts=True)
        places, labels = np.divmod(pairs, count)
        totals = np.bincount(places, seen, minlength=len(self)) + 1
        share = (seen + prior[labels]) / totals[places]
        # a class without the n-gram has the share prior / total: its part of the sum is the same for all such classes
        absent = prior[labels] / totals[places]
        gain = share * np.log(share / prior[labels]) - absent * np.log(absent / prior[labels])
        divergence = np.bincount(places, gain, minlength=len(self)) - np.log(totals) / totals
        factor = np.sqrt(np.maximum(divergence, 0) + _LEAST_DIVERGENCE)
        values = self._unit_blocks(rows, rows.values * factor[rows.indices])
        weighed = Vocabulary(self.hashes, (self.idf * factor).astype(np.float32))
        return weighed, SparseRows(rows.starts, rows.indices, values, rows.columns)

    def _unit_blocks(self, rows: SparseRows, values: NDArray[np.floating[Any]]) -> Floats:
        block = 2 * np.repeat(np.arange(len(rows)), np.diff(rows.starts)) + (self.hashes[rows.indices] & 1)
        norms = np.sqrt(np.bincount(block, values**2, minlength=2 * len(rows)))
        unit: Floats = (values / norms[block]).astype(np.float32)
        return unit

    def _row(self, text: str) -> tuple[Indices, Floats]:
        hashes, counts = np.unique(ngrams(text), return_counts=True)
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self)] = 0
        known = self.hashes[places] == hashes if len(self) else np.zeros(len(hashes), bool)
        places, hashes = places[known], hashes[known]
        values = ((1 + np.log(counts[known])) * self.idf[places]).astype(np.float32)
        for block in (hashes & 1 == 0, hashes & 1 == 1):
            norm = float(np.sqrt((values[block] ** 2).sum()))
            if norm:
                values[block] /= norm
        return places.astype(np.int64), values


def build_vocabulary(texts: Iterable[str], limit: int = 200_000) -> Vocabulary:
    """The n-grams of `texts`: every word feature, every char feature of two texts or more, at most `limit` in all."""
    frequency: Counter[int] = Counter()
    total = 0
    for text in texts:
        frequency.update(np.unique(ngrams(text)).tolist())
        total += 1
    kept = [(count, key) for key, count in frequency.items() if count > 1 or not key & 1]
    if len(kept) > limit:
        kept = sorted(kept, reverse=True)[:limit]
    kept.sort(key=lambda pair: pair[1])
    counts = np.array([count for count, _ in kept], np.float64)
    idf = np.log((1 + total) / (1 + counts)) + 1
    return Vocabulary(np.array([key for _, key in kept], np.uint32), idf.astype(np.float32))


def ngrams(text: str) -> Hashes:
    """The hashes of all n-grams of `text`, repeats included."""
    folded = fold(text[:_MAX_CHARACTERS])
    if has_han(folded):
        return _chinese_grams(" ".join(folded.split()))
    tokens = words(folded)
    return np.concatenate([*map(_word_grams, tokens), _hash_all(_pairs(tokens), [])])


@lru_cache(maxsize=65_536)
def _word_grams(word: str) -> Hashes:
    padded = f" {word} "
    chars = [padded[i : i + n] for n in (2, 3, 4) for i in range(len(padded) - n + 1)]
    return _hash_all([word], chars)


def _chinese_grams(text: str) -> Hashes:
    """In Chinese, marks and figures between the characters tell much too ("(图)", "3-1"): they are read as well."""
    terms = [term for token in _CHINESE_TOKEN.findall(text) for term in _terms(token)]
    latin = [_word_grams(term) for term in terms if term.isascii() and term.isalpha()]
    characters = [c for c in text if is_han(c)]
    pairs = ["".join(pair) for pair in itertools.pairwise(text)]
    triples = [text[i : i + 3] for i in range(len(text) - 2)]
    block = [*characters, *(term for term in terms if len(term) > 1 or not is_han(term)), *_pairs(terms)]
    return np.concatenate([*latin, _hash_all([*block, *filter(is_han, pairs)], [*pairs, *triples])])


@lru_cache(maxsize=16_384)
def _terms(token: str) -> list[str]:
    return glossary().segment(token) if is_han(token) else [token]


def _pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in itertools.pairwise(tokens)]


def _hash_all(word_block: list[str], char_block: list[str]) -> Hashes:
    even = [zlib.crc32(gram.encode()) & 0xFFFFFFFE for gram in word_block]
    odd = [zlib.crc32(gram.encode()) | 1 for gram in char_block]
    return np.array(even + odd, np.uint32)
