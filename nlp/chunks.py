"""Documents to retrievable pieces: whole sentences, under one heading, with their place in the document."""

from collections.abc import Iterator

from nlp.text import detect_language, length, sentences
from nlp.types import Chunk, Document, Section, Span

MAX_UNITS = 150  # words plus Chinese characters; MiniLM reads 256 tokens, and a shorter piece is a sharper one


def chunk(document: Document, max_units: int = MAX_UNITS) -> list[Chunk]:
    """Cut a document into chunks of at most `max_units`, never inside a sentence unless it alone is longer.

    Neighbouring paragraphs share a chunk while they share heading and page. A whole section is a chunk of its own,
    however long it is.
    """
    pieces = (piece for group in _groups(document) for piece in _pack(document.text, group, max_units))
    return [_chunk(document.text, ordinal, span, section) for ordinal, (span, section) in enumerate(pieces)]


def _chunk(text: str, ordinal: int, span: Span, section: Section) -> Chunk:
    piece = text[span.start : span.end]
    # An answer may be a mere address or number: the question above it tells the language.
    language = detect_language(f"{section.heading}\n{piece}" if section.whole else piece)
    return Chunk(ordinal, span, piece, section.heading, language, section.page, section.whole)


def _groups(document: Document) -> Iterator[list[Section]]:
    group: list[Section] = []
    for section in document.sections:
        if group and not _belong_together(group[0], section):
            yield group
            group = []
        group.append(section)
    if group:
        yield group


def _belong_together(first: Section, other: Section) -> bool:
    if first.whole or other.whole:
        return False
    return (first.heading, first.page) == (other.heading, other.page)


def _pack(text: str, group: list[Section], max_units: int) -> Iterator[tuple[Span, Section]]:
    if group[0].whole:
        yield group[0].span, group[0]
        return
    start, end, units = group[0].span.start, group[0].span.start, 0
    for piece in _pieces(text, group, max_units):
        size = length(text[piece.start : piece.end])
        if units and units + size > max_units:
            yield Span(start, end), group[0]
            start, units = piece.start, 0
        end, units = piece.end, units + size
    if units:
        yield Span(start, end), group[0]


def _pieces(text: str, group: list[Section], max_units: int) -> Iterator[Span]:
    for section in group:
        body = text[section.span.start : section.span.end]
        for sentence in sentences(body):
            place = Span(section.span.start + sentence.start, section.span.start + sentence.end)
            yield from _cut(text, place, max_units)


def _cut(text: str, span: Span, max_units: int) -> Iterator[Span]:
    """A sentence as it is, or in equal parts where it is longer than a chunk may be."""
    parts = -(-length(text[span.start : span.end]) // max_units)
    if parts <= 1:
        yield span
        return
    step = -(-(span.end - span.start) // parts)
    for start in range(span.start, span.end, step):
        yield Span(start, min(start + step, span.end))
