"""Paired tests against known values, and what holds of them whatever the counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.significance import (
    Paired,
    bootstrap_interval,
    compare,
    holm,
    lower_bound,
    mcnemar,
    share_interval,
)

counts = st.integers(0, 400)


@st.composite
def pairs(draw: st.DrawFn) -> Paired:
    gained, lost, same = draw(counts), draw(counts), draw(st.integers(1, 2_000))
    return Paired(gained + lost + same, gained, lost)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [  # scipy.stats.binomtest(gained, gained + lost).pvalue
        (0, 0, 1.0),
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        (12, 2, 0.012939453125),
        (3, 9, 0.14599609375),
        (59, 6, 4.964650327e-12),
        (560, 440, 1.650498706e-4),
    ],
)
def test_mcnemar_is_exact(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p, rel=1e-6)
    assert mcnemar(lost, gained) == mcnemar(gained, lost)


def test_many_differing_rows_are_tested_by_the_corrected_chi_square() -> None:
    assert mcnemar(900, 780) == pytest.approx(0.003692495308, rel=1e-6)  # scipy.stats.chi2.sf(119**2 / 1680, 1)
    assert mcnemar(501, 500) == 1.0
    assert mcnemar(530, 471) == pytest.approx(0.06671855931, rel=2e-3)  # scipy.stats.binomtest(530, 1001).pvalue


@settings(deadline=None, max_examples=50)
@given(counts, counts)
def test_a_p_value_is_a_probability_that_falls_with_every_further_gain(gained: int, lost: int) -> None:
    low, high = sorted((gained, lost))
    assert 0 < mcnemar(high, low) <= 1
    assert mcnemar(high + 1, low) <= mcnemar(high, low)


def test_answers_are_paired_row_by_row() -> None:
    assert compare([True, True, False, False], np.array([True, False, True, False])) == Paired(4, 1, 1)
    assert compare([], []).difference == 0
    with pytest.raises(ValueError, match="2 answers cannot be paired with 1"):
        compare([True, False], [True])


def test_the_bootstrap_agrees_with_drawing_rows() -> None:
    paired, rng = Paired(200, 20, 8), np.random.default_rng(5)
    rows = np.repeat([1, -1, 0], [20, 8, 172])
    means = rng.choice(rows, (20_000, 200)).mean(axis=1)
    assert bootstrap_interval(paired) == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.006)


@settings(deadline=None, max_examples=50)
@given(pairs())
def test_an_interval_is_seeded_and_holds_the_difference(paired: Paired) -> None:
    low, high = bootstrap_interval(paired, samples=500)
    assert (low, high) == bootstrap_interval(paired, samples=500)
    assert -1 <= low <= high <= 1
    assert low - 0.01 <= paired.difference <= high + 0.01


def test_no_rows_prove_nothing() -> None:
    none = Paired(0, 0, 0)
    assert bootstrap_interval(none) == (0.0, 0.0)
    assert lower_bound(none) == -1
    assert share_interval(0.0, 0) == (0.0, 1.0)


def test_the_lower_bound_is_that_of_bonett_and_price() -> None:
    up, down, total = 60 / 202, 7 / 202, 202
    spread = np.sqrt((up + down - (up - down) ** 2) / total)
    assert lower_bound(Paired(200, 59, 6), 0.975) == pytest.approx(up - down - 1.959964 * spread)
    assert lower_bound(Paired(860, 0, 0)) == pytest.approx(-1.644854 * 2**0.5 / 862)


@settings(deadline=None, max_examples=50)
@given(pairs())
def test_the_lower_bound_lies_below_and_falls_with_every_loss(paired: Paired) -> None:
    bound = lower_bound(paired)
    assert -1 <= bound < max(paired.difference, 0)
    worse = Paired(paired.rows + 1, paired.gained, paired.lost + 1)
    assert lower_bound(worse) < bound or bound == -1


def test_the_share_interval_is_wilsons() -> None:
    assert share_interval(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert share_interval(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_many_tests_need_stronger_evidence_each() -> None:
    assert holm([0.04], 0.05) == [True]
    assert holm([0.04, 0.9], 0.05) == [False, False]
    assert holm([0.03, 0.01, 0.04], 0.05) == [False, True, False]
    assert holm([0.01, 0.02, 0.05], 0.05) == [True, True, True]
    assert holm([], 0.05) == []
