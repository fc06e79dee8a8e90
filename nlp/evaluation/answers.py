"""How well questions are answered: each against the whole index of its file, and with its article taken out."""

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from nlp.encoder import Encoded, Encoder
from nlp.evaluation.metrics import auroc, contains_answer, exact_match, overlap_f1
from nlp.evaluation.qa_data import QaData, Question
from nlp.generator import Answerer, ExtractiveGenerator
from nlp.reader import Reader
from nlp.retriever import Retriever, build
from nlp.span_reader import SpanReader
from nlp.text import detect_language
from nlp.types import Answer, Hit, Passage

PASSAGES_READ = 8


@dataclass(frozen=True)
class AnswersReport:
    """Shares in [0, 1]; `sentence_hit_at_1`: the best sentence holds a gold answer; `sentence_hit`: any shown one does.

    `exact_match` and `f1` are of the short answer in the best sentence, or of that sentence where there is none.

    Quality is over answerable questions and counts a refusal as a miss. `refusal_auroc` tells answerable questions
    from the same questions with their article taken out of the index.
    """

    questions: int
    passages: int
    exact_match: float
    f1: float
    sentence_hit_at_1: float
    sentence_hit: float
    refused: float
    refusal_auroc: float
    answer_ms_p50: float
    answer_ms_p95: float

    def as_dict(self) -> dict[str, float | int | None]:
        """The figures under their usual names; None where no question of the file has an answer."""
        figures = {
            "questions": self.questions,
            "passages": self.passages,
            "exact_match": round(self.exact_match, 4),
            "f1": round(self.f1, 4),
            "sentence_hit@1": round(self.sentence_hit_at_1, 4),
            "sentence_hit": round(self.sentence_hit, 4),
            "refused": round(self.refused, 4),
            "refusal_auroc": round(self.refusal_auroc, 4),
            "answer_ms_p50": round(self.answer_ms_p50, 2),
            "answer_ms_p95": round(self.answer_ms_p95, 2),
        }
        return {name: None if math.isnan(value) else value for name, value in figures.items()}


class Bench:
    """A retriever and an answerer over the passages of a question-answering file."""

    def __init__(self, data: QaData, encoder: Encoder, spans: SpanReader | None = None) -> None:
        self.passages = [
            Passage(key, text, "", heading, document=key, language=detect_language(text))
            for key, (text, heading) in enumerate(zip(data.passages, data.headings or repeat(""), strict=False))
        ]
        self.encoder = encoder
        self.of_papers = bool(data.headings)
        self.retriever: Retriever = build(encoder, ((passage.key, passage.searchable) for passage in self.passages))
        self.reader = Reader(encoder, self.retriever.lexical, spans)
        self.answerer = Answerer(encoder, self.reader, ExtractiveGenerator())

    def find(self, question: str, excluded: Collection[int] = ()) -> tuple[Encoded, list[tuple[Passage, Hit]]]:
        """The question encoded, and what is found for it among the passages that are not excluded, best first."""
        encoded = self.encoder.encode([question], "query")
        hits = self.retriever.search_encoded(question, encoded, PASSAGES_READ, excluded)
        return encoded, [(self.passages[hit.key], hit) for hit in hits]

    def ask(self, question: str, excluded: Collection[int] = ()) -> Answer:
        """The answer from the passages that are not excluded."""
        encoded, found = self.find(question, excluded)
        return self.answerer.answer(question, found, encoded)


def evaluate_answers(
    data: QaData,
    encoder: Encoder,
    on_question: Callable[[int, int], object] = lambda _done, _total: None,
    spans: SpanReader | None = None,
) -> AnswersReport:
    """Ask every question of the file twice: with the whole index, and without the article it is about."""
    bench = Bench(data, encoder, spans)
    articles = data.by_article()
    scores, with_article, without, times = [], [], [], []
    for number, question in enumerate(data.questions, 1):
        start = time.perf_counter()
        answer = bench.ask(question.text)
        times.append((time.perf_counter() - start) * 1000)
        if question.golds:
            scores.append(_score(answer, question))
            with_article.append(answer.confidence)
        without.append(bench.ask(question.text, articles[data.articles[question.passage]]).confidence)
        on_question(number, len(data.questions))
    means = np.array(scores).mean(axis=0) if scores else np.full(5, np.nan)
    return AnswersReport(
        len(data.questions),
        len(data.passages),
        exact_match=float(means[0]),
        f1=float(means[1]),
        sentence_hit_at_1=float(means[2]),
        sentence_hit=float(means[3]),
        refused=float(means[4]),
        refusal_auroc=auroc(np.array(with_article), np.array(without)) if scores else float("nan"),
        answer_ms_p50=float(np.percentile(times, 50)),
        answer_ms_p95=float(np.percentile(times, 95)),
    )


def _score(answer: Answer, question: Question) -> tuple[float, float, float, float, float]:
    shown = sorted(answer.evidence, key=lambda item: -item.score)
    best, short = (shown[0].text, shown[0].short_text) if shown else ("", "")
    return (
        exact_match(short, question.golds),
        overlap_f1(short, question.golds),
        float(contains_answer(best, question.golds)),
        float(any(contains_answer(item.text, question.golds) for item in shown)),
        float(not shown),
    )
