"""Counting in UTF-16 code units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.text.utf16 import cut, positions, units

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def reference(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(TEXTS)
def test_units_are_those_of_the_encoding(text: str) -> None:
    assert units(text) == reference(text)


@given(TEXTS)
def test_positions_are_the_lengths_of_all_beginnings(text: str) -> None:
    assert positions(text) == [reference(text[:place]) for place in range(len(text) + 1)]


@given(st.text("ab 你😀\n", max_size=80), st.integers(2, 9))
def test_cut_loses_nothing_and_keeps_to_the_limit(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(units(piece) <= limit for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [""]),
        ("abcd", ["abcd"]),
        ("abcdef", ["abcd", "ef"]),
        ("ab cdef", ["ab ", "cdef"]),
        ("a bcdef", ["a bc", "def"]),  # the space is too early to be worth it
        ("abc\ndef", ["abc\n", "def"]),
        ("😀😀😀", ["😀😀", "😀"]),
        ("a😀b😀", ["a😀b", "😀"]),
    ],
)
def test_cut_prefers_white_space(text: str, pieces: list[str]) -> None:
    assert cut(text, 4) == pieces
