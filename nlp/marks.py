"""Which words of a text are shown as those that a question shares with it."""

from nlp.lexical import terms
from nlp.text import FUNCTION_WORDS, TOKEN, fold, is_han
from nlp.types import Span


def mark(text: str, wanted: frozenset[str]) -> tuple[Span, ...]:
    """The places in `text` of the words that share a term with the question, function words left out."""
    places: list[Span] = []
    for token in TOKEN.finditer(text):
        if is_han(token[0]):
            places += _mark_han(token.start(), token[0], wanted)
        elif fold(token[0]) not in FUNCTION_WORDS and wanted.intersection(terms(token[0])):
            places.append(Span(*token.span()))
    return tuple(places)


def _mark_han(offset: int, run: str, wanted: frozenset[str]) -> list[Span]:
    folded = fold(run)
    if len(folded) != len(run):
        return []
    inside = [False] * len(run)
    for place in range(len(run) - 1):
        if folded[place : place + 2] in wanted:
            inside[place] = inside[place + 1] = True
    spans: list[Span] = []
    for place, flag in enumerate(inside):
        if flag and spans and spans[-1].end == offset + place:
            spans[-1] = Span(spans[-1].start, offset + place + 1)
        elif flag:
            spans.append(Span(offset + place, offset + place + 1))
    return spans
