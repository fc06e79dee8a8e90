"""Whether a retriever's adapter may serve: questions with known passages, ranked with it and without.

What is served is the fused ranking, and the adapter moves its dense half. It must be better in one of them on questions
held out from its training, and worse in neither, on no set, in no language.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from nlp.adapter import QueryAdapter
from nlp.encoder import Encoded, Encoder
from nlp.evaluation.qa_data import QaData
from nlp.learning.ruling import Figure, Ruling, compare, rule
from nlp.retriever import Retriever, build
from nlp.text import detect_language
from nlp.training.division import same_question
from nlp.training.pairs import Pair

_DEPTH = 10
_NOWHERE = _DEPTH + 1  # the rank of what is not among the first
_BATCH = 64

View = Literal["dense", "fused"]
MEASURES: dict[str, Callable[[int], float]] = {
    "recall@1": lambda rank: float(rank == 1),
    "recall@5": lambda rank: float(rank <= 5),
    "mrr@10": lambda rank: 1 / rank if rank <= _DEPTH else 0.0,
}


@dataclass(frozen=True)
class Trials:
    """Questions over passages; `right` holds the places of those that answer each.

    `decides` is False for a set that may keep a candidate from serving, and never speaks for it.
    """

    name: str
    passages: tuple[str, ...]
    questions: tuple[str, ...]
    right: tuple[frozenset[int], ...]
    decides: bool = True


def trials_of_pairs(pairs: Sequence[Pair], name: str = "held out", others: Iterable[str] = ()) -> Trials:
    """The questions of pairs over all their passages, and over `others` too."""
    texts = [text for pair in pairs for text in (pair.positive, *pair.negatives)]
    places = {text: place for place, text in enumerate(dict.fromkeys([*texts, *others]))}
    right: dict[str, set[int]] = defaultdict(set)
    asked: dict[str, str] = {}
    for pair in pairs:
        key = same_question(pair.question)
        right[key].add(places[pair.positive])
        asked.setdefault(key, pair.question)
    return Trials(name, tuple(places), tuple(asked.values()), tuple(frozenset(right[key]) for key in asked))


def trials_of_data(data: QaData, name: str, *, decides: bool = False) -> Trials:
    """The questions of a question-answering file over all its passages."""
    right = tuple(frozenset({question.passage}) for question in data.questions)
    return Trials(name, data.passages, tuple(question.text for question in data.questions), right, decides)


def judge_retriever(
    sets: Sequence[Trials], encoder: Encoder, candidate: QueryAdapter, live: QueryAdapter | None = None
) -> Ruling:
    """Compare a candidate with what serves, None for the encoder's own vectors, over sets of questions.

    It must have a better reciprocal rank on a set that decides, and on every set in each language no measure may be
    worse.
    """
    figures: list[Figure] = []
    deciding: list[Figure] = []
    for trials in sets:
        found = _figures(trials, encoder, candidate, live)
        figures += found
        deciding += [figure for figure in found if trials.decides and figure.measure.endswith("mrr@10")]
    return rule(figures, deciding)


def _figures(trials: Trials, encoder: Encoder, candidate: QueryAdapter, live: QueryAdapter | None) -> list[Figure]:
    before, after = rank(trials, encoder, [live, candidate])
    languages = [detect_language(question) for question in trials.questions]
    figures = []
    for language in sorted(set(languages)):
        rows = [row for row, found in enumerate(languages) if found == language]
        for view in before:
            for measure, value in MEASURES.items():
                one, two = (np.array([value(ranks[view][row]) for row in rows]) for ranks in (before, after))
                figures.append(compare(f"{view} {measure}", f"{trials.name}, {language}", one, two))
    return figures


def rank(trials: Trials, encoder: Encoder, adapters: Sequence[QueryAdapter | None]) -> list[dict[View, list[int]]]:
    """By adapter and ranking, at which rank each question finds its first right passage, 11 beyond the tenth."""
    retriever = build(encoder, enumerate(trials.passages))
    ranks: list[dict[View, list[int]]] = [{"dense": [], "fused": []} for _ in adapters]
    for start in range(0, len(trials.questions), _BATCH):
        batch = trials.questions[start : start + _BATCH]
        encoded = encoder.encode(batch, "query")
        for adapter, found in zip(adapters, ranks, strict=True):
            meant = adapter.adapt(encoded) if adapter else encoded
            for row, question in enumerate(batch):
                right = trials.right[start + row]
                one = Encoded(meant.vectors[row : row + 1], meant.coverage[row : row + 1])
                for view, keys in _rankings(retriever, question, one):
                    found[view].append(_first(keys, right))
    return ranks


def _rankings(retriever: Retriever, question: str, encoded: Encoded) -> list[tuple[View, list[int]]]:
    fused = [hit.key for hit in retriever.search_encoded(question, encoded, _DEPTH)]
    if not encoded.vectors.any():
        return [("dense", []), ("fused", fused)]
    return [("dense", [key for key, _ in retriever.vectors.search(encoded.vectors[0], _DEPTH)]), ("fused", fused)]


def _first(keys: Sequence[int], right: frozenset[int]) -> int:
    return next((place for place, key in enumerate(islice(keys, _DEPTH), 1) if key in right), _NOWHERE)
