"""ROUGE against values worked out by hand."""

from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.evaluation.rouge import Rouge, common_length, rouge, units

WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


def test_each_measure_is_the_f1_of_what_is_shared() -> None:
    found = rouge("The cat sat on the mat.", ["the cat lay on a mat"])
    assert found.one == pytest.approx(2 * 4 / (6 + 6))  # the, cat, on, mat
    assert found.two == pytest.approx(2 * 1 / (5 + 5))  # the cat
    assert found.longest == pytest.approx(2 * 4 / (6 + 6))  # the cat on mat


def test_a_word_counts_as_often_as_both_have_it_and_order_counts_for_the_longest() -> None:
    found = rouge("b a a a", ["a a b"])
    assert astuple(found)[::2] == pytest.approx((2 * 3 / 7, 2 * 2 / 7))


def test_chinese_is_compared_by_characters_whatever_the_variant() -> None:
    found = rouge("大橋通車", ["大桥昨天通车"])
    assert astuple(found) == pytest.approx((2 * 4 / 10, 2 * 2 / 8, 2 * 4 / 10))
    assert units("GPU 大桥，don't") == ["gpu", "大", "桥", "don", "t"]


def test_of_several_references_each_measure_takes_its_best() -> None:
    assert astuple(rouge("a b c", ["c b a", "a b x y z"])) == pytest.approx((1, 2 / 6, 2 * 2 / 8))


@pytest.mark.parametrize(("summary", "reference"), [("", "a"), ("a", "…"), ("a", "b"), ("", "")])
def test_nothing_in_common_is_zero(summary: str, reference: str) -> None:
    assert rouge(summary, [reference]) == Rouge(0.0, 0.0, 0.0)


@settings(deadline=None)
@given(WORDS, WORDS)
def test_the_longest_common_subsequence_is_that_of_the_table(one: list[str], other: list[str]) -> None:
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    assert common_length(one, other) == table[-1][-1]
