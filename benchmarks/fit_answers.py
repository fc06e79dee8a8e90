"""Fit the constants of `nlp.retriever.Fusion` and `nlp.reader.ReaderWeights`, and print them.

    python -m benchmarks.fit_answers --english squad_v1/train.jsonl --chinese cmrc2018/train.jsonl

English questions fit the trusted half of each set of weights, Chinese ones (which the bundled encoder cannot read) the
other half. Only training files belong here. Indexes of several sizes are made from each file, because a threshold that
suits a thousand passages is too strict for thirty. Each question is asked twice: with its article in the index, which
is a case to answer, and without, which is a case to refuse.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp.encoder import Encoder, load_encoder
from nlp.evaluation.answers import PASSAGES_READ, Bench
from nlp.evaluation.metrics import auroc, contains_answer
from nlp.evaluation.qa_data import QaData, Question, read_qa
from nlp.reader import EVIDENCE, FEATURES, spans_of
from nlp.retriever import Fusion

Floats = NDArray[np.float64]
SIZES = (30, 100, 300, None)
CANDIDATES = 20


@dataclass(frozen=True)
class Asked:
    """One question on one index: features of the sentences read, which of them answer, and evidence of the best."""

    rows: Floats
    right: NDArray[np.bool_]
    evidence: list[Floats]
    answerable: bool
    passages: int


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--english", type=Path, help="fit the weights for questions that the encoder knows")
    parser.add_argument("--chinese", type=Path, help="fit the weights for those that it does not know")
    parser.add_argument("--questions", type=int, default=600, help="questions per index")
    options = parser.parse_args()
    encoder = load_encoder()
    for name, path in (("trusted", options.english), ("alone", options.chinese)):
        if path is None:
            continue
        data = read_qa(path)
        print(f"== {name}: {path.name}, {len(data.questions)} questions")
        fit_fusion(Bench(data, encoder), data.first(4 * options.questions))
        asked = [item for part in indexes(data, options.questions) for item in ask_all(part, encoder)]
        fit_reader(asked)


def indexes(data: QaData, questions: int) -> Iterator[QaData]:
    """The file as indexes of several sizes, each with the questions about its passages."""
    rng = random.Random(0)
    for size in SIZES:
        if size is None:
            yield data.first(questions)
            continue
        for _ in range(max(1, questions // (3 * size))):
            yield subset(data, rng.sample(range(len(data.passages)), size)).first(3 * size)


def subset(data: QaData, picked: Sequence[int]) -> QaData:
    """Some passages of a file, with the questions about them."""
    places = {key: place for place, key in enumerate(picked)}
    return QaData(
        tuple(data.passages[key] for key in picked),
        tuple(data.articles[key] for key in picked),
        tuple(replace(q, passage=places[q.passage]) for q in data.questions if q.passage in places and q.golds),
    )


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


def ask_all(data: QaData, encoder: Encoder) -> Iterator[Asked]:
    """Every question of an index, with its article and without."""
    bench = Bench(data, encoder)
    for question in data.questions:
        article = {key for key, name in enumerate(data.articles) if name == data.articles[question.passage]}
        for excluded in (set(), article):
            asked = ask(bench, question, excluded)
            if asked is not None:
                yield asked


def ask(bench: Bench, question: Question, excluded: set[int]) -> Asked | None:
    """One question on one index."""
    encoded = bench.encoder.encode([question.text], "query")
    hits = bench.retriever.search_encoded(question.text, encoded, PASSAGES_READ, excluded)
    found = [(bench.passages[hit.key], hit) for hit in hits]
    spans = [spans_of(passage) for passage, _ in found]
    if not any(spans):
        return None
    asked = bench.reader.ask(question.text, encoded)
    rows = bench.reader.features(asked, found, spans)
    owners = [pair for pair, group in zip(found, spans, strict=True) for _ in group]
    texts = [p.text[s.start : s.end] for (p, _), group in zip(found, spans, strict=True) for s in group]
    right = np.array([not excluded and contains_answer(text, question.golds) for text in texts])
    evidence = [bench.reader.evidence(asked, pair, row) for pair, row in zip(owners, rows, strict=True)]
    return Asked(rows, right, evidence, not excluded, len(bench.passages))


def fit_reader(asked: Sequence[Asked]) -> None:
    """Sentence weights by a listwise softmax, then answering weights by logistic regression on the best sentences."""
    weights = listwise([item for item in asked if item.right.any()])
    print("  sentence  ", dict(zip(FEATURES, weights.round(2).tolist(), strict=True)))
    hits = [bool(a.right[np.argmax(a.rows @ weights)]) for a in asked if a.answerable]
    print(f"  the best sentence answers: {np.mean(hits):.4f}")
    best = np.array([a.evidence[int(np.argmax(a.rows @ weights))] for a in asked])
    answerable = np.array([a.answerable for a in asked])
    model = LogisticRegression(C=100, max_iter=5000, fit_intercept=False).fit(best, answerable)
    print("  answerable", dict(zip(EVIDENCE, model.coef_[0].round(2).tolist(), strict=True)))
    scores = model.decision_function(best)
    for size in sorted({a.passages for a in asked}):
        here = np.array([a.passages == size for a in asked])
        yes, no = scores[here & answerable], scores[here & ~answerable]
        answered, wrongly = np.mean(yes > 0), np.mean(no > 0)
        print(f"    {size} passages: AUROC {auroc(yes, no):.4f}, answered {answered:.3f}, wrongly {wrongly:.3f}")


def listwise(asked: Sequence[Asked]) -> Floats:
    """Weights that put the mass of a softmax over each question's sentences on those that answer."""
    rows = np.concatenate([a.rows for a in asked])
    scale = rows.std(axis=0) + 1e-9
    inputs = torch.tensor(rows / scale, dtype=torch.float32)
    owner = torch.tensor(np.repeat(np.arange(len(asked)), [len(a.rows) for a in asked]))
    right = torch.tensor(np.concatenate([a.right for a in asked]))
    weights = torch.zeros(rows.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        mass = (inputs @ weights).exp()
        whole = torch.zeros(len(asked)).index_add(0, owner, mass)
        good = torch.zeros(len(asked)).index_add(0, owner, mass * right)
        loss = (whole.log() - good.clamp_min(1e-20).log()).mean() + 1e-4 * (weights**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    fitted: Floats = weights.detach().numpy() / scale
    return fitted


if __name__ == "__main__":
    main()
