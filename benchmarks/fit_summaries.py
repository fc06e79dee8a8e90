"""Fit the weights of `nlp.summary.worth`, and print them.

    python -m benchmarks.fit_summaries --papers scitldr/train.jsonl

Ridge regression of what each sentence, trimmed, is worth to a summary, on what it has beside the other sentences of
its text. Papers are those of the file; their summaries are one sentence, so that is the mean of ROUGE-1, 2 and L which
the sentence has alone. Other texts are the training halves of `benchmarks/summaries` that are not news; their summaries
have several sentences, so it is what the sentence adds to one. Their weights are drawn towards `PRIOR` instead of zero,
since they are few. Only training files belong here.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nlp.encoder import Encoder, load_encoder
from nlp.evaluation.rouge import rouge, units
from nlp.evaluation.summary_data import Sample, read_samples
from nlp.summary.features import NAMES, Matrix, weigh
from nlp.summary.reading import read
from nlp.summary.wording import trim

OWN = Path(__file__).parent / "summaries"
PRIOR = {
    "central": 0.033, "near": 0.017, "first": 0.017, "lead": 0.02, "opens": 0.01, "title": 0.02, "length": 0.033,
    "figures": 0.007, "last": 0.0,
}  # fmt: skip
_STRENGTH = 10.0  # how strongly weights are held where they are: chosen by leaving texts out
_REACHED = np.array([0.42, 0.19, 0.28])  # ROUGE-1, 2 and L of summaries of the training halves, about
Target = Callable[[str, Sequence[str]], float]


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=Path, required=True, help="abstracts with their one-sentence summaries")
    parser.add_argument("--cache", type=Path, help="folder for the encoder's ONNX graph; without one torch computes")
    options = parser.parse_args()
    encoder = load_encoder(cache=options.cache)
    own = [sample for language in ("en", "zh") for sample in read_samples(OWN / f"{language}.train.jsonl")]
    texts = [sample for sample in own if sample.genre != "news"]
    print("text", fit(texts, PRIOR, added, encoder))
    print("paper", fit(read_samples(options.papers), dict.fromkeys(NAMES, 0.0), alone, encoder))


def alone(sentence: str, references: Sequence[str]) -> float:
    """The mean of ROUGE-1, 2 and L of a sentence as a summary, in [0, 1]."""
    return float(_rouge(sentence, references).mean())


def added(sentence: str, references: Sequence[str]) -> float:
    """What a sentence adds to the F1 of a summary that it becomes a part of: what it shares less what its length costs.

    F1 is 2 s / (a + b), where s units are shared and a and b are the lengths of summary and reference. At its best, F,
    2 s - F (a + b) is at its best too (Dinkelbach 1967, "On Nonlinear Fractional Programming"), and that is a sum over
    sentences. The mean of ROUGE-1, 2 and L, in shares of the reference's length (the mean length of several), up to 1.
    """
    ours, theirs = len(units(sentence)), float(np.mean([len(units(reference)) for reference in references]))
    shared = _rouge(sentence, references) * (ours + theirs) / 2
    return float((shared - _REACHED * ours / 2).mean() / theirs)


def fit(
    samples: Sequence[Sample], prior: Mapping[str, float], target: Target, encoder: Encoder, strength: float = _STRENGTH
) -> dict[str, float]:
    """The weights of the features that `prior` names for a target, held near it by `strength`."""
    columns = [NAMES.index(name) for name in prior]
    start = np.array(list(prior.values()))
    pairs = [_centred(sample, target, encoder) for sample in samples]
    features = np.concatenate([rows[:, columns] for rows, _ in pairs])
    left = np.concatenate([scores for _, scores in pairs]) - features @ start
    gram = features.T @ features + strength * np.eye(len(columns))
    weights = start + np.linalg.solve(gram, features.T @ left)
    return {name: round(float(weight), 3) for name, weight in zip(prior, weights, strict=True)}


def _centred(sample: Sample, target: Target, encoder: Encoder) -> tuple[Matrix, Matrix]:
    """Features (n, k) and targets (n,) of the sentences of a text, less their means."""
    found = read(sample.document)
    features = weigh(found, sample.document.title, encoder).features
    scores = np.array([target(trim(sentence.text), sample.references) for sentence in found])
    return features - features.mean(axis=0), scores - scores.mean()


def _rouge(sentence: str, references: Sequence[str]) -> Matrix:
    """ROUGE-1, 2 and L (3,)."""
    found = rouge(sentence, references)
    return np.array([found.one, found.two, found.longest])


if __name__ == "__main__":
    main()
