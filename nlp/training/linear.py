"""Linear heads of the fused architecture, fitted by L-BFGS over all rows at once.

On these features a full-batch quasi-Newton method (Liu & Nocedal 1989) reaches accuracy in seconds that stochastic
first-order methods do not reach at all.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.architectures.fused import Weights
from nlp.training.sparse import SparseMatrix
from nlp.training.targets import MISSING, Targets

PER_STEP = 5  # iterations
_BLOCK = 1536  # columns that are preconditioned together: their covariance is inverted in a second
_CURVATURE = 0.05  # of the loss in a logit, times the number of classes: what shortened training most (MASSIVE)

Floats = NDArray[np.float32]


class Loss(Protocol):
    """The loss of logits (n, c) of all heads, for the targets it was made for."""

    def __call__(self, logits: torch.Tensor) -> torch.Tensor: ...


class LinearHeads:
    """Heads on dense features (n, d) and n-grams (n, v), with an L2 penalty of `l2` a row.

    They are fitted in variables in which the loss curves alike in all directions (preconditioning). Without that,
    common n-grams and the few strong directions of embeddings make L-BFGS crawl: 40 iterations then come as far as 15
    do with it. The optimum is the same.
    """

    def __init__(self, dense: Floats, matrix: SparseMatrix, targets: Targets, l2: float, device: str) -> None:
        self._device = device
        count = targets.amount
        curvature, self._penalty = _CURVATURE / len(targets.labels[0]), l2 / count
        self._mean = torch.from_numpy(dense.mean(axis=0)).to(device)
        centred = torch.from_numpy(dense).to(device) - self._mean
        self._rotations = [
            _inverse_root(block.T @ block * (curvature / count), self._penalty) for block in _blocks(centred)
        ]
        self._dense = self._rotate(centred)
        self._matrix = matrix
        scale = (matrix.squares * (curvature / count) + self._penalty) ** -0.5
        self._scale = torch.from_numpy(scale.astype(np.float32)).to(device)[:, None]
        self._bias_scale = curvature**-0.5
        sizes = ((centred.shape[1], targets.columns), (matrix.columns, targets.columns), (targets.columns,))
        self._parameters = [torch.zeros(size, device=device, requires_grad=True) for size in sizes]

    def fit(self, loss: Loss, steps: int) -> Iterator[float]:
        """Go on from where the heads are, `PER_STEP` iterations a step; yields the penalised loss of each step."""
        optimizer = torch.optim.LBFGS(
            self._parameters, max_iter=PER_STEP, history_size=10, line_search_fn="strong_wolfe"
        )

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            found = self._penalised(loss)
            found.backward()  # type: ignore[no-untyped-call]
            return found

        for _ in range(steps):
            yield float(optimizer.step(closure).detach())  # type: ignore[no-untyped-call]

    def begin(self, weights: Weights) -> None:
        """Go to the weights that `weights` says, which are in terms of the features as they were given."""
        dense = torch.from_numpy(weights.dense).to(self._device)
        blocks = zip(_blocks(dense.T), self._rotations, strict=True)
        heads = torch.cat([torch.linalg.solve(rotation.double(), block.T.double()) for block, rotation in blocks])
        bias = torch.from_numpy(weights.bias).to(self._device) + self._mean @ dense
        ngrams = torch.from_numpy(weights.sparse).to(self._device) / self._scale
        with torch.no_grad():
            for parameter, value in zip(self._parameters, (heads, ngrams, bias / self._bias_scale), strict=True):
                parameter.copy_(value)

    def weights(self) -> Weights:
        """The fitted matrices in terms of the features as they were given."""
        heads, ngrams, bias = (parameter.detach() for parameter in self._parameters)
        dense = self._unrotate(heads)
        shifted = bias * self._bias_scale - self._mean @ dense
        return Weights(dense.cpu().numpy(), (self._scale * ngrams).cpu().numpy(), shifted.cpu().numpy())

    def _penalised(self, loss: Loss) -> torch.Tensor:
        """The loss plus the L2 penalty of the weights, not of the bias."""
        heads, ngrams, bias = self._parameters
        sparse = self._scale * ngrams
        logits = self._matrix @ sparse + self._dense @ heads + bias * self._bias_scale
        dense = self._unrotate(heads)
        return loss(logits) + 0.5 * self._penalty * ((dense * dense).sum() + (sparse * sparse).sum())

    def _rotate(self, dense: torch.Tensor) -> torch.Tensor:
        blocks = zip(_blocks(dense), self._rotations, strict=True)
        return torch.cat([block @ rotation for block, rotation in blocks], dim=1)

    def _unrotate(self, heads: torch.Tensor) -> torch.Tensor:
        blocks = zip(_blocks(heads.T), self._rotations, strict=True)
        return torch.cat([rotation @ block.T for block, rotation in blocks])


def _blocks(matrix: torch.Tensor) -> tuple[torch.Tensor, ...]:
    blocks: tuple[torch.Tensor, ...] = torch.split(matrix, _BLOCK, dim=1)
    return blocks


def _inverse_root(covariance: torch.Tensor, ridge: float) -> torch.Tensor:
    """`(covariance + ridge)^(-1/2)` of a symmetric matrix (d, d)."""
    values, vectors = torch.linalg.eigh(covariance.double())
    root: torch.Tensor = (vectors / (values.clamp(min=0) + ridge).sqrt()) @ vectors.T
    return root.float()


class CrossEntropy:
    """Mean cross-entropy over all heads, weighed by class and row; of a head without any label it is nothing."""

    def __init__(self, targets: Targets, device: str, smoothing: float = 0.0) -> None:
        self._indices = [torch.from_numpy(column).to(device) for column in targets.indices]
        self._weights = [torch.from_numpy(weights).to(device) for weights in targets.weights]
        self._worth = None if targets.worth is None else torch.from_numpy(targets.worth).to(device)
        self._smoothing = smoothing

    def __call__(self, logits: torch.Tensor, picked: torch.Tensor | None = None) -> torch.Tensor:
        """The loss of logits (n, c) of all rows, or of those of the picked ones."""
        losses = []
        parts = torch.split(logits, [len(weight) for weight in self._weights], dim=1)
        for part, column, weight in zip(parts, self._indices, self._weights, strict=True):
            index = column if picked is None else column[picked]
            if bool((index != MISSING).any()):
                losses.append(self._mean(part, index, weight, picked))
        return torch.stack(losses).sum()

    def _mean(
        self, part: torch.Tensor, index: torch.Tensor, weight: torch.Tensor, picked: torch.Tensor | None
    ) -> torch.Tensor:
        options: dict[str, Any] = {"weight": weight, "ignore_index": MISSING, "label_smoothing": self._smoothing}
        if self._worth is None:
            return functional.cross_entropy(part, index, **options)
        worth = self._worth if picked is None else self._worth[picked]
        losses = functional.cross_entropy(part, index, reduction="none", **options)
        whole = worth * weight[index.clamp(min=0)] * (index != MISSING)
        return (worth * losses).sum() / whole.sum()


class SquaredHinge:
    """The squared hinge of every class against the rest, added up over classes and heads; mean of labelled rows."""

    def __init__(self, targets: Targets, device: str) -> None:
        signs, known = [], []
        for labels, column in zip(targets.labels, targets.indices, strict=True):
            index = torch.from_numpy(column)
            share = (index != MISSING).float() * torch.from_numpy(targets.worths())
            one_hot = functional.one_hot(index.clamp(min=0), len(labels))
            signs.append(one_hot.float() * 2 - 1)
            known.append((share / share.sum().clamp(min=1))[:, None].expand(-1, len(labels)))
        self._signs = torch.cat(signs, dim=1).to(device)
        self._known = torch.cat(known, dim=1).to(device)

    def __call__(self, logits: torch.Tensor) -> torch.Tensor:
        """The loss of logits (n, c)."""
        missing = (1 - self._signs * logits).clamp(min=0)
        return (missing * missing * self._known).sum()
