"""Answers beside simpler ways to find them, in one run over the same passages and questions.

    python -m benchmarks.answers --data squad_v1/dev.jsonl [--data cmrc2018/dev.jsonl] [--questions 1000]

Beside Dawen: BM25 alone, whose best sentences are those that share most with the question; BM25 with sentences chosen
by their embeddings; and a plain script of sentence-transformers and FAISS, as tutorials show it. Each shows its best
three sentences and refuses nothing; Dawen may refuse, which counts as a miss.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from nlp.encoder import bundled_folder, load_encoder
from nlp.evaluation.answers import PASSAGES_READ, Bench
from nlp.evaluation.metrics import contains_answer
from nlp.evaluation.qa_data import QaData, Question, read_qa
from nlp.lexical import LexicalIndex, query_terms, terms
from nlp.reader import open_span_reader
from nlp.text import sentences

SHOWN = 3


@dataclass(frozen=True)
class Found:
    """What a way of answering found: passages best first, and the sentences that it shows, best first."""

    passages: Sequence[int]
    shown: Sequence[str]


Ask = Callable[[str], Found]


@dataclass(frozen=True)
class Row:
    """Figures of one way of answering: shares in [0, 1], and milliseconds a question."""

    name: str
    recall_at_1: float
    recall_at_5: float
    sentence_hit_at_1: float
    sentence_hit: float
    p50_ms: float
    p95_ms: float


class Plain:
    """The usual script: sentence-transformers embeds passages and sentences, FAISS finds, cosines choose."""

    def __init__(self, data: QaData) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(bundled_folder()), device="cpu")
        self.pieces = [[text[span.start : span.end] for span in sentences(text)] for text in data.passages]
        vectors = self.encode(list(data.passages))
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        self.lexical = LexicalIndex()
        self.lexical.add(enumerate(data.passages))

    def encode(self, texts: list[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        """Unit vectors (n, d)."""
        return np.asarray(self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False), np.float32)

    def dense(self, question: str) -> Found:
        """Passages and sentences by their embeddings."""
        vector = self.encode([question])
        keys = [int(key) for key in self._index.search(vector, PASSAGES_READ)[1][0]]
        return Found(keys, self._nearest(vector, keys))

    def mixed(self, question: str) -> Found:
        """Passages by BM25, sentences by their embeddings."""
        keys = [key for key, _ in self.lexical.search(question, PASSAGES_READ)]
        return Found(keys, self._nearest(self.encode([question]), keys))

    def bm25(self, question: str) -> Found:
        """Passages by BM25, sentences by the rarity of the words that they share with the question."""
        keys = [key for key, _ in self.lexical.search(question, PASSAGES_READ)]
        wanted = query_terms(question)
        rarity = dict(zip(wanted, self.lexical.rarity(wanted), strict=True))
        texts = [text for key in keys for text in self.pieces[key]]
        scores = [sum(rarity[term] for term in set(terms(text)) & rarity.keys()) for text in texts]
        return Found(keys, [texts[i] for i in np.argsort(-np.array(scores), kind="stable")[:SHOWN]])

    def _nearest(self, vector: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", keys: Sequence[int]) -> list[str]:
        texts = [text for key in keys for text in self.pieces[key]]
        if not texts:
            return []
        return [texts[i] for i in np.argsort(-(self.encode(texts) @ vector[0]), kind="stable")[:SHOWN]]


def ours(bench: Bench) -> Ask:
    """Dawen's own way, over the passages of the bench."""

    def ask(question: str) -> Found:
        encoded, found = bench.find(question)
        answer = bench.answerer.answer(question, found, encoded)
        shown = sorted(answer.evidence, key=lambda item: -item.score)
        return Found([passage.key for passage, _ in found], [item.text for item in shown])

    return ask


def measure(name: str, ask: Ask, questions: Sequence[Question]) -> Row:
    """Ask every question, one at a time as a chat does."""
    scores, times = [], []
    for question in questions:
        start = time.perf_counter()
        found = ask(question.text)
        times.append((time.perf_counter() - start) * 1000)
        hits = [contains_answer(text, question.golds) for text in found.shown]
        ranked = [key == question.passage for key in found.passages]
        scores.append((any(ranked[:1]), any(ranked[:5]), any(hits[:1]), any(hits)))
    first, five, best, any_shown = np.mean(scores, axis=0).tolist()
    middle, late = np.percentile(times, [50, 95]).tolist()
    return Row(name, first, five, best, any_shown, middle, late)


def compare(data: QaData, cache: Path | None = None) -> list[Row]:
    """All ways on one file; only questions that have an answer are asked."""
    questions = [question for question in data.questions if question.golds]
    plain = Plain(data)
    ways: dict[str, Ask] = {
        "Dawen": ours(Bench(data, load_encoder(cache=cache), open_span_reader(cache=cache))),
        "BM25 alone": plain.bm25,
        "BM25, embedded sentences": plain.mixed,
        "sentence-transformers + FAISS": plain.dense,
    }
    return [measure(name, ask, questions) for name, ask in ways.items()]


def main() -> None:
    """Measure and print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True, help="question, context and answers")
    parser.add_argument("--questions", type=int, help="at most so many of a file, spread over it")
    parser.add_argument("--cache", type=Path, help="folder for the encoder's ONNX graph; without one torch computes")
    options = parser.parse_args()
    for path in options.data:
        data = read_qa(path).first(options.questions)
        print(f"\n{path}: {len(data.questions)} questions, {len(data.passages)} passages\n")
        print(
            "| | recall@1 | recall@5 | sentence_hit@1 | sentence_hit | p50 ms | p95 ms |\n|---|---|---|---|---|---|---|"
        )
        for row in compare(data, options.cache):
            figures = (row.recall_at_1, row.recall_at_5, row.sentence_hit_at_1, row.sentence_hit)
            shares = " | ".join(f"{figure:.4f}" for figure in figures)
            print(f"| {row.name} | {shares} | {row.p50_ms:.1f} | {row.p95_ms:.1f} |", flush=True)


if __name__ == "__main__":
    main()
