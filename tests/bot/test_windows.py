"""So much within a time, and nothing kept of who is gone."""

import pytest

from bot.windows import Window


def test_a_window_lets_so_many_through_and_says_how_long_to_wait() -> None:
    window = Window(2, 60)
    assert [window.take(1, now) for now in (0.0, 10.0, 20.0)] == [0, 0, 40]
    assert window.take(2, 20.0) == 0
    assert [window.take(1, now) for now in (59.9, 60.0, 61.0)] == [pytest.approx(0.1), 0, 9]


def test_what_is_tried_again_counts_once() -> None:
    window = Window(2, 60)
    assert [window.take(1, 0.0, what) for what in (7, 7, 7, 8, 8, 9, 7)] == [0, 0, 0, 0, 0, 60, 0]


def test_a_window_forgets_people_who_are_gone() -> None:
    window = Window(2, 60)
    for person in range(1000):
        window.take(person, person)
    assert len(window._uses) == 60
