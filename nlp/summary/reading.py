"""What a summary is chosen from: the sentences of a document with their places, in bounded number and length.

Of a long text a part is read that is spread over all of it: paragraphs at even distances, and of each the beginning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from nlp.text import has_han, length, sentences
from nlp.types import Document

_READ = 100_000  # characters that are cut into sentences: 0.4 s of Chinese, 0.1 s of English
_PIECE = 2_000  # characters of a paragraph that are looked at together; a longer one is cut
_AT_MOST = 300  # sentences that are weighed; each is compared with every other
_SHORTEST = 5  # words or Chinese characters of a sentence that can stand alone
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_ABBREVIATED = re.compile(r"(?:\b(?:et al|e\.g|i\.e|cf|vs|Fig|Figs|Eq|Sec|No|Dr|Mr|Mrs|Ms|Prof|St|approx)|\b[A-Z])\.$")
_PLACE = attrgetter("place")
_SOFT_END = re.compile(r"(?<=[.!?。！？;；])\s*|(?<=\n)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it is written, the number of its paragraph, and its place there, both from 0."""

    text: str
    paragraph: int
    place: int

    @property
    def opens(self) -> bool:
        """True for the first sentence of a paragraph."""
        return self.place == 0


def read(document: Document) -> list[Sentence]:
    """The sentences of a document in their order, headings left out, each one once, at most 300 of them."""
    found = [
        Sentence(text, number, place)
        for number, paragraph in enumerate(_part(_paragraphs(document)))
        for place, text in enumerate(_split(paragraph))
    ]
    once = list({sentence.text: sentence for sentence in reversed(found)}.values())[::-1]
    telling = [sentence for sentence in once if length(sentence.text) >= _SHORTEST]
    return _thin(telling or once)


def _paragraphs(document: Document) -> list[str]:
    text = document.text
    if document.sections:
        return [text[section.span.start : section.span.end] for section in document.sections]
    return [paragraph for paragraph in _PARAGRAPH.split(text) if paragraph.strip()]


def _part(paragraphs: Sequence[str]) -> list[str]:
    """Paragraphs of `_READ` characters at most, spread evenly over all."""
    pieces = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
    step = max(1.0, sum(map(len, pieces)) / _READ)
    return [pieces[int(i * step)] for i in range(int(len(pieces) / step))]


def _pieces(paragraph: str) -> Iterator[str]:
    """A paragraph in parts of `_PIECE` characters at most, cut where a sentence ends if one does."""
    while len(paragraph) > _PIECE:
        ends = [match.end() for match in _SOFT_END.finditer(paragraph, _PIECE // 2, _PIECE)]
        end = ends[-1] if ends else _PIECE
        yield paragraph[:end]
        paragraph = paragraph[end:]
    yield paragraph


def _split(paragraph: str) -> list[str]:
    """The sentences of a paragraph; what an abbreviation parted is joined again."""
    spans = sentences(paragraph)
    joined: list[tuple[int, int]] = []
    for span in spans:
        if joined and _continues(paragraph, joined[-1], span.start):
            joined[-1] = (joined[-1][0], span.end)
        else:
            joined.append((span.start, span.end))
    return [paragraph[start:end] for start, end in joined]


def _continues(text: str, before: tuple[int, int], start: int) -> bool:
    between, end = text[before[1] : start], text[before[0] : before[1]]
    if "\n" in between or has_han(text[start : start + 1]):
        return False
    return text[start].islower() or _ABBREVIATED.search(end[-12:]) is not None


def _thin(found: list[Sentence]) -> list[Sentence]:
    """At most `_AT_MOST` of them: the first of every paragraph, then the second, and so on, the last ones evenly."""
    kept: list[Sentence] = []
    for _, group in groupby(sorted(found, key=_PLACE), key=_PLACE):
        level = list(group)
        room = min(len(level), _AT_MOST - len(kept))
        kept += [level[i * len(level) // room] for i in range(room)]
    return sorted(kept, key=lambda sentence: (sentence.paragraph, sentence.place))
