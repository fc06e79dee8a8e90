"""The benchmark of answers: the same questions, passages and measures for every way."""

import pytest

from benchmarks.answers import Found, measure
from nlp.evaluation.qa_data import Question

QUESTIONS = [Question("When?", 0, ("nine",)), Question("哪天？", 1, ("周五",))]
ANSWERS = {
    "When?": Found([0, 1], ["It opens at nine.", "It closes."]),
    "哪天？": Found([0, 1], ["不开门。", "周五开门。"]),
}


def test_each_figure_counts_what_it_says() -> None:
    row = measure("one", ANSWERS.__getitem__, QUESTIONS)
    assert (row.recall_at_1, row.recall_at_5) == (0.5, 1.0)
    assert (row.sentence_hit_at_1, row.sentence_hit) == (0.5, 1.0)
    assert 0 < row.p50_ms <= row.p95_ms


def test_nothing_found_and_nothing_shown_are_misses() -> None:
    row = measure("none", lambda _question: Found([], []), QUESTIONS)
    assert (row.recall_at_1, row.recall_at_5, row.sentence_hit_at_1, row.sentence_hit) == pytest.approx((0, 0, 0, 0))
