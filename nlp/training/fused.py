"""Training the fused architecture: embed, count n-grams, fit all heads, calibrate on held-out rows, fit again on all.

Multinomial logistic regression with an L2 penalty by L-BFGS (Liu & Nocedal 1989): on these features a full-batch
quasi-Newton method reaches accuracy in seconds that stochastic first-order methods do not reach at all.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.architectures.fused import FusedScorer, Weights, dense_features
from nlp.encoder import Encoded, Encoder
from nlp.features import SparseRows, build_vocabulary
from nlp.router import Router, Scores, energy
from nlp.training import Step, Steps
from nlp.training.calibration import calibrate
from nlp.training.checks import check_encoded
from nlp.training.data import Example
from nlp.training.targets import MISSING, Targets, make_targets, split

_EMBED_BATCH = 256
_ITERATIONS_PER_STEP = 5

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FusedConfig:
    """How to train the fused architecture, chosen on validation data (docs/router.md).

    `dense_scale` weighs the embedding against the n-grams; `l2` is the penalty per row; `held_out` is the share of rows
    that calibrate; `balance` in [0, 1] is how far rare classes are weighed up (0 not at all, 1 fully).
    """

    dense_scale: float = 2.0
    l2: float = 0.3
    iterations: int = 40
    held_out: float = 0.1
    balance: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class _Features:
    dense: Floats
    rows: SparseRows

    def take(self, picked: NDArray[np.int64]) -> "_Features":
        """The features of the picked rows."""
        return _Features(self.dense[picked], _take_rows(self.rows, picked))


def train_fused(examples: Sequence[Example], encoder: Encoder, config: FusedConfig) -> Steps[Router]:
    """See `nlp.training.router.train_router`."""
    texts = [e.text for e in examples]
    encoded = yield from _embed(examples, encoder)
    vocabulary = build_vocabulary(texts)
    features = _Features(dense_features(encoded, config.dense_scale), vocabulary.transform(texts))
    targets = make_targets(examples, config.balance)
    fitted, held = split([e.intent for e in examples], config.held_out, config.seed)
    trial = yield from _fit("calibrate", features.take(fitted), targets.take(fitted), config)
    calibration = calibrate(_scores(trial, features.take(held), targets), targets.take(held))
    weights = yield from _fit("fit", features, targets, config)
    scorer = FusedScorer(encoder, vocabulary, weights, len(targets.labels[0]), config.dense_scale)
    return Router(scorer, calibration)


def _scores(weights: Weights, features: _Features, targets: Targets) -> Scores:
    logits = weights.logits(features.dense, features.rows)
    return Scores(logits, energy(logits[:, : len(targets.labels[0])]), np.ones(len(logits), np.float32))


def _embed(examples: Sequence[Example], encoder: Encoder) -> Steps[Encoded]:
    parts: list[Encoded] = []
    for start in range(0, len(examples), _EMBED_BATCH):
        batch = examples[start : start + _EMBED_BATCH]
        encoded = encoder.features([example.text for example in batch])
        parts.append(check_encoded(encoded, batch, parts[0].vectors.shape[1] if parts else None))
        yield Step("embed", start + len(batch), len(examples))
    return Encoded(np.concatenate([p.vectors for p in parts]), np.concatenate([p.coverage for p in parts]))


def _fit(stage: str, features: _Features, targets: Targets, config: FusedConfig) -> Steps[Weights]:
    count = targets.columns
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dense = torch.from_numpy(features.dense).to(device)
    matrix, transposed = _sparse_pair(features.rows, device)
    parameters = [
        torch.zeros(size, device=device, requires_grad=True)
        for size in ((dense.shape[1], count), (features.rows.columns, count), (count,))
    ]
    loss_of = _Loss(targets, config.l2, device)
    optimizer = torch.optim.LBFGS(
        parameters, max_iter=_ITERATIONS_PER_STEP, history_size=10, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        sparse: torch.Tensor = _SparseProduct.apply(matrix, transposed, parameters[1])  # type: ignore[no-untyped-call]
        logits = sparse + dense @ parameters[0] + parameters[2]
        loss = loss_of(logits, parameters[0], parameters[1])
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for done in range(0, config.iterations, _ITERATIONS_PER_STEP):
        loss = optimizer.step(closure)  # type: ignore[no-untyped-call]
        yield Step(stage, done + _ITERATIONS_PER_STEP, config.iterations, float(loss.detach()))
    fitted = [parameter.detach().cpu().numpy() for parameter in parameters]
    return Weights(*fitted)


class _Loss:
    """Mean weighted cross-entropy over all heads, plus the L2 penalty."""

    def __init__(self, targets: Targets, l2: float, device: str) -> None:
        self._indices = [torch.from_numpy(column).to(device) for column in targets.indices]
        self._weights = [torch.from_numpy(weights).to(device) for weights in targets.weights]
        self._penalty = 0.5 * l2 / len(targets)

    def __call__(self, logits: torch.Tensor, *penalised: torch.Tensor) -> torch.Tensor:
        loss = torch.stack([(matrix * matrix).sum() for matrix in penalised]).sum() * self._penalty
        start = 0
        for index, weight in zip(self._indices, self._weights, strict=True):
            part = logits[:, start : start + len(weight)]
            loss = loss + functional.cross_entropy(part, index, weight=weight, ignore_index=MISSING)
            start += len(weight)
        return loss


class _SparseProduct(torch.autograd.Function):
    """`matrix @ dense` with a ready transposed matrix for the gradient, which torch would else build each time."""

    @staticmethod
    def forward(ctx: Any, matrix: torch.Tensor, transposed: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        """The product (n, c) of a CSR matrix (n, v) and a dense one (v, c)."""
        ctx.transposed = transposed
        return matrix @ dense

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        """The gradient (v, c) with respect to the dense matrix."""
        return None, None, ctx.transposed @ gradients[0]


def _sparse_pair(rows: SparseRows, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
        matrix = torch.sparse_csr_tensor(
            torch.from_numpy(rows.starts),
            torch.from_numpy(rows.indices),
            torch.from_numpy(rows.values),
            size=(len(rows), rows.columns),
            check_invariants=False,
        ).to(device)
        return matrix, matrix.to_sparse_csc().transpose(0, 1)


def _take_rows(rows: SparseRows, picked: NDArray[np.int64]) -> SparseRows:
    lengths = np.diff(rows.starts)[picked]
    starts = np.zeros(len(picked) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    offsets = np.repeat(rows.starts[picked] - starts[:-1], lengths) + np.arange(starts[-1])
    return SparseRows(starts, rows.indices[offsets], rows.values[offsets], rows.columns)
