"""Rows of data files: JSON Lines, or CSV and TSV with a header; any of them may be compressed (.gz)."""

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from nlp.errors import DataError

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LABELS = ("label", "intent")


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with their line numbers: CSV or TSV where its name says so, else JSON Lines.

    Raises:
        DataError: the file is missing, is not UTF-8, lacks a column, or has a line that cannot be read.
    """
    kind = Path(path.stem if path.suffix == ".gz" else path.name).suffix.lower()
    separator = _SEPARATORS.get(kind)
    return read_jsonl(path) if separator is None else _read_table(path, separator)


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers; blank lines are passed over.

    Raises:
        DataError: the file is missing, is not UTF-8, or has a line that is not a JSON object.
    """
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _object(line, path, number)


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{str(path)!r}, line {number} is not JSON: mend or remove the line") from error
    if not isinstance(row, dict):
        raise DataError(f"{str(path)!r}, line {number} is not a JSON object: mend or remove the line")
    return row


def _read_table(path: Path, separator: str) -> Iterator[tuple[int, dict[str, Any]]]:
    with _opened(path) as file:
        reader = csv.DictReader(file, delimiter=separator, strict=True)
        try:
            _check_columns(path, list(reader.fieldnames or []))
            for row in reader:
                if None in row or None in row.values():
                    raise DataError(f"{str(path)!r}, line {reader.line_num} has more or fewer cells than the header")
                yield reader.line_num, dict(row)
        except csv.Error as error:
            raise DataError(
                f"{str(path)!r}, line {reader.reader.line_num} cannot be read ({error}): mend the line"
            ) from error


def _check_columns(path: Path, found: list[str]) -> None:
    missing = [] if "text" in found else ["'text'"]
    if not any(label in found for label in _LABELS):
        missing.append("'label' (or 'intent')")
    if missing and found:
        raise DataError(
            f"{str(path)!r} has no column {' and no column '.join(missing)}, only {', '.join(map(repr, found))}: "
            "name the columns in its first line"
        )


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """The file as text, without a byte order mark; what goes wrong while it is read becomes one sentence."""
    try:
        with _opener(path)(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise DataError(f"{str(path)!r}, line {_undecodable_line(path)} is not UTF-8 text: convert it first") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{str(path)!r} is not an intact .gz file: make it again") from error
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read ({error.strerror}): check the path") from error


def _opener(path: Path) -> Callable[..., IO[Any]]:
    return gzip.open if path.suffix == ".gz" else open


def _undecodable_line(path: Path) -> int:
    with _opener(path)(path, "rb") as file:
        return next((n for n, line in enumerate(file, 1) if line.decode("utf-8", "ignore").encode() != line), 1)
