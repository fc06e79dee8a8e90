"""Fit the constants of `nlp.retriever.Fusion`, and print them.

    python -m benchmarks.fit_fusion --english squad_v1/train.jsonl --chinese cmrc2018/train.jsonl

English questions fit the weights that serve where the encoder knows the words, Chinese ones (which the bundled encoder
cannot read) the one that serves alone. Only training files belong here.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlp.encoder import load_encoder
from nlp.evaluation.answers import Bench
from nlp.evaluation.qa_data import QaData, read_qa
from nlp.retriever import Fusion

CANDIDATES = 20


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--english", type=Path, help="fit the weights for questions that the encoder knows")
    parser.add_argument("--chinese", type=Path, help="fit the weights for those that it does not know")
    parser.add_argument("--questions", type=int, default=2400, help="questions a file")
    options = parser.parse_args()
    encoder = load_encoder()
    for name, path in (("trusted", options.english), ("alone", options.chinese)):
        if path is not None:
            data = read_qa(path)
            print(f"== {name}: {path.name}, {len(data.questions)} questions")
            fit_fusion(Bench(data, encoder), data.first(options.questions))


def fit_fusion(bench: Bench, data: QaData) -> None:
    """Evidence per unit of each ranker's score, by logistic regression on the candidates of each question."""
    rows, right = [], []
    for question in data.questions:
        for hit in bench.retriever.search(question.text, CANDIDATES):
            rows.append([hit.dense, hit.lexical])
            right.append(hit.key == question.passage)
    model = LogisticRegression(C=1e6, max_iter=1000).fit(rows, right)
    (dense, lexical), bias = model.coef_[0], model.intercept_[0]
    print(f"  Fusion by likelihood: bias {bias:.2f} dense {dense:.2f} lexical {lexical:.2f}")
    for factor in (0.75, 1.0, 1.25, 1.5):
        fusion = replace(Fusion(), dense=dense * factor, lexical=lexical, lexical_alone=lexical)
        print(f"    dense x {factor}: recall@1 {recall(bench, data, fusion):.4f}")


def recall(bench: Bench, data: QaData, fusion: Fusion) -> float:
    """Recall@1 with other constants."""
    bench.retriever.fusion = fusion
    hits = [bench.retriever.search(question.text, 1) for question in data.questions]
    return float(np.mean([bool(h) and h[0].key == q.passage for h, q in zip(hits, data.questions, strict=True)]))


if __name__ == "__main__":
    main()
