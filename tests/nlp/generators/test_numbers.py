"""Numbers in digits, words and characters are the same numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.generators.numbers import numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("within thirty days, or 30 days, or 三十天", {30}),
        ("1,000 or one thousand or 一千", {1000}),
        ("twenty-five, 25, 二十五", {25}),
        ("two hundred and fifty; 二百五十; 250", {250}),
        ("3.5 million", {3_500_000}),
        ("3万, 三万, 30000", {30_000}),
        ("一亿二千万", {120_000_000}),
        ("二〇二五年", {2025}),
        ("百分之三十 and 30%", {30}),
        ("09:00 and 9:30", {9, 30}),
        ("兩天、２天", {2}),
        ("十二个", {12}),
        ("one person, 一个人, 千万不要", set()),
        ("Form A4", {4}),
        ("nothing", set()),
    ],
)
def test_values_are_found(text: str, expected: set[float]) -> None:
    assert numbers(text) == expected


@given(st.integers(2, 10**9))
def test_digits_with_and_without_commas_are_the_same(value: int) -> None:
    assert numbers(f"{value:,}") == numbers(str(value)) == {value}


@given(st.text(max_size=60))
def test_any_text_has_numbers_or_none(text: str) -> None:
    assert all(value >= 0 for value in numbers(text))
