"""Summaries beside the first sentences, LexRank and TextRank, in one run over the same articles.

    python -m benchmarks.summaries [--data scitldr/dev.jsonl]... [--cache FOLDER]

Without a file: the articles of `benchmarks/summaries`, those for tuning (train) and those kept back (test) apart. All
ways give equally many sentences, as many as a reference has on average, out of the same sentences; Dawen's may lack a
clause. How long they are is shown in words and Chinese characters. Since others choose shorter or longer sentences,
each also stands there with more sentences, cut to the length of Dawen's summary. LexRank and TextRank are those of
sumy, with English stems and stop words; Chinese is cut into single characters for them, as it is for ROUGE.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nlp.encoder import Encoder, load_encoder
from nlp.evaluation.rouge import units
from nlp.evaluation.summaries import mean, scores
from nlp.evaluation.summary_data import Sample, read_samples, usual_count
from nlp.summarizer import Summarizer

OWN = Path(__file__).parent / "summaries"
Way = Callable[[Sample, int], Sequence[str]]
_ALL = 1_000_000  # sentences, more than any article has


@dataclass(frozen=True)
class Row:
    """One way on one file: mean F1 of ROUGE-1, 2 and L, its length in words and Chinese characters, and its time."""

    name: str
    rouge: tuple[float, float, float]
    length: float
    ms: float


class Plain:
    """Words of a sentence for sumy: folded, Chinese characters apart."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        """The words in order."""
        return tuple(units(sentence))


def sumy_way(kind: Any) -> Way:
    """A summariser of sumy over the sentences of a sample."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.nlp.stemmers import Stemmer
    from sumy.utils import get_stop_words

    method = kind(Stemmer("english"))
    method.stop_words = get_stop_words("english")

    def summarise(sample: Sample, count: int) -> Sequence[str]:
        lines = [Sentence(sentence, Plain()) for sentence in sample.sentences]
        return [str(line) for line in method(ObjectDocumentModel([Paragraph(lines)]), count)]

    return summarise


def cut(way: Way, ours: Way, more: int) -> Way:
    """A way with so many sentences more, cut to as many words and Chinese characters as another's summary has."""

    def summarise(sample: Sample, count: int) -> Sequence[str]:
        room = len(units(" ".join(ours(sample, count))))
        return [" ".join(units(" ".join(way(sample, count + more)))[:room])]

    return summarise


def ways(encoder: Encoder) -> dict[str, Way]:
    """Every way to summarise, by name."""
    from sumy.summarizers.lex_rank import LexRankSummarizer
    from sumy.summarizers.text_rank import TextRankSummarizer

    summarizer, alone = Summarizer(encoder), Summarizer()
    lex_rank, text_rank = sumy_way(LexRankSummarizer), sumy_way(TextRankSummarizer)

    @cache  # others are cut to its length
    def ours(sample: Sample, count: int) -> Sequence[str]:
        return summarizer.summarize(sample.document, count).sentences

    def first(sample: Sample, count: int) -> Sequence[str]:
        return sample.sentences[:count]

    return {
        "Dawen": ours,
        "Dawen without an encoder": lambda sample, count: alone.summarize(sample.document, count).sentences,
        "first sentences": first,
        "LexRank (sumy)": lex_rank,
        "TextRank (sumy)": text_rank,
        "first words, as many as Dawen's": cut(first, ours, _ALL),
        "LexRank, cut to Dawen's length": cut(lex_rank, ours, 1),
        "TextRank, cut to Dawen's length": cut(text_rank, ours, 1),
    }


def measure(name: str, way: Way, samples: Sequence[Sample], count: int) -> Row:
    """Summarise every article."""
    found, lengths, times = [], [], []
    for sample in samples:
        start = time.perf_counter()
        summary = way(sample, count)
        times.append((time.perf_counter() - start) * 1000)
        found.append(scores(summary, sample))
        lengths.append(len(units(" ".join(summary))))
    return Row(name, mean(found), float(np.mean(lengths)), float(np.mean(times)))


def main() -> None:
    """Measure and print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", help="a file; again for more")
    parser.add_argument("--limit", type=int, help="at most so many articles of a file, spread over it")
    parser.add_argument("--cache", type=Path, help="folder for the encoder's ONNX graph; without one torch computes")
    options = parser.parse_args()
    compared = ways(load_encoder(cache=options.cache))
    for path in options.data or sorted(OWN.glob("*.jsonl")):
        samples = read_samples(path, options.limit)
        count = usual_count(samples)
        print(f"\n{path.parent.name}/{path.name}: {len(samples)} articles, {count} sentences each\n")
        print("| | ROUGE-1 | ROUGE-2 | ROUGE-L | length | ms an article |\n|---|---|---|---|---|---|")
        for name, way in compared.items():
            row = measure(name, way, samples, count)
            shares = " | ".join(f"{figure:.4f}" for figure in row.rouge)
            print(f"| {row.name} | {shares} | {row.length:.1f} | {row.ms:.1f} |", flush=True)


if __name__ == "__main__":
    main()
