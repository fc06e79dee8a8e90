"""The benchmark of summaries: the same articles and measures for every way, and its own articles."""

import json

import pytest

from benchmarks.fit_summaries import PRIOR, added, alone, fit
from benchmarks.summaries import OWN, cut, measure
from nlp.evaluation.summary_data import read_samples
from nlp.summary.features import NAMES
from tests.support.models import BagEncoder


@pytest.mark.parametrize("name", ["en.train", "en.test", "zh.train", "zh.test"])
def test_own_articles_can_be_read_and_no_article_is_in_both_halves(name: str) -> None:
    path = OWN / f"{name}.jsonl"
    samples = read_samples(path)
    assert {sample.document.language for sample in samples} == {name[:2]}
    genres = {"news", "report", "how-to", "story", "minutes", "encyclopaedia"}
    assert genres | ({"notice", "policy", "interview"} if name[:2] == "zh" else set()) == {s.genre for s in samples}
    ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert {int(number[3:]) % 2 for number in ids} == {name.endswith("train")}
    other = path.with_name(f"{name[:2]}.{'test' if name.endswith('train') else 'train'}.jsonl")
    assert not set(ids) & {json.loads(line)["id"] for line in other.read_text(encoding="utf-8").splitlines()}


def test_each_figure_counts_what_it_says() -> None:
    samples = read_samples(OWN / "zh.test.jsonl", 3)
    row = measure("reference", lambda sample, _count: sample.references, samples, 3)
    assert row.rouge == pytest.approx((1, 1, 1))
    assert row.length > 50


def test_a_longer_summary_is_cut_to_the_length_of_another() -> None:
    sample = read_samples(OWN / "zh.test.jsonl", 1)[0]
    way = cut(lambda found, count: found.sentences[:count], lambda _found, _count: ["一二三", "四。"], 1)
    assert way(sample, 0) == [" ".join(sample.document.text[:4])]
    assert len(way(sample, 3)[0].split()) == 4


def test_a_sentence_adds_what_it_shares_less_what_its_length_costs() -> None:
    reference = ["大桥通车。轮渡保留。"]
    assert alone("大桥通车轮渡保留", reference) == 1
    assert added("大桥通车轮渡保留", reference) == pytest.approx(1 - (0.42 + 0.19 + 0.28) / 3 / 2)
    assert alone("大桥通车", reference) == pytest.approx((2 / 3 + 6 / 10 + 2 / 3) / 3)
    assert added("大桥通车", reference) > added("今天风不大大桥通车", reference) > 0 > added("今天风不大", reference)


def test_weights_are_fitted_near_where_they_are_held() -> None:
    samples = read_samples(OWN / "en.train.jsonl", 4)
    assert fit(samples, PRIOR, added, BagEncoder(), 1e9) == PRIOR
    free = fit(samples, PRIOR, added, BagEncoder(), 0.1)
    assert set(free) <= set(NAMES)
    assert free != PRIOR
    assert free != fit(samples, PRIOR, alone, BagEncoder(), 0.1)
