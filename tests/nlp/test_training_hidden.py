"""The hidden layer: it learns what no line tells, repeats itself, and passes over rows without a label."""

import numpy as np
import pytest
import torch

from nlp.training.data import Example
from nlp.training.hidden import HiddenLayer, epochs_for
from nlp.training.linear import CrossEntropy
from nlp.training.targets import MISSING, Targets, make_targets

CORNERS = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], np.float32).repeat(40, axis=0) * np.float32(0.01)
SIDES = make_targets([Example("", "same" if a == b else "other") for a, b in CORNERS > 0], balance=0.0)


def layer(targets: Targets = SIDES, seed: int = 0, epochs: int = 150) -> tuple[HiddenLayer, list[float]]:
    made = HiddenLayer(CORNERS, targets, 32, seed, "cpu")
    return made, list(made.fit(targets, epochs))


def test_it_tells_corners_that_no_line_parts() -> None:
    made, losses = layer()
    hidden, bias = made.layer()
    best = (hidden.logits(CORNERS) + bias).argmax(axis=1)
    assert (best == SIDES.indices[0]).all()
    assert losses[-1] < 0.85 * losses[0]  # label smoothing and dropout keep it from falling far


def test_the_same_seed_makes_the_same_layer_and_another_one_another() -> None:
    one, same, other = (layer(seed=seed, epochs=3)[0].layer()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.inward, same.inward)
    assert not np.array_equal(one.inward, other.inward)


def test_it_begins_where_it_is_told_to() -> None:
    hidden, _ = layer(epochs=3)[0].layer()
    again = HiddenLayer(CORNERS, SIDES, 32, 9, "cpu")
    again.begin(hidden)
    np.testing.assert_allclose(again.layer()[0].inward, hidden.inward, rtol=1e-5)
    np.testing.assert_array_equal(again.layer()[0].outward, hidden.outward)
    with pytest.raises(ValueError, match="a layer of 32 units, not 8"):
        HiddenLayer(CORNERS, SIDES, 8, 9, "cpu").begin(hidden)


def test_rows_without_a_label_teach_nothing() -> None:
    wrong = SIDES.indices[0].copy()
    wrong[::2] = 1 - wrong[::2]
    held = np.arange(0, len(wrong), 2)
    left = Targets(SIDES.labels, (wrong,), SIDES.weights).without(held)
    hidden, bias = layer(left)[0].layer()
    assert ((hidden.logits(CORNERS) + bias).argmax(axis=1) == SIDES.indices[0]).all()


@pytest.mark.parametrize(("rows", "epochs"), [(10, 15), (15_000, 15), (100_000, 3), (10_000_000, 1)])
def test_many_rows_are_seen_less_often(rows: int, epochs: int) -> None:
    assert epochs_for(rows, 15) == epochs


def test_a_batch_whose_rows_lack_a_topic_has_the_loss_of_its_intents() -> None:
    both = Targets(
        (("a", "b"), ("t", "u")), (np.array([0, 1]), np.array([MISSING, MISSING])), (np.ones(2, np.float32),) * 2
    )
    alone = Targets(both.labels[:1], both.indices[:1], both.weights[:1])
    logits = torch.tensor([[2.0, 0.0, 1.0, 1.0], [0.0, 1.0, 5.0, 1.0]])
    assert float(CrossEntropy(both, "cpu")(logits)) == float(CrossEntropy(alone, "cpu")(logits[:, :2]))
