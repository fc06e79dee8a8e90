"""Texts to hashed words, by spaCy's tokenizers: English rules, and single characters for Chinese.

A word is its 64-bit hash from here on, so what is learned from words holds no text of anybody.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlp.text import HAN, fold

if TYPE_CHECKING:
    from spacy.language import Language

Hashes = NDArray[np.uint64]

PAD, UNKNOWN, FIRST_WORD = 0, 1, 2
_CHARACTERS_PER_TOKEN = 16  # longer text is cut before it is tokenised; a token has five on average
_RUNS = re.compile(f"([{HAN}]+)")


class WordTokenizer:
    """The words of texts, at most `max_tokens` of each: of longer texts the first and the last half of that."""

    def __init__(self, max_tokens: int) -> None:
        self._max_tokens = max_tokens
        self._lock = Lock()  # spaCy frees what a call added to its vocabulary, one call at a time

    def hashes(self, texts: Iterable[str]) -> list[Hashes]:
        """The hashed words of each text, in order; none for an empty text."""
        with self._lock, self._english.memory_zone(), self._chinese.memory_zone():
            return [self._cut(self._text(text)) for text in texts]

    def _text(self, text: str) -> Hashes:
        most = self._max_tokens * _CHARACTERS_PER_TOKEN // 2
        folded = " ".join(fold(text if len(text) <= 2 * most else f"{text[:most]} {text[-most:]}").split())
        parts: list[Hashes] = []
        for place, run in enumerate(_RUNS.split(folded)):
            if run.strip():
                pipeline = self._chinese if place % 2 else self._english
                parts.append(pipeline.tokenizer(run.strip()).to_array("ORTH").astype(np.uint64))
        return np.concatenate(parts) if parts else np.zeros(0, np.uint64)

    def _cut(self, words: Hashes) -> Hashes:
        half = self._max_tokens // 2
        return words if len(words) <= self._max_tokens else np.concatenate([words[:half], words[-half:]])

    @cached_property
    def _english(self) -> "Language":
        import spacy

        return spacy.blank("en")

    @cached_property
    def _chinese(self) -> "Language":
        import spacy

        return spacy.blank("zh")


def hash_word(word: str) -> int:
    """The hash by which `WordTokenizer` knows a (folded) word."""
    from spacy.strings import get_string_id

    return int(get_string_id(word))


def number_words(rows: Sequence[Hashes], known: Hashes) -> list[NDArray[np.int32]]:
    """The number of each word: its place among the sorted `known` ones plus `FIRST_WORD`, or `UNKNOWN`.

    A text without words becomes one unknown word, so that every row has a token.
    """
    numbered = []
    for row in rows:
        places = np.minimum(np.searchsorted(known, row), max(len(known) - 1, 0))
        found = known[places] == row if len(known) else np.zeros(len(row), bool)
        numbers = np.where(found, places + FIRST_WORD, UNKNOWN).astype(np.int32)
        numbered.append(numbers if len(numbers) else np.array([UNKNOWN], np.int32))
    return numbered


def count_words(rows: Iterable[Hashes], min_count: int, limit: int) -> Hashes:
    """The words seen at least `min_count` times, the most frequent `limit` of them, sorted by hash."""
    every = np.concatenate([np.zeros(0, np.uint64), *rows])
    words, counts = np.unique(every, return_counts=True)
    words, counts = words[counts >= min_count], counts[counts >= min_count]
    kept: Hashes = np.sort(words[np.argsort(-counts, kind="stable")[:limit]])
    return kept
