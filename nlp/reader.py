"""The reader: from retrieved passages to the sentences that answer, and how sure it is that they do.

Every sentence of the passages is scored by a linear listwise model (a softmax over all candidate sentences, fitted
to put its mass on the sentences that hold the answer), and the best one decides whether the documents answer at all.
Both sets of weights come from the training halves of SQuAD 1.1 and CMRC 2018 (`python -m benchmarks.fit_answers`):
one set for questions that the encoder understands, one for the rest, blended by `nlp.encoder.trust`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoded, Encoder, trust
from nlp.lexical import LexicalIndex, query_terms, terms
from nlp.text import FUNCTION_WORDS, TOKEN, detect_language, fold, is_han, length, sentences
from nlp.types import Evidence, Hit, Passage, Span

Floats = NDArray[np.float64]

_ASKS_NUMBER = re.compile(
    r"\bhow (many|much|long|old|far|tall|large|big|often|high|fast)\b|\bwhen\b"
    r"|\b(what|which) (year|date|number|percent|percentage|age|time|day|month|century|decade|size|price)\b"
    r"|多少|几|何时|什么时候|什么时间|哪一?年|哪天|多[大长高久远重快]",
    re.IGNORECASE,
)
_HOLDS_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两]"
    r"|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|hundred|thousand|million|billion|first|second|third)\b",
    re.IGNORECASE,
)
_OTHER_LANGUAGE = 1.5  # log-odds that a sentence in another language than the question must make up for
FEATURES = ("passage", "coverage", "before", "after", "cosine", "novelty", "length", "density", "number")
EVIDENCE = ("bias", "passage", "coverage", "cosine", "passages")
_COSINE = FEATURES.index("cosine")
# Sentences encoded per question; more cost time and changed nothing (SQuAD train: 0.748 at 6, 0.750 at 10).
_ENCODED = 6


@dataclass(frozen=True)
class ReaderWeights:
    """Linear weights: `sentence` over `FEATURES` ranks sentences, `answerable` over `EVIDENCE` decides on answering."""

    sentence: tuple[float, ...]
    answerable: tuple[float, ...]


TRUSTED = ReaderWeights((0.77, 10.62, 5.08, 1.68, 4.54, 0.0, 0.0, -7.04, 1.15), (-0.96, 0.79, 4.96, 13.54, -0.8))
ALONE = ReaderWeights((0.8, 12.54, 5.81, 2.29, 0.0, -1.08, 0.96, -13.19, 1.18), (-1.28, 0.47, 6.77, 0.0, -0.57))


@dataclass(frozen=True, slots=True)
class Reading:
    """Candidate sentences, best first, with scores that sum to 1; `confidence` in [0, 1] that the best one answers."""

    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question with its terms, their rarity, how far its vector can be trusted, and the vector."""

    text: str
    terms: frozenset[str]
    weights: dict[str, float]
    trusted: float
    vector: NDArray[np.float32]

    def share(self, found: set[str]) -> float:
        """The share of the question's rarity that is among the found terms, in [0, 1]."""
        total = sum(self.weights.values())
        return sum(self.weights[term] for term in self.terms & found) / total if total else 0.0


class Reader:
    """Reads passages for an answer. `corpus` tells how large the knowledge is and how rare its words are."""

    def __init__(
        self, encoder: Encoder, corpus: LexicalIndex, trusted: ReaderWeights = TRUSTED, alone: ReaderWeights = ALONE
    ) -> None:
        self._encoder = encoder
        self._corpus = corpus
        self._trusted = trusted
        self._alone = alone

    def read(self, question: str, encoded: Encoded, found: Sequence[tuple[Passage, Hit]]) -> Reading:
        """Score all sentences of the found passages for a question that is encoded already (one row)."""
        asked = self.ask(question, encoded)
        spans = [spans_of(passage) for passage, _ in found]
        candidates = [(number, span) for number, group in enumerate(spans) for span in group]
        if not candidates:
            return Reading((), 0.0)
        rows = self.features(asked, found, spans)
        language = detect_language(question)
        foreign = np.array([found[number][0].language != language for number, _ in candidates])
        scores = rows @ self._blend(asked.trusted, "sentence") - _OTHER_LANGUAGE * foreign
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        best = int(np.argmax(shares))
        evidence = [
            Evidence(found[number][0], span, float(share))
            for (number, span), share in zip(candidates, shares, strict=True)
        ]
        ranked = sorted(evidence, key=lambda item: -item.score)
        return Reading(tuple(ranked), self._confidence(asked, found[candidates[best][0]], rows[best]))

    def ask(self, question: str, encoded: Encoded) -> AskedQuestion:
        """What there is to know of a question before any passage is read."""
        wanted = query_terms(question)
        weights = dict(zip(wanted, self._corpus.rarity(wanted), strict=True))
        trusted = float(trust(encoded.coverage)[0])
        return AskedQuestion(question, frozenset(wanted), weights, trusted, encoded.vectors[0])

    def features(
        self, asked: AskedQuestion, found: Sequence[tuple[Passage, Hit]], spans: Sequence[list[Span]]
    ) -> Floats:
        """One row of `FEATURES` per sentence, in the order of passages and sentences."""
        texts = [_with_label(passage, group) for (passage, _), group in zip(found, spans, strict=True)]
        wants_number = bool(_ASKS_NUMBER.search(asked.text))
        rows = np.array(
            [
                row
                for (_, hit), group in zip(found, texts, strict=True)
                for row in _rows(asked, hit, group, wants_number)
            ]
        )
        if asked.trusted:
            flat = [text for group in texts for text in group]
            rows[:, _COSINE] = self._cosines(asked, flat, rows @ self._blend(asked.trusted, "sentence"))
        return rows

    def _cosines(self, asked: AskedQuestion, texts: list[str], promise: Floats) -> Floats:
        """Cosines of the sentences most promising by their words; the rest are not encoded and get the lowest found."""
        picked = np.argsort(-promise, kind="stable")[:_ENCODED]
        found = self._encoder.encode([texts[i] for i in picked]).vectors @ asked.vector
        cosines = np.full(len(texts), float(found.min()))
        cosines[picked] = found
        return cosines

    def _blend(self, trusted: float, kind: str) -> Floats:
        known, unknown = np.array(getattr(self._trusted, kind)), np.array(getattr(self._alone, kind))
        blended: Floats = trusted * known + (1 - trusted) * unknown
        return blended

    def _confidence(self, asked: AskedQuestion, best: tuple[Passage, Hit], row: Floats) -> float:
        value = float(self._blend(asked.trusted, "answerable") @ self.evidence(asked, best, row))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))

    def evidence(self, asked: AskedQuestion, best: tuple[Passage, Hit], row: Floats) -> Floats:
        """What tells whether the best sentence answers: `EVIDENCE`, for one question.

        The more passages there are, the better the best of them fits by chance; hence their number.
        """
        passage, hit = best
        inside = asked.share(set(terms(passage.searchable)))
        return np.array([1.0, log_odds(hit.score), inside, row[_COSINE], math.log1p(len(self._corpus))])


def spans_of(passage: Passage) -> list[Span]:
    """What of a passage may be shown by itself: each of its sentences, or the text of an entry as one span."""
    return [Span(0, len(passage.text))] if passage.whole else sentences(passage.text)


def _with_label(passage: Passage, group: Sequence[Span]) -> list[str]:
    """The sentences of a passage, the first together with the heading above it, which it is read under."""
    texts = [passage.text[span.start : span.end] for span in group]
    return [f"{passage.label}\n{texts[0]}", *texts[1:]] if texts and passage.label else texts


def _rows(asked: AskedQuestion, hit: Hit, group: list[str], wants_number: bool) -> list[list[float]]:
    """`FEATURES` of the sentences of one passage, the cosine left at zero."""
    found = [set(terms(text)) for text in group]
    rows = []
    for place, text in enumerate(group):
        here = found[place]
        before = found[place - 1] - here if place else set()
        after = found[place + 1] - here if place + 1 < len(group) else set()
        coverage, size = asked.share(here), math.log1p(length(text))
        number = (1.0 if _HOLDS_NUMBER.search(text) else -1.0) if wants_number else 0.0
        novelty = math.log1p(len(here - asked.terms))
        rows.append(
            [
                log_odds(hit.score),
                coverage,
                asked.share(before),
                asked.share(after),
                0.0,
                novelty,
                size,
                coverage / (1 + size),
                number,
            ]
        )
    return rows


def log_odds(probability: float) -> float:
    """The log-odds of a probability, kept within what a score can mean."""
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


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
