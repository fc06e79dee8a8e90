"""The peer for routing: scikit-learn's TF-IDF (words and characters) with a linear support vector machine."""

import time
from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from nlp.training.data import Example


def pipeline() -> Any:
    """The untrained model: lists of texts in, labels out."""
    features = make_union(
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2),
    )
    return make_pipeline(features, LinearSVC())


def accuracy(train: Sequence[Example], test: Sequence[Example]) -> tuple[float, float]:
    """Its accuracy on `test`, and the seconds it took to train."""
    model = pipeline()
    start = time.perf_counter()
    model.fit([e.text for e in train], [e.intent for e in train])
    seconds = time.perf_counter() - start
    return float(model.score([e.text for e in test], [e.intent for e in test])), seconds
