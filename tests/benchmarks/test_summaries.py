"""The benchmark of summaries: the same articles and measures for every way, and its own articles."""

import json

import pytest

from benchmarks.fit_summaries import PRIOR, fit
from benchmarks.summaries import OWN, first_words, measure
from nlp.evaluation.summary_data import read_samples
from nlp.summary.features import NAMES
from tests.support.models import BagEncoder


@pytest.mark.parametrize("name", ["en.train", "en.test", "zh.train", "zh.test"])
def test_own_articles_can_be_read_and_no_article_is_in_both_halves(name: str) -> None:
    path = OWN / f"{name}.jsonl"
    samples = read_samples(path)
    assert {sample.document.language for sample in samples} == {name[:2]}
    assert {"news", "report", "how-to", "story", "minutes", "encyclopaedia"} == {sample.genre for sample in samples}
    ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
    other = path.with_name(f"{name[:2]}.{'test' if name.endswith('train') else 'train'}.jsonl")
    assert not set(ids) & {json.loads(line)["id"] for line in other.read_text(encoding="utf-8").splitlines()}


def test_each_figure_counts_what_it_says() -> None:
    samples = read_samples(OWN / "zh.test.jsonl", 3)
    row = measure("reference", lambda sample, _count: sample.references, samples, 3)
    assert row.rouge == pytest.approx((1, 1, 1))
    assert row.length > 50
    assert first_words(samples[0], "一二三") == [" ".join(samples[0].document.text[:3])]


def test_weights_are_fitted_near_where_they_are_held() -> None:
    samples = read_samples(OWN / "en.train.jsonl", 4)
    assert fit(samples, PRIOR, 1e9, BagEncoder()) == PRIOR
    free = fit(samples, PRIOR, 0.1, BagEncoder())
    assert set(free) <= set(NAMES)
    assert free != PRIOR
