"""How well passages are found: every question of a file against all of its distinct contexts."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from nlp.encoder import Encoder
from nlp.evaluation.metrics import recall_at, reciprocal_rank
from nlp.evaluation.qa_data import QaData
from nlp.index import VectorIndex
from nlp.retriever import build

_DEPTH = 10


@dataclass(frozen=True)
class Ranking:
    """Quality of one ranker: shares in [0, 1]."""

    recall_at_1: float
    recall_at_5: float
    mrr_at_10: float

    def as_dict(self) -> dict[str, float]:
        """The figures under their usual names."""
        return {
            "recall@1": round(self.recall_at_1, 4),
            "recall@5": round(self.recall_at_5, 4),
            "mrr@10": round(self.mrr_at_10, 4),
        }


@dataclass(frozen=True)
class RetrievalReport:
    """The retriever beside each of its halves, in the same run on the same index."""

    questions: int
    passages: int
    fused: Ranking
    bm25: Ranking
    dense: Ranking
    build_seconds: float
    queries_per_s: float
    search_ms_p95: float

    def as_dict(self) -> dict[str, object]:
        """One flat object: the fused figures at the top, the halves below their names."""
        return {
            "questions": self.questions,
            "passages": self.passages,
            **self.fused.as_dict(),
            "bm25": self.bm25.as_dict(),
            "dense": self.dense.as_dict(),
            "build_seconds": round(self.build_seconds, 3),
            "queries_per_s": round(self.queries_per_s, 1),
            "search_ms_p95": round(self.search_ms_p95, 2),
        }


def evaluate_retrieval(
    data: QaData, encoder: Encoder, on_question: Callable[[int, int], object] = lambda _done, _total: None
) -> RetrievalReport:
    """Index all passages and ask every question, one at a time as a chat does."""
    start = time.perf_counter()
    retriever = build(encoder, enumerate(data.passages))
    build_seconds = time.perf_counter() - start
    alone = VectorIndex(encoder.dimension)
    alone.add(range(len(data.passages)), encoder.encode(data.passages, floor=-1).vectors)
    total = len(data.questions)
    fused, dense, bm25, times = [], [], [], []
    for number, question in enumerate(data.questions, 1):
        start = time.perf_counter()
        hits = retriever.search(question.text, _DEPTH)
        times.append(time.perf_counter() - start)
        fused.append(_rank((hit.key for hit in hits), question.passage))
        vector = encoder.encode([question.text], "query", floor=-1).vectors[0]
        dense.append(_rank((key for key, _ in alone.search(vector, _DEPTH)), question.passage))
        bm25.append(_rank((key for key, _ in retriever.lexical.search(question.text, _DEPTH)), question.passage))
        on_question(number, total)
    return RetrievalReport(
        questions=total,
        passages=len(data.passages),
        fused=_ranking(fused),
        bm25=_ranking(bm25),
        dense=_ranking(dense),
        build_seconds=build_seconds,
        queries_per_s=total / sum(times),
        search_ms_p95=float(np.percentile(times, 95)) * 1000,
    )


def _rank(keys: Iterable[int], gold: int) -> int | None:
    return next((rank for rank, key in enumerate(keys, 1) if key == gold), None)


def _ranking(ranks: list[int | None]) -> Ranking:
    return Ranking(recall_at(ranks, 1), recall_at(ranks, 5), reciprocal_rank(ranks, _DEPTH))
