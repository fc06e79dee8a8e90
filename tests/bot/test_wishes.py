"""What stands behind /summarize and /digest."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wishes import LONGEST, Wish, stretch_of, wish_of

NOW = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", Wish("")),
        ("3", Wish("", 3)),
        ("3 http://a.org", Wish("http://a.org", 3)),
        ("http://a.org 短", Wish("http://a.org", size="short")),
        ("LONG text of a\npage", Wish("text of a\npage", size="long")),
        ("0 things", Wish("0 things")),
        ("99 things", Wish("99 things")),
        ("³ things", Wish("³ things")),
        ("a shortened text", Wish("a shortened text")),
    ],
)
def test_a_number_or_a_size_is_taken_from_either_end(text: str, wish: Wish) -> None:
    assert wish_of(text) == wish


@given(st.text(max_size=60))
def test_any_text_has_a_wish_and_nothing_but_one_word_is_lost(text: str) -> None:
    wish = wish_of(text)
    assert wish.text in text
    assert len(text.split()) - len(wish.text.split()) in (0, 1)


@pytest.mark.parametrize(
    ("wish", "units", "points"),
    [
        (Wish(""), 100, 3),
        (Wish(""), 3000, 6),
        (Wish(""), 10**6, 7),
        (Wish("", size="short"), 100, 2),
        (Wish("", size="long"), 10**6, 14),
        (Wish("", 1), 10**6, 1),
    ],
)
def test_a_longer_text_takes_more_points(wish: Wish, units: int, points: int) -> None:
    assert wish.count(units) == points


@pytest.mark.parametrize(
    ("text", "since", "messages"),
    [
        ("", NOW - timedelta(days=1), 500),
        ("50", NOW - LONGEST, 50),
        ("9999", NOW - LONGEST, 500),
        ("2h", NOW - timedelta(hours=2), 500),
        ("3 天", NOW - timedelta(days=3), 500),
        ("52w", NOW - LONGEST, 500),
        ("today", NOW.replace(hour=0, minute=0), 500),
        ("昨天", NOW.replace(day=26, hour=0, minute=0), 500),
    ],
)
def test_a_stretch_of_talk_is_named_in_many_ways(text: str, since: datetime, messages: int) -> None:
    stretch = stretch_of(text, NOW, 500)
    assert stretch is not None
    assert (stretch.since, stretch.messages) == (since, messages)


@pytest.mark.parametrize("text", ["0", "0h", "soon", "2 moons", "-3", "²"])
def test_what_names_no_stretch(text: str) -> None:
    assert stretch_of(text, NOW, 500) is None
