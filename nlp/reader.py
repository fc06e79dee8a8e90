"""The reader: from retrieved passages to the sentences that answer, and how sure it is that they do.

A linear model over a few features, the likeness of vectors among them, picks the most promising sentences. The best of
these are read together with the question where their language can be (`nlp.span_reader`). A small network that knows
more clues about each ranks them (a softmax over the picked ones, trained to put its mass on the sentences that hold the
answer), and the best one decides whether the documents answer at all. There is a set of weights for questions that are
read closely, one for others that the encoder understands, and one for the rest, Chinese that it reads through English
glosses among them; all are made by `dawen train reader` (`nlp.training.reader`, `nlp.reader_weights`).
"""

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.clues import CLUES, Said, asked_for, clues
from nlp.encoder import Encoded, Encoder, trust
from nlp.lexical import LexicalIndex, distinct_terms, query_terms
from nlp.reader_weights import ReaderWeights, Trust, bundled_weights
from nlp.recent_vectors import RecentVectors
from nlp.span_reader import SpanReader, SpanReading, load_span_reader
from nlp.text import detect_language, sentences
from nlp.types import Evidence, Hit, Passage, Span

Floats = NDArray[np.float64]

_HOLDS_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两]"
    r"|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|hundred|thousand|million|billion|first|second|third)\b",
    re.IGNORECASE,
)
_OTHER_LANGUAGE = 1.5  # log-odds that a sentence in another language than the question must make up for
FEATURES = ("passage", "coverage", "before", "after", "cosine", "novelty", "length", "density", "number")
INPUTS = (*FEATURES, *CLUES, "dense", "lexical", "read")
EVIDENCE = ("bias", "passage", "coverage", "cosine", "passages", "score", "margin", "longest", "around", "read")
_COSINE, _LONGEST, _AROUND, _READ = (INPUTS.index(name) for name in ("cosine", "longest", "around", "read"))
_MARGIN = 8.0  # beyond which a lead over the second sentence says no more
_READ_CLOSELY = 8  # sentences a question; more cost time and change next to nothing
_COMPARED = 24  # sentences a question whose vectors are compared with its own
_KNOWN = 0.5  # trust in the encoder from which a question counts as one that it understands
_recent = RecentVectors(4096)  # 6 MB of the bundled encoder's
# Log-odds behind the most promising sentence beyond which one is not worth reading closely. On 400 questions of SQuAD's
# training articles that leaves out a fifth of what is read, and the best sentence and the refusals stay as they were.
_NEAR, _READ_LEAST = 4.0, 3
# How alike two questions are where one entry is as likely as not to answer both, and how steep the odds are there. On
# lists of 25 entries of a public FAQ, 45 instead of 68 in 100 questions that a list does not hold are answered, and 89
# instead of 93 in 100 paraphrases of those that it does.
_ALIKE, _ALIKE_SLOPE = 0.36, 20.0
_NOTHING = frozenset[str]()
_SURE = 0.5  # probability of a short answer from which it is shown
# Weights over `FEATURES` by which sentences are picked, for questions that have a vector and for others.
_PICKS = {
    "trusted": np.array([0.77, 10.62, 5.08, 1.68, 4.54, 0.0, 0.0, -7.04, 1.15]),
    "alone": np.array([0.8, 12.54, 5.81, 2.29, 0.0, -1.08, 0.96, -13.19, 1.18]),
}
PICKED = 20  # sentences a question: the right one is among them for 99 of 100 that any passage answers (training data)


@dataclass(frozen=True, slots=True)
class Reading:
    """Candidate sentences, best first, with scores that sum to 1; `confidence` in [0, 1] that the best one answers."""

    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question with its terms, their rarity, how far to trust what is known of it, and its vector (zeros: none)."""

    text: str
    terms: frozenset[str]
    weights: dict[str, float]
    trust: Trust
    vector: NDArray[np.float32]

    def share(self, found: Set[str]) -> float:
        """The share of the question's rarity that is among the found terms, in [0, 1]."""
        total = sum(self.weights.values())
        return sum(self.weights[term] for term in self.terms & found) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """The most promising sentences: `owners` (k) number their passages among the found ones, `rows` (k, `INPUTS`).

    `texts` (k) are the sentences as they are read, the first of a passage below its heading; the first `near` of them
    are worth reading closely, and `readings` tell how that went where it was done.
    """

    owners: tuple[int, ...]
    spans: tuple[Span, ...]
    texts: tuple[str, ...]
    rows: Floats
    near: int = _READ_CLOSELY
    readings: tuple[SpanReading, ...] = ()

    def __len__(self) -> int:
        return len(self.owners)

    def read_by(self, question: str, reader: SpanReader) -> "Candidates":
        """The same, the best of them read closely; the others count as the least likely of these."""
        readings = reader.read(question, self.texts[: self.near])
        rows, scores = self.rows.copy(), [reading.score for reading in readings]
        rows[:, _READ] = min(scores)
        rows[: len(scores), _READ] = scores
        return replace(self, rows=rows, readings=tuple(readings))

    def short_answer(self, place: int) -> Span | None:
        """The short answer inside the sentence at `place`, where the reading is sure of one."""
        if place >= len(self.readings) or self.readings[place].sure < _SURE:
            return None
        above = len(self.texts[place]) - (self.spans[place].end - self.spans[place].start)
        found = self.readings[place].span
        return Span(found.start - above, found.end - above) if found.start >= above else None


class Reader:
    """Reads passages for an answer. `corpus` tells how large the knowledge is and how rare its words are."""

    def __init__(
        self,
        encoder: Encoder,
        corpus: LexicalIndex,
        spans: SpanReader | None = None,
        weights: ReaderWeights | None = None,
    ) -> None:
        self._encoder = encoder
        self._corpus = corpus
        self._spans = spans
        self._given = weights

    @property
    def _weights(self) -> ReaderWeights:
        return self._given or bundled_weights(INPUTS, EVIDENCE)

    def read(self, question: str, encoded: Encoded, found: Sequence[tuple[Passage, Hit]]) -> Reading:
        """Score the sentences of the found passages for a question that is encoded already (one row)."""
        asked = self.ask(question, encoded)
        candidates = self.candidates(asked, found)
        if not len(candidates):
            return Reading((), 0.0)
        language = detect_language(question)
        foreign = np.array([found[owner][0].language != language for owner in candidates.owners])
        scores = self._weights.score(candidates.rows, asked.trust) - _OTHER_LANGUAGE * foreign
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        evidence = [
            Evidence(found[owner][0], span, float(share), short=candidates.short_answer(place))
            for place, (owner, span, share) in enumerate(zip(candidates.owners, candidates.spans, shares, strict=True))
        ]
        value = self._weights.log_odds(self.evidence(asked, found, candidates, scores), asked.trust)
        value = min(value, _most(asked, *found[candidates.owners[int(np.argmax(scores))]]))
        return Reading(tuple(sorted(evidence, key=lambda item: -item.score)), _probability(value))

    def ask(self, question: str, encoded: Encoded) -> AskedQuestion:
        """What there is to know of a question before any passage is read."""
        wanted = query_terms(question)
        weights = dict(zip(wanted, self._corpus.rarity(wanted), strict=True))
        understood = float(trust(encoded.coverage)[0])
        known = Trust(understood if understood >= _KNOWN else 0.0, self._spans.trust(question) if self._spans else 0.0)
        return AskedQuestion(question, frozenset(wanted), weights, known, encoded.vectors[0])

    def candidates(self, asked: AskedQuestion, found: Sequence[tuple[Passage, Hit]]) -> Candidates:
        """The most promising sentences of the found passages, best first."""
        read = [_read(passage) for passage, _ in found]
        spans, said = [spans for spans, _ in read], [said for _, said in read]
        places = [(owner, place) for owner, group in enumerate(spans) for place in range(len(group))]
        if not places:
            return Candidates((), (), (), np.zeros((0, len(INPUTS))))
        hits = [hit for _, hit in found]
        rows = np.array([row for hit, group in zip(hits, said, strict=True) for row in _rows(asked, hit, group)])
        compared = bool(asked.vector.any())
        if compared:
            rows[:, _COSINE] = self._cosines(asked, [sentence.text for group in said for sentence in group], rows)
        promise = rows @ _PICKS["trusted" if compared else "alone"]
        picked = np.argsort(-promise, kind="stable")[:PICKED]
        chosen = [places[i] for i in picked]
        known = [
            [*clues(asked.text, asked.weights, said[owner], place, owner), hits[owner].dense, hits[owner].lexical, 0.0]
            for owner, place in chosen
        ]
        candidates = Candidates(
            tuple(owner for owner, _ in chosen),
            tuple(spans[owner][place] for owner, place in chosen),
            tuple(said[owner][place].text for owner, place in chosen),
            np.concatenate([rows[picked], np.array(known)], axis=1),
            near=max(_READ_LEAST, int((promise[picked[:_READ_CLOSELY]] >= promise[picked[0]] - _NEAR).sum())),
        )
        return candidates.read_by(asked.text, self._spans) if self._spans and asked.trust.reading else candidates

    def _cosines(self, asked: AskedQuestion, texts: list[str], rows: Floats) -> Floats:
        """Cosines of the sentences most promising by their words; the rest are not encoded and get the lowest found."""
        picked = np.argsort(-(rows @ _PICKS["trusted"]), kind="stable")[:_COMPARED]
        found = _recent.of([texts[i] for i in picked], self._encoder) @ asked.vector
        cosines = np.full(len(texts), float(found.min()))
        cosines[picked] = found
        return cosines

    def evidence(
        self, asked: AskedQuestion, found: Sequence[tuple[Passage, Hit]], candidates: Candidates, scores: Floats
    ) -> Floats:
        """What tells whether the best sentence answers: `EVIDENCE`, for one question.

        The more passages there are, the better the best of them fits by chance; hence their number.
        """
        best = int(np.argmax(scores))
        passage, hit = found[candidates.owners[best]]
        row = candidates.rows[best]
        others = np.delete(scores, best)
        return np.array(
            [
                1.0,
                log_odds(hit.score),
                asked.share(_terms(passage.searchable)),
                row[_COSINE],
                math.log1p(len(self._corpus)),
                scores[best],
                min(scores[best] - others.max(), _MARGIN) if len(others) else _MARGIN,
                row[_LONGEST],
                row[_AROUND],
                row[_READ],
            ]
        )


def open_span_reader(device: str = "auto", cache: Path | None = None) -> SpanReader | None:
    """The close reader of the bundled weights, None where they have none; see `nlp.span_reader.load_span_reader`."""
    arrays = bundled_weights(INPUTS, EVIDENCE).spans
    return load_span_reader(arrays, device, cache) if arrays else None


def _most(asked: AskedQuestion, passage: Passage, hit: Hit) -> float:
    """The greatest log-odds that a passage answers a question that the encoder knows.

    An entry answers its own question: another one that shares a word with it, however well the answer would suit it,
    is not what its writer has answered. How alike two questions are is half their cosine, half the share of rarity.
    """
    if not passage.whole or asked.trust.encoder < 1:
        return math.inf
    alike = (hit.dense + asked.share(_terms(passage.label))) / 2
    return _ALIKE_SLOPE * (alike - _ALIKE)


def _probability(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def spans_of(passage: Passage) -> list[Span]:
    """What of a passage may be shown by itself: each of its sentences, or the text of an entry as one span."""
    return [Span(0, len(passage.text))] if passage.whole else sentences(passage.text)


@lru_cache(maxsize=512)  # passages that are asked about again need not be taken apart again
def _read(passage: Passage) -> tuple[tuple[Span, ...], tuple[Said, ...]]:
    """The sentences of a passage, as spans, and as they are read."""
    spans = spans_of(passage)
    return tuple(spans), tuple(map(Said, _with_label(passage, spans)))


@lru_cache(maxsize=512)
def _terms(text: str) -> frozenset[str]:
    return distinct_terms(text)


def _with_label(passage: Passage, group: Sequence[Span]) -> list[str]:
    """The sentences of a passage, the first together with the heading above it, which it is read under."""
    texts = [passage.text[span.start : span.end] for span in group]
    return [f"{passage.label}\n{texts[0]}", *texts[1:]] if texts and passage.label else texts


def _rows(asked: AskedQuestion, hit: Hit, group: Sequence[Said]) -> list[list[float]]:
    """`FEATURES` of the sentences of one passage, the cosine left at zero."""
    wants_number = asked_for(asked.text).number
    rows = []
    for place, said in enumerate(group):
        here = said.terms
        before = group[place - 1].terms - here if place else _NOTHING
        after = group[place + 1].terms - here if place + 1 < len(group) else _NOTHING
        coverage, size = asked.share(here), said.size
        number = (1.0 if _HOLDS_NUMBER.search(said.text) else -1.0) if wants_number else 0.0
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
