"""Pre-trained word vectors from text files: GloVe (no header), word2vec and fastText (header), .gz or not."""

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nlp.errors import DataError
from nlp.text import fold
from nlp.tokens import Hashes, hash_word

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class WordVectors:
    """The vectors `rows` (m, d) found for the words at `places` (m,), ascending, of a sorted list of hashes."""

    places: NDArray[np.int64]
    rows: Floats

    @property
    def fingerprint(self) -> str:
        """Changes with any vector."""
        return hashlib.sha256(self.places.tobytes() + self.rows.tobytes()).hexdigest()


def read_vectors(path: Path, known: Hashes, dimension: int | None = None) -> WordVectors:
    """The vectors of the `known` words (sorted hashes) in a file; of words that fold to the same, the first counts.

    Raises:
        DataError: the file is missing, not UTF-8, ragged, of another `dimension`, or holds what is not a number.
    """
    found: dict[int, Floats] = {}
    for number, word, vector in _rows(path):
        if dimension is not None and len(vector) != dimension:
            raise DataError(f"{_at(path, number)} has {len(vector)} dimensions, and dimension is {dimension}")
        key = hash_word(fold(word))
        place = int(np.searchsorted(known, np.uint64(key)))
        if place < len(known) and int(known[place]) == key:
            found.setdefault(place, vector)
        dimension = len(vector)
    if dimension is None:
        raise DataError(f"{str(path)!r} holds no word vectors: expected a word and its numbers a line")
    places = np.array(sorted(found), np.int64)
    rows = np.stack([found[int(place)] for place in places]) if found else np.zeros((0, dimension), np.float32)
    return WordVectors(places, rows)


def _rows(path: Path) -> Iterator[tuple[int, str, Floats]]:
    """Line number, word and vector of each line after the header, if there is one."""
    size = 0
    for number, line in _lines(path):
        fields = line.rstrip().split(" ")
        if number == 1 and len(fields) == 2 and all(field.isdigit() for field in fields):
            size = int(fields[1])
            continue
        size = size or len(fields) - 1
        if size < 1 or len(fields) <= size:
            raise DataError(f"{_at(path, number)} has {len(fields) - 1} numbers after the word instead of {size}")
        words = fields[:-size]
        if len(words) > 1 and all(map(_is_number, words[1:])):
            raise DataError(f"{_at(path, number)} has {len(fields) - 1} numbers after the word instead of {size}")
        yield number, " ".join(words), _vector(fields[-size:], path, number)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError as error:
        raise DataError(f"{_at(path, number)} is not UTF-8 text: convert it first") from error
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise DataError(f"word vectors {str(path)!r} cannot be read ({reason}): check the path") from error


def _open(path: Path) -> gzip.GzipFile | IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _vector(fields: list[str], path: Path, number: int) -> Floats:
    try:
        vector = np.array(fields, np.float32)
    except ValueError as error:
        raise DataError(f"{_at(path, number)} holds what is not a number: mend or remove the line") from error
    if not np.isfinite(vector).all():
        raise DataError(f"{_at(path, number)} holds a number that is not finite: mend or remove the line")
    return vector


def _is_number(field: str) -> bool:
    with suppress(ValueError):
        float(field)
        return True
    return False


def _at(path: Path, number: int) -> str:
    return f"word vectors {str(path)!r}, line {number}"
