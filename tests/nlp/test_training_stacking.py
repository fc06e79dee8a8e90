"""Shares of scorers: the usual ones, unless held-out rows speak clearly for others."""

import numpy as np
import pytest

from nlp.training.stacking import right_answers, stack
from nlp.training.targets import MISSING, Targets

RANDOM = np.random.default_rng(0)


def noisy(labels: np.ndarray, skill: float) -> np.ndarray:
    """Logits that name a label the more often, the greater the skill."""
    logits: np.ndarray = (RANDOM.normal(size=(len(labels), 4)) + skill * np.eye(4)[labels]).astype(np.float32)
    return logits


def targets(labels: np.ndarray) -> Targets:
    return Targets((tuple("abcd"),), (labels,), (np.ones(4, np.float32),))


def right(shares: list[float], logits: list[np.ndarray], labels: np.ndarray) -> float:
    mixed = np.sum([share * part for share, part in zip(shares, logits, strict=True)], axis=0)
    return float((mixed.argmax(axis=1) == labels).mean())


def test_a_scorer_that_is_much_better_is_trusted_much_more() -> None:
    labels = RANDOM.integers(0, 4, 4000)
    logits = [noisy(labels, 0.3), noisy(labels, 3.0), noisy(labels, 0.3)]
    shares = stack(logits, targets(labels))
    assert shares[0] == 1
    assert shares[1] > 2
    fresh = RANDOM.integers(0, 4, 4000)
    tests = [noisy(fresh, 0.3), noisy(fresh, 3.0), noisy(fresh, 0.3)]
    assert right(shares, tests, fresh) > right([1.0, 0.8, 0.65], tests, fresh)


def test_a_scorer_that_knows_nothing_is_left_out() -> None:
    labels = RANDOM.integers(0, 4, 4000)
    assert stack([noisy(labels, 2.0), noisy(labels, 0.0), noisy(labels, 2.0)], targets(labels))[1] == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_few_rows_and_little_differences_change_nothing(seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 4, 30)
    assert stack([noisy(labels, 2.0), noisy(labels, 2.0), noisy(labels, 2.0)], targets(labels)) == [1.0, 0.8, 0.65]


@pytest.mark.parametrize(("count", "expected"), [(1, [1.0]), (2, [1.0, 0.8])])
def test_fewer_scorers_have_fewer_shares(count: int, expected: list[float]) -> None:
    labels = np.arange(8) % 4
    assert stack([noisy(labels, 9.0)] * count, targets(labels)) == expected


def test_answers_are_those_of_rows_with_a_label_head_by_head() -> None:
    both = Targets((("a", "b"), ("t", "u", "v")), (np.array([1, MISSING]), np.array([2, 0])), ())
    logits = np.array([[0, 1, 0, 5, 1], [1, 0, 3, 0, 0]], np.float32)
    assert right_answers(logits, both).tolist() == [True, False, True]
