"""How well articles are summarised: ROUGE against references, beside the first sentences of each article."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.evaluation.rouge import rouge
from nlp.evaluation.summary_data import Sample, usual_count
from nlp.summarizer import Summarizer


@dataclass(frozen=True)
class SummariesReport:
    """Mean F1 in [0, 1] of the summaries, and of as many first sentences (`lead`); milliseconds an article."""

    ours: tuple[float, float, float]
    lead: tuple[float, float, float]
    ms_per_article: float

    def as_dict(self) -> dict[str, float]:
        """The figures under their usual names."""
        names = ("rouge1", "rouge2", "rougeL")
        figures = dict(zip(names, self.ours, strict=True))
        figures |= dict(zip((f"lead_{name}" for name in names), self.lead, strict=True))
        return {name: round(value, 4) for name, value in figures.items()} | {
            "ms_per_article": round(self.ms_per_article, 2)
        }


def evaluate_summaries(
    samples: Sequence[Sample],
    summarizer: Summarizer,
    on_article: Callable[[int, int], object] = lambda _done, _total: None,
) -> SummariesReport:
    """Summarise every article in as many sentences as a reference of the file has (the mean, rounded)."""
    count = usual_count(samples)
    ours, lead, times = [], [], []
    for number, sample in enumerate(samples, 1):
        start = time.perf_counter()
        summary = summarizer.summarize(sample.document, count)
        times.append((time.perf_counter() - start) * 1000)
        ours.append(scores(summary.sentences, sample))
        lead.append(scores(sample.sentences[:count], sample))
        on_article(number, len(samples))
    return SummariesReport(mean(ours), mean(lead), float(np.mean(times)))


def scores(sentences: Sequence[str], sample: Sample) -> tuple[float, float, float]:
    """ROUGE-1, 2 and L of sentences as a summary of an article."""
    found = rouge(" ".join(sentences), sample.references)
    return found.one, found.two, found.longest


def mean(rows: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The mean of each of the three measures."""
    one, two, longest = np.mean(rows, axis=0).tolist()
    return one, two, longest
