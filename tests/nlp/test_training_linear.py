"""Linear heads: they reach the optimum that a plain solver reaches, with either loss."""

import numpy as np
import pytest
import torch

from nlp.features import SparseRows
from nlp.training.linear import CrossEntropy, LinearHeads, Loss, SquaredHinge
from nlp.training.sparse import SparseMatrix
from nlp.training.targets import MISSING, Targets

RANDOM = np.random.default_rng(0)
ROWS, WIDTH, CLASSES, L2 = 60, 5, 3, 0.5
DENSE = (RANDOM.normal(size=(ROWS, WIDTH)) * [1, 1, 5, 0.1, 1] + 2).astype(np.float32)
LABELS = (DENSE @ RANDOM.normal(size=(WIDTH, CLASSES))).argmax(axis=1)
NONE = SparseRows(np.zeros(ROWS + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), 1)


def targets(labels: np.ndarray = LABELS) -> Targets:
    return Targets((tuple("abc"),), (labels,), (np.ones(CLASSES, np.float32),))


def plain(loss: Loss) -> float:
    """The least penalised loss, found without preconditioning."""
    dense = torch.from_numpy(DENSE)
    heads, bias = torch.zeros(WIDTH, CLASSES, requires_grad=True), torch.zeros(CLASSES, requires_grad=True)
    optimizer = torch.optim.LBFGS([heads, bias], max_iter=2000, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def penalised() -> torch.Tensor:
        return loss(dense @ heads + bias) + 0.5 * L2 / ROWS * (heads * heads).sum()

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        found = penalised()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return float(penalised().detach())


@pytest.mark.parametrize("kind", [CrossEntropy, SquaredHinge])
def test_preconditioning_changes_the_way_and_not_the_goal(kind: type[CrossEntropy] | type[SquaredHinge]) -> None:
    loss = kind(targets(), "cpu")
    heads = LinearHeads(DENSE, SparseMatrix(NONE), targets(), L2, "cpu")
    reached = list(heads.fit(loss, 12))[-1]
    weights = heads.weights()
    again = float(loss(torch.from_numpy(weights.logits(DENSE, NONE)))) + 0.5 * L2 / ROWS * (weights.dense**2).sum()
    assert again == pytest.approx(reached, rel=1e-3)
    assert again == pytest.approx(plain(loss), rel=1e-3)


def test_heads_begin_where_they_are_told_to() -> None:
    told = LinearHeads(DENSE, SparseMatrix(NONE), targets(), L2, "cpu")
    list(told.fit(CrossEntropy(targets(), "cpu"), 1))
    again = LinearHeads(DENSE, SparseMatrix(NONE), targets(), 3 * L2, "cpu")
    again.begin(told.weights())
    for name in ("dense", "sparse", "bias"):
        found, expected = getattr(again.weights(), name), getattr(told.weights(), name)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_hinge_asks_for_a_margin_of_one_and_passes_over_rows_without_a_label() -> None:
    loss = SquaredHinge(targets(np.array([0, 1, MISSING])), "cpu")
    right = torch.tensor([[1.0, -1.0, -2.0], [-1.0, 3.0, -1.0], [9.0, 9.0, 9.0]])
    assert float(loss(right)) == 0
    assert float(loss(torch.zeros(3, 3))) == pytest.approx(3.0)
