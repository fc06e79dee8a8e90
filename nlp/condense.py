"""Summaries by a generator: a long text in parts, and nothing said that the text does not hold.

Each part is put into a few sentences, and those into the summary (map and reduce), so that any length takes a bounded
number of calls and each call a bounded text. A sentence whose numbers or names are not in what it was made of is
replaced by the sentence there that is closest to it; figures are what people quote from a summary.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nlp.generators.claims import claims
from nlp.generators.numbers import numbers
from nlp.generators.support import names, word_set
from nlp.lexical import terms
from nlp.text import han_share, sentences
from nlp.types import Document

PART = 6000  # characters of one call in English, about 1,500 tokens; a Chinese character is nearly a token itself
_PART_HAN = 2500
MOST_PARTS = 24
NOTES = 3  # sentences of a part that is not the whole
_CHARACTERS_OF_A_NOTE = 400


@dataclass(frozen=True)
class Part:
    """A stretch of a text, and what may be said of it."""

    text: str

    def faithful(self, sentence: str) -> bool:
        """True when every number and every name of a sentence is in the text."""
        return numbers(sentence) <= self._numbers and names(sentence) <= self._words

    def closest(self, sentence: str, taken: Iterable[str] = ()) -> str:
        """The sentence of the text that shares most terms with `sentence`, of those not taken; empty if none does."""
        wanted, passed = set(terms(sentence)), set(taken)
        best, most = "", 0.0
        for text, found in self._sentences:
            likeness = len(wanted & found) / (len(wanted | found) or 1)
            if likeness > most and text not in passed:
                best, most = text, likeness
        return best

    def checked(self, written: str, most: int) -> tuple[str, ...]:
        """The sentences of what a generator wrote, at most so many, each true to the text or replaced by one of it."""
        kept: list[str] = []
        for claim in claims(written)[:most]:
            text = claim.text if self.faithful(claim.text) else self.closest(claim.text, kept)
            if text and text not in kept:
                kept.append(text)
        return tuple(kept)

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return numbers(self.text)

    @cached_property
    def _words(self) -> frozenset[str]:
        return word_set(self.text)

    @cached_property
    def _sentences(self) -> list[tuple[str, set[str]]]:
        texts = [self.text[span.start : span.end] for span in sentences(self.text)]
        return [(text, set(terms(text))) for text in texts]


def parts(document: Document) -> list[Part]:
    """A document in parts that one call can read, cut between paragraphs, at most `MOST_PARTS`.

    Of a text that is longer, each part keeps its first paragraphs: what a section is about is said where it begins.
    """
    room = _PART_HAN if han_share(document.text[:PART]) > 0.5 else PART
    stride = max(room, -(-len(document.text) // MOST_PARTS))
    groups: list[list[str]] = [[]]
    filled = 0
    for piece in _pieces(document.text, room):
        if groups[-1] and filled + len(piece) > stride and len(groups) < MOST_PARTS:
            groups.append([])
            filled = 0
        groups[-1].append(piece)
        filled += len(piece)
    return [Part(_first(group, room)) for group in groups if group]


def _pieces(text: str, room: int) -> list[str]:
    """Paragraphs, none longer than a part."""
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]
    return [piece[start : start + room] for piece in paragraphs for start in range(0, len(piece), room)]


def _first(pieces: Sequence[str], room: int) -> str:
    kept: list[str] = []
    left = room
    for piece in pieces:
        if kept and len(piece) > left:
            break
        kept.append(piece)
        left -= len(piece) + 2
    return "\n\n".join(kept)


def note(said: Sequence[str]) -> str:
    """The sentences that stand for a part, as a paragraph of bounded length."""
    return "\n".join(text[:_CHARACTERS_OF_A_NOTE] for text in said)
