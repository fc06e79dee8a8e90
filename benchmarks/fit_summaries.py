"""Fit the weights of `nlp.summary.worth`, and print them.

    python -m benchmarks.fit_summaries --papers scitldr/train.jsonl

Ridge regression of the mean of ROUGE-1, 2 and L that each sentence alone, trimmed, has against the references, on what
it has beside the other sentences of its text. Papers are those of the file; other texts are the training halves of
`benchmarks/summaries` that are not news, and their weights are drawn towards `PRIOR` instead of zero, since they are
few. Only training files belong here.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nlp.encoder import Encoder, load_encoder
from nlp.evaluation.rouge import rouge
from nlp.evaluation.summary_data import Sample, read_samples
from nlp.summary.features import NAMES, Matrix, weigh
from nlp.summary.reading import read
from nlp.summary.wording import trim

OWN = Path(__file__).parent / "summaries"
PRIOR = {
    "central": 0.10, "near": 0.05, "first": 0.05, "lead": 0.06, "opens": 0.03, "title": 0.06, "length": 0.10,
    "figures": 0.02, "last": 0.0,
}  # fmt: skip
_PAPERS, _TEXTS = 10.0, 30.0  # how strongly weights are held where they are: chosen by leaving texts out


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=Path, required=True, help="abstracts with their one-sentence summaries")
    parser.add_argument("--cache", type=Path, help="folder for the encoder's ONNX graph; without one torch computes")
    options = parser.parse_args()
    encoder = load_encoder(cache=options.cache)
    own = [sample for language in ("en", "zh") for sample in read_samples(OWN / f"{language}.train.jsonl")]
    texts = [sample for sample in own if sample.genre != "news"]
    print("text", fit(texts, PRIOR, _TEXTS, encoder))
    print("paper", fit(read_samples(options.papers), dict.fromkeys(NAMES, 0.0), _PAPERS, encoder))


def fit(samples: Sequence[Sample], prior: Mapping[str, float], strength: float, encoder: Encoder) -> dict[str, float]:
    """The weights of the features that `prior` names, held near it by `strength`."""
    columns = [NAMES.index(name) for name in prior]
    start = np.array(list(prior.values()))
    pairs = [_centred(sample, encoder) for sample in samples]
    features = np.concatenate([rows[:, columns] for rows, _ in pairs])
    left = np.concatenate([scores for _, scores in pairs]) - features @ start
    gram = features.T @ features + strength * np.eye(len(columns))
    weights = start + np.linalg.solve(gram, features.T @ left)
    return {name: round(float(weight), 3) for name, weight in zip(prior, weights, strict=True)}


def _centred(sample: Sample, encoder: Encoder) -> tuple[Matrix, Matrix]:
    """Features (n, k) and scores (n,) of the sentences of a text, less their means."""
    found = read(sample.document)
    features = weigh(found, sample.document.title, encoder).features
    scores = [rouge(trim(sentence.text), sample.references) for sentence in found]
    means = np.array([(score.one + score.two + score.longest) / 3 for score in scores])
    return features - features.mean(axis=0), means - means.mean()


if __name__ == "__main__":
    main()
