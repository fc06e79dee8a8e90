"""Extractive summaries: the sentences that say most of a text, in its order.

A sentence's worth blends how central its terms are to the whole text, where it stands, and what it shares with the
title; sentences too like one already chosen are passed over (maximal marginal relevance, Carbonell & Goldstein 1998).
Plain centrality loses to the first sentences on news, so position is never left out.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from nlp.lexical import terms
from nlp.text import length, sentences
from nlp.types import Document, Summary

_CENTRALITY, _POSITION, _TITLE = 0.5, 0.35, 0.15
_REDUNDANCY = 0.5  # how much likeness to what is chosen costs
_READ_AT_MOST = 400  # sentences; the beginning of a very long text stands for it
_SHORTEST = 5  # words or Chinese characters of a sentence that can stand alone

Vector = dict[str, float]


class Summarizer:
    """Chooses sentences. Needs no model, so it is the same everywhere."""

    name = "extractive"

    def summarize(self, document: Document, count: int = 3) -> Summary:
        """The `count` most telling sentences of a document; all of them when it has no more."""
        found = [document.text[span.start : span.end] for span in sentences(_body(document))]
        texts = [text for text in dict.fromkeys(found) if length(text) >= _SHORTEST][:_READ_AT_MOST] or found[:count]
        vectors = _vectors(texts)
        worth = _worth(vectors, _unit(Counter(terms(document.title))))
        chosen = _choose(vectors, worth, count)
        return Summary(document.language, document.title, tuple(texts[i] for i in sorted(chosen)), len(document.text))


def _body(document: Document) -> str:
    """The text with headings blanked out, so that places stay what they are."""
    if not document.sections:
        return document.text
    body = [" "] * len(document.text)
    for section in document.sections:
        body[section.span.start : section.span.end] = document.text[section.span.start : section.span.end]
        if section.span.start:
            body[section.span.start - 1] = "\n"
    return "".join(body)


def _vectors(texts: Sequence[str]) -> list[Vector]:
    bags = [Counter(terms(text)) for text in texts]
    frequency = Counter(term for bag in bags for term in bag)
    rarity = {term: math.log(1 + len(texts) / count) for term, count in frequency.items()}
    return [_unit({term: count * rarity[term] for term, count in bag.items()}) for bag in bags]


def _unit(bag: Vector | Counter[str]) -> Vector:
    norm = math.sqrt(sum(value * value for value in bag.values()))
    return {term: value / norm for term, value in bag.items()} if norm else {}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(value * large.get(term, 0.0) for term, value in small.items())


def _worth(vectors: Sequence[Vector], title: Vector) -> list[float]:
    centroid: dict[str, float] = defaultdict(float)
    for term, value in (item for vector in vectors for item in vector.items()):
        centroid[term] += value
    # Each sentence is compared with all others together, not with itself.
    central = [_cosine(vector, centroid) - _cosine(vector, vector) for vector in vectors]
    top = max(central, default=1.0) or 1.0
    return [
        _CENTRALITY * score / top + _POSITION / (1 + place / 2) + _TITLE * _cosine(vector, title)
        for place, (vector, score) in enumerate(zip(vectors, central, strict=True))
    ]


def _choose(vectors: Sequence[Vector], worth: Sequence[float], count: int) -> list[int]:
    chosen: list[int] = []
    left = set(range(len(vectors)))
    while left and len(chosen) < count:
        best = max(left, key=lambda i: (_gain(i, vectors, worth, chosen), -i))
        chosen.append(best)
        left.remove(best)
    return chosen


def _gain(place: int, vectors: Sequence[Vector], worth: Sequence[float], chosen: Sequence[int]) -> float:
    likeness = max((_cosine(vectors[place], vectors[other]) for other in chosen), default=0.0)
    return worth[place] - _REDUNDANCY * likeness
