"""Drift against values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.drift import Drift, DriftRules, Level, Seen, Shift, binned, measure_drift, psi, shift

counted = st.dictionaries(st.sampled_from(["question", "greeting", "提问", "闲聊"]), st.integers(0, 500), min_size=1)


def test_the_index_is_that_of_the_definition() -> None:
    # 80.5, 20.5 of 101 and 50.5, 50.5 of 101
    expected = (50.5 - 80.5) / 101 * math.log(50.5 / 80.5) + (50.5 - 20.5) / 101 * math.log(50.5 / 20.5)
    assert psi({"a": 80, "b": 20}, {"a": 50, "b": 50}) == pytest.approx(expected)
    assert expected == pytest.approx(0.4063, abs=1e-4)


def test_a_class_that_is_new_has_a_finite_index() -> None:
    expected = (0.5 - 20.5) / 101 * math.log(0.5 / 20.5) + (100.5 - 80.5) / 101 * math.log(100.5 / 80.5)
    assert psi({"问": 80, "新": 20}, {"问": 100}) == pytest.approx(expected)
    assert psi({}, {}) == 0


@settings(deadline=None, max_examples=50)
@given(counted, counted)
def test_it_is_never_negative_symmetric_and_zero_for_the_same(
    reference: dict[str, int], recent: dict[str, int]
) -> None:
    assert psi(reference, recent) >= -1e-12
    assert psi(reference, recent) == pytest.approx(psi(recent, reference))
    assert psi(reference, reference) == 0


@pytest.mark.parametrize(
    ("now", "level"),
    [(500, Level.STABLE), (420, Level.STABLE), (330, Level.WATCH), (250, Level.ALARM), (0, Level.ALARM)],
)
def test_levels(now: int, level: Level) -> None:
    found = shift("languages", {"en": 500, "zh": 500}, {"en": now, "zh": 1000 - now}, DriftRules())
    assert found.level is level
    assert (found.reference, found.recent) == (1000, 1000)


def test_the_class_that_moved_most_is_named() -> None:
    found = shift("intents", {"a": 500, "b": 400, "c": 100}, {"a": 500, "b": 200, "c": 300}, DriftRules())
    assert (found.most, found.before, found.now) == ("c", 0.1, 0.3)


def test_small_windows_say_nothing() -> None:
    found = shift("intents", {"a": 49}, {"b": 1000}, DriftRules())
    assert found == Shift("intents", 0.0, 0.0, Level.TOO_FEW, 49, 1000)


def test_chance_raises_no_alarm() -> None:
    """Two windows of 60 of the same 16 intents have an index of 0.5 on average: (16 - 1)(1/60 + 1/60)."""
    draw, alarms, total = np.random.default_rng(3), 0, 0.0
    for _ in range(200):
        before, now = ({str(n): 0 for n in range(16)} for _ in range(2))
        for window in (before, now):
            for _ in range(60):
                window[str(draw.integers(16))] += 1
        found = shift("intents", before, now, DriftRules())
        alarms += found.level is not Level.STABLE
        total += found.psi
    assert 0.35 < total / 200 < 0.65
    assert alarms <= 20


def test_evidence_is_counted_in_tenths_of_the_reference() -> None:
    values = [n / 1000 for n in range(1000)]
    before, now = binned(values, [0.95] * 10)
    assert set(before.values()) == {100}
    assert now == {"0.90-": 10}
    assert binned([0.5] * 9, [0.1, 0.7]) == [{"0.50-": 9}, {"-0.50": 1, "0.50-": 1}]
    assert binned([], []) == [{}, {}]


def test_two_windows_of_messages_are_compared_by_everything_known_of_them() -> None:
    before = [Seen("en", "question", "business", evidence=n / 200) for n in range(200)]
    now = [Seen("zh", "question", "technology", known=n % 2 == 0, evidence=0.01) for n in range(200)]
    drift = measure_drift(before, now)
    assert {found.name: found.level for found in drift.shifts} == {
        "intents": Level.STABLE,
        "topics": Level.ALARM,
        "languages": Level.ALARM,
        "unknown": Level.ALARM,
        "evidence": Level.ALARM,
    }
    unknown = next(found for found in drift.shifts if found.name == "unknown")
    assert (unknown.most, unknown.before, unknown.now) == ("unknown", 0.0, 0.5)
    assert drift.level is Level.ALARM
    assert measure_drift(before, before).level is Level.STABLE


def test_nothing_is_known_of_empty_windows() -> None:
    assert measure_drift([], []).level is Level.TOO_FEW
    assert Drift().level is Level.TOO_FEW
