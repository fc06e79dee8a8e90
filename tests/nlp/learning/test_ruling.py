"""What a gate makes of figures: better, worse, and what chance alone would do."""

import numpy as np
import pytest

from nlp.learning.ruling import FEWEST, compare, rule


def shares(right: int, of: int) -> np.ndarray:
    return np.array([1.0] * right + [0.0] * (of - right))


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (shares(50, 100), shares(70, 100), "better"),
        (shares(70, 100), shares(50, 100), "worse"),
        (shares(50, 100), shares(50, 100), "as_good"),
        (shares(500, 1000), shares(495, 1000), "as_good"),  # half a point, which is the margin
        (shares(500, 1000), shares(494, 1000), "worse"),
        (shares(500, 1000), shares(504, 1000), "as_good"),  # too small a gain
        (shares(50, 100), shares(51, 100), "as_good"),  # which chance may have given
        (shares(0, FEWEST - 1), shares(FEWEST - 1, FEWEST - 1), "unknown"),
        (shares(0, 0), shares(0, 0), "unknown"),
    ],
)
def test_the_outcome_of_a_figure(before: np.ndarray, after: np.ndarray, outcome: str) -> None:
    assert compare("recall@1", "here", before, after).outcome == outcome


def test_chance_alone_seldom_looks_better() -> None:
    rng = np.random.default_rng(1)
    tries = [compare("m", "w", *(rng.random((2, 60)) < 0.5).astype(float)).outcome for _ in range(100)]
    assert tries.count("better") <= 12


def test_better_somewhere_and_nowhere_worse() -> None:
    better, worse, same = (compare("m", "w", shares(50, 100), shares(after, 100)) for after in (70, 30, 50))
    assert (rule([better, same], [better]).serves, rule([better, same], [better]).reason) == (True, "better")
    assert rule([better, worse], [better]).reason == "worse"
    assert rule([better, same], [same]).reason == "no_gain"
    assert not rule([], []).serves
    assert rule([better], [better]).as_dict() == {"w m": 0.7}
