"""No person, and not all members together, teach more than their share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.weights import Charged, cap

ROWS = st.lists(
    st.builds(
        Charged,
        st.floats(min_value=0, max_value=4),
        st.lists(st.integers(0, 12), min_size=1, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(
    ROWS, st.floats(min_value=0, max_value=2000), st.sampled_from([0.01, 0.05, 0.3]), st.sampled_from([0.2, 0.5, 1.0])
)
def test_the_bounds_truly_hold(rows: list[Charged], base: float, person: float, members: float) -> None:
    weights = cap(rows, base, person, members)
    total = base + weights.sum()
    for one in range(13):
        assert sum(w for w, row in zip(weights, rows, strict=True) if one in row.people) <= person * total + 1e-6
    assert sum(w for w, row in zip(weights, rows, strict=True) if not row.trusted) <= members * total + 1e-6
    assert all(0 <= w <= row.weight + 1e-12 for w, row in zip(weights, rows, strict=True))


def test_nothing_is_cut_that_need_not_be() -> None:
    rows = [Charged(1.0, (n,)) for n in range(200)]
    assert cap(rows, 1000.0).tolist() == [1.0] * 200


def test_one_person_among_seeds_fills_exactly_their_share() -> None:
    weights = cap([Charged(1.0, (7,))] * 500, 990.0)
    assert weights.sum() == pytest.approx(10.0)  # 1 % of 990 + 10


def test_water_left_by_one_is_not_taken_by_another_above_the_share() -> None:
    """Two loud people: cutting the second lowers the total, and with it what the first may have."""
    rows = [Charged(1.0, (1,))] * 100 + [Charged(1.0, (2,))] * 5 + [Charged(1.0, (3,))]
    weights = cap(rows, 97.0, 0.01, 1.0)
    assert weights[:100].sum() == pytest.approx(1.0)
    assert weights[100:105].sum() == pytest.approx(1.0)
    assert weights[105] == pytest.approx(1.0)


def test_too_few_people_and_no_seeds_teach_nothing() -> None:
    assert not cap([Charged(1.0, (1,)), Charged(1.0, (2,))], 0.0).any()
    assert np.all(cap([Charged(1.0, (n,), True) for n in range(100)], 0.0) > 0.99)


def test_an_empty_snapshot_has_no_weights() -> None:
    assert cap([], 5.0).shape == (0,)
