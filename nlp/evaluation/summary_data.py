"""Files of articles with reference summaries: JSON Lines with source or article, and target or summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.blocks import Block, assemble, plain_blocks
from nlp.errors import DataError
from nlp.text import length, sentences
from nlp.training.readers import read_jsonl
from nlp.types import Document

_ARTICLE, _REFERENCE = ("source", "article"), ("target", "summary")


@dataclass(frozen=True, slots=True)
class Sample:
    """An article, its sentences in order, and at least one reference summary; `genre` is "" where none is told."""

    document: Document
    sentences: tuple[str, ...]
    references: tuple[str, ...]
    genre: str = ""


def read_samples(path: Path, limit: int | None = None) -> list[Sample]:
    """The articles of a file, at most `limit`, spread over it.

    An article is a text or a list of its sentences. A reference is a text; a list holds alternative references.

    Raises:
        DataError: the file is missing or empty, or a line lacks an article or a reference, or they cannot be read.
    """
    found = [_sample(row, f"{str(path)!r}, line {number}") for number, row in read_jsonl(path)]
    if not found:
        raise DataError(f"{str(path)!r} has no rows: expected one article with its summary a line")
    if limit is None or limit >= len(found):
        return found
    return [found[i * len(found) // limit] for i in range(limit)]


def usual_count(samples: Sequence[Sample]) -> int:
    """How many sentences a reference of these has: the mean, rounded, at least 1."""
    counts = [len(sentences(reference)) for sample in samples for reference in sample.references]
    return max(1, round(sum(counts) / len(counts)))


def _sample(row: Mapping[str, Any], place: str) -> Sample:
    texts = _texts(row, _ARTICLE, place)
    references = [reference for reference in _texts(row, _REFERENCE, place) if length(reference)]
    for names, value in ((_ARTICLE, "".join(texts)), (_REFERENCE, "".join(references))):
        if not length(value):
            raise DataError(
                f"{place} has nothing to read in its '{_name(row, names)}': give it words, or remove the line"
            )
    title, genre = (str(row.get(name) or "") for name in ("title", "genre"))
    if len(texts) > 1:
        listed = assemble([Block("\n".join(" ".join(text.split()) for text in texts))], "", "text/plain", title=title)
        return Sample(listed, tuple(texts), tuple(references), genre)
    document = assemble(plain_blocks(texts[0]), "", "text/plain", title=title)
    pieces = tuple(document.text[span.start : span.end] for span in sentences(document.text))
    return Sample(document, pieces, tuple(references), genre)


def _name(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((name for name in names if row.get(name) is not None), "")


def _texts(row: Mapping[str, Any], names: Sequence[str], place: str) -> list[str]:
    name = _name(row, names)
    if not name:
        wanted = " or ".join(f"'{name}'" for name in names)
        raise DataError(f"{place} lacks a {wanted}: it must be a string or a list of strings")
    value = row[name]
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{place} has a '{name}' that cannot be read: it must be a string or a list of strings")
    return [text.strip() for text in texts if text.strip()]
