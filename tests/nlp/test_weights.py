"""Examples of different weights: each teaches as much as it weighs, and weights that are all alike change nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nlp.errors import DataError
from nlp.router import Router, Scores, energy
from nlp.training import run
from nlp.training.calibration import calibrate
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.fused import label_names
from nlp.training.linear import CrossEntropy, SquaredHinge
from nlp.training.router import train_router
from nlp.training.stacking import stack
from nlp.training.targets import MISSING, Targets, make_targets
from tests.support.models import EXAMPLES, BagEncoder

CONFIG = FusedConfig(iterations=15)
LOGITS = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 1, MISSING])
WEIGHTS = np.array([2, 1, 1], np.float32)


def targets(worth: list[float] | None = None) -> Targets:
    return Targets((tuple("abc"),), (LABELS,), (WEIGHTS,), None if worth is None else np.array(worth, np.float32))


def trained(weight: float, text: str) -> Router:
    """A router that a row of this weight tells that the text is a greeting."""
    return run(train_router([*EXAMPLES, Example(text, "greeting", "other", weight=weight)], BagEncoder(), CONFIG))


def says_greeting(router: Router, text: str) -> float:
    return next(p.score for p in router.route(text).intents if p.label == "greeting")


@pytest.mark.parametrize("text", ["how do i reset the frobnicator", "怎么设置路由器"])
def test_a_light_row_teaches_less_than_a_full_one_and_more_than_none(text: str) -> None:
    none, light, full = (says_greeting(trained(weight, text), text) for weight in (0.0, 0.1, 1.0))
    assert none < light < full
    assert light - none < full - light


@pytest.mark.parametrize("kind", [CrossEntropy, SquaredHinge])
def test_a_row_of_worth_two_is_two_rows(kind: type[CrossEntropy] | type[SquaredHinge]) -> None:
    twice = np.array([0, 1, 1, 2, 3, 4, 5])
    logits = torch.from_numpy(LOGITS)
    heavy = kind(targets([1, 2, 1, 1, 1, 1]), "cpu")(logits)
    repeated = kind(targets().take(twice), "cpu")(logits[torch.from_numpy(twice)])
    assert float(heavy) == pytest.approx(float(repeated), rel=1e-6)


@pytest.mark.parametrize("kind", [CrossEntropy, SquaredHinge])
def test_worths_that_are_all_one_give_the_same_loss(kind: type[CrossEntropy] | type[SquaredHinge]) -> None:
    logits = torch.from_numpy(LOGITS)
    assert float(kind(targets([1] * 6), "cpu")(logits)) == pytest.approx(float(kind(targets(), "cpu")(logits)))


def test_a_batch_takes_the_worths_of_its_own_rows() -> None:
    picked = torch.tensor([3, 1])
    loss = CrossEntropy(targets([9, 2, 9, 1, 9, 9]), "cpu", smoothing=0.1)
    alone = CrossEntropy(targets([9, 2, 9, 1, 9, 9]).take(np.array([3, 1])), "cpu", smoothing=0.1)
    logits = torch.from_numpy(LOGITS)[picked]
    assert float(loss(logits, picked)) == float(alone(logits))


@pytest.mark.parametrize("weight", [1.0, 0.25, 3.0])
def test_weights_that_are_all_alike_are_no_weights(weight: float) -> None:
    plain = run(train_router(EXAMPLES, BagEncoder(), CONFIG))
    alike = run(train_router([replace(e, weight=weight) for e in EXAMPLES], BagEncoder(), CONFIG))
    assert alike.calibration == plain.calibration
    for one, other in zip(alike.to_arrays()[1].values(), plain.to_arrays()[1].values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_faint_rows_neither_thin_out_a_class_nor_lift_one() -> None:
    full, faint = [Example("hi", "a")] * 4, [Example("hey", "a", weight=0.01)] * 100
    others = [Example("bye", "b")] * 4
    found = make_targets([*full, *faint, *others], 1.0)
    rows = found.worths() * found.weights[0][found.indices[0]]
    sums = np.bincount(found.indices[0], rows)
    assert sums[0] == pytest.approx(sums[1], rel=1e-5)
    lone = make_targets([*full, *(replace(e, weight=0.1) for e in others)], 1.0)
    rows = lone.worths() * lone.weights[0][lone.indices[0]]
    assert rows[-1] == pytest.approx(rows[0] / 10, rel=1e-5)


def test_the_name_of_a_label_weighs_what_its_weightiest_row_does() -> None:
    rows = [Example("a", "card_lost", weight=0.1), Example("b", "card_lost", weight=0.2), Example("c", "退款")]
    assert [(e.text, e.weight) for e in label_names(rows)] == [("card lost", 0.2), ("退款", 1.0)]


def test_held_out_rows_calibrate_as_much_as_they_weigh() -> None:
    wrong = np.roll(LABELS[:5], 1)
    logits = (8 * np.eye(3, dtype=np.float32))[np.concatenate([LABELS[:5], wrong])]
    scores = Scores(logits, energy(logits), np.ones(10, np.float32))
    both = Targets((tuple("abc"),), (np.concatenate([LABELS[:5], LABELS[:5]]),), (WEIGHTS,))
    light = replace(both, worth=np.array([1] * 5 + [0.01] * 5, np.float32))
    plain, weighed = calibrate(scores, both), calibrate(scores, light)
    assert weighed.heads[0].temperature < plain.heads[0].temperature
    assert weighed.confidence < plain.confidence


def test_scope_is_told_by_the_rows_that_weigh() -> None:
    supports = np.linspace(0, 1, 100, dtype=np.float32)
    scores = Scores(np.zeros((100, 3), np.float32), supports, np.ones(100, np.float32))
    plain = Targets((tuple("abc"),), (np.zeros(100, np.int64),), (WEIGHTS,))
    worth = np.where(supports < 0.5, 0.001, 1).astype(np.float32)
    assert calibrate(scores, plain).scope.threshold == pytest.approx(0.05)
    assert calibrate(scores, replace(plain, worth=worth)).scope.threshold > 0.5


def test_rows_that_weigh_next_to_nothing_cannot_change_the_shares() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    right = (np.eye(3, dtype=np.float32) * 5)[labels]
    noise = rng.normal(size=(200, 3)).astype(np.float32) * 5
    asked = Targets((tuple("abc"),), (labels,), (WEIGHTS,))
    assert stack([noise, right], asked)[1] > 0.8
    worth = np.where(np.arange(200) < 197, 1e-6, 1).astype(np.float32)
    assert stack([noise, right], replace(asked, worth=worth)) == [1.0, 0.8]


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_are_none_are_refused(weight: float) -> None:
    with pytest.raises(DataError, match=r"test:0 has weight .*: give 0 or a number above it"):
        run(train_router([replace(EXAMPLES[0], weight=weight), *EXAMPLES[1:]], BagEncoder(), CONFIG))
