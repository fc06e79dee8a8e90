"""Training the fused router: embed, count n-grams, fit both heads, calibrate on held-out rows, fit again on all.

Multinomial logistic regression with an L2 penalty by L-BFGS (Liu & Nocedal 1989): on these features a full-batch
quasi-Newton method reaches accuracy in seconds that stochastic first-order methods do not reach at all.
"""

import random
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.encoder import Encoded, Encoder
from nlp.errors import DataError
from nlp.features import SparseRows, build_vocabulary
from nlp.model_store import Manifest, ModelStore
from nlp.router import ARCHITECTURE, KIND, Floats, Head, Router, Scope, Weights, dense_features, energy, softmax
from nlp.training import Step, Steps
from nlp.training.data import Example, snapshot

_EMBED_BATCH = 256
_ITERATIONS_PER_STEP = 5
_MISSING = -100  # torch's ignore_index: the row has no label for this head
_STRANGE_LABELS = frozenset({"oos", "out_of_scope"})


@dataclass(frozen=True)
class RouterConfig:
    """How to train. Chosen on validation data (CLINC150 val, a tenth of BANKING77 train, held-out seeds).

    `dense_scale` weighs the embedding against the n-grams; `l2` is the penalty per row; `held_out` is the share of rows
    that calibrate; `balance` in [0, 1] is how far rare classes are weighed up (0 not at all, 1 fully).
    """

    dense_scale: float = 2.0
    l2: float = 0.3
    iterations: int = 40
    held_out: float = 0.1
    balance: float = 1.0
    seed: int = 0


DEFAULT = RouterConfig()


@dataclass(frozen=True)
class _Features:
    dense: Floats
    rows: SparseRows

    def take(self, picked: NDArray[np.int64]) -> "_Features":
        """The features of the picked rows."""
        return _Features(self.dense[picked], _take_rows(self.rows, picked))


@dataclass(frozen=True)
class _Targets:
    """Label indices (n,) per head, `_MISSING` where a row has none, with the labels and class weights of each head."""

    labels: tuple[tuple[str, ...], ...]
    indices: tuple[NDArray[np.int64], ...]
    weights: tuple[Floats, ...]


def train_router(examples: Sequence[Example], encoder: Encoder, config: RouterConfig = DEFAULT) -> Steps[Router]:
    """Train a router on `examples`; rows labelled "out_of_scope" or "oos" teach what is out of scope.

    Raises:
        DataError: fewer than two intents, or an intent with a single example.
    """
    _check(examples)
    encoded = yield from _embed([e.text for e in examples], encoder)
    vocabulary = build_vocabulary(e.text for e in examples)
    features = _Features(dense_features(encoded, config.dense_scale), vocabulary.transform([e.text for e in examples]))
    targets = _targets(examples, config.balance)
    fitted, held = _split([e.intent for e in examples], config)
    trial = yield from _fit("calibrate", features.take(fitted), _take_targets(targets, fitted), config)
    held_logits = trial.logits(features.take(held).dense, features.take(held).rows)
    heads, scope, confidence = _calibrate(held_logits, _take_targets(targets, held))
    weights = yield from _fit("fit", features, targets, config)
    return Router(encoder, vocabulary, weights, heads, scope, confidence=confidence, dense_scale=config.dense_scale)


def save_router(
    router: Router, store: ModelStore, examples: Sequence[Example], config: RouterConfig, **details: Any
) -> Manifest:
    """Store a trained router as a new version. `details` may hold sources, scores and parent."""
    return store.save(*describe_router(router, examples, config, **details))


def describe_router(
    router: Router,
    examples: Sequence[Example],
    config: RouterConfig,
    *,
    sources: Sequence[str] = (),
    scores: dict[str, float] | None = None,
    parent: str | None = None,
) -> tuple[Manifest, dict[str, NDArray[Any]]]:
    """The manifest and arrays to store a trained router with."""
    configuration, arrays = router.to_arrays()
    manifest = Manifest(
        kind=KIND,
        architecture=ARCHITECTURE,
        configuration={**configuration, "training": asdict(config)},
        data=snapshot(examples, sources),
        seed=config.seed,
        scores=scores or {},
        parent=parent,
    )
    return manifest, arrays


def _check(examples: Sequence[Example]) -> None:
    counts = Counter(example.intent for example in examples)
    if len(counts) < 2:
        raise DataError(f"a router needs at least two different labels, {len(counts)} found: add rows of other labels")
    lone = sorted(label for label, count in counts.items() if count < 2)
    if lone:
        raise DataError(
            f"label {lone[0]!r} has a single example, at least two are needed: add rows or remove the label"
        )


def _embed(texts: Sequence[str], encoder: Encoder) -> Steps[Encoded]:
    parts = []
    for start in range(0, len(texts), _EMBED_BATCH):
        parts.append(encoder.encode(texts[start : start + _EMBED_BATCH]))
        yield Step("embed", min(start + _EMBED_BATCH, len(texts)), len(texts))
    return Encoded(np.concatenate([p.vectors for p in parts]), np.concatenate([p.coverage for p in parts]))


def _targets(examples: Sequence[Example], balance: float) -> _Targets:
    columns: list[list[str | None]] = [[e.intent for e in examples]]
    if any(e.topic for e in examples):
        columns.append([e.topic for e in examples])
    labels, indices, weights = [], [], []
    for column in columns:
        counts = Counter(value for value in column if value is not None)
        names = tuple(sorted(counts))
        place = {name: i for i, name in enumerate(names)}
        labels.append(names)
        indices.append(np.array([_MISSING if value is None else place[value] for value in column], np.int64))
        rarity = np.array([counts[name] for name in names], np.float64) ** -balance
        weights.append((rarity / np.average(rarity, weights=[counts[n] for n in names])).astype(np.float32))
    return _Targets(tuple(labels), tuple(indices), tuple(weights))


def _take_targets(targets: _Targets, picked: NDArray[np.int64]) -> _Targets:
    return _Targets(targets.labels, tuple(column[picked] for column in targets.indices), targets.weights)


def _split(labels: Sequence[str], config: RouterConfig) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers to fit and to calibrate on: a share of each label, never all rows of one."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        by_label[label].append(row)
    rng = random.Random(config.seed)  # noqa: S311 - a reproducible split, not a secret
    held: set[int] = set()
    for rows in by_label.values():
        held.update(rng.sample(rows, max(1, round(len(rows) * config.held_out))))
    every = np.arange(len(labels))
    mask = np.isin(every, list(held))
    return every[~mask], every[mask]


def _fit(stage: str, features: _Features, targets: _Targets, config: RouterConfig) -> Steps[Weights]:
    count = sum(len(labels) for labels in targets.labels)
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

    def __init__(self, targets: _Targets, l2: float, device: str) -> None:
        self._indices = [torch.from_numpy(column).to(device) for column in targets.indices]
        self._weights = [torch.from_numpy(weights).to(device) for weights in targets.weights]
        self._penalty = 0.5 * l2 / len(targets.indices[0])

    def __call__(self, logits: torch.Tensor, *penalised: torch.Tensor) -> torch.Tensor:
        loss = torch.stack([(matrix * matrix).sum() for matrix in penalised]).sum() * self._penalty
        start = 0
        for index, weight in zip(self._indices, self._weights, strict=True):
            part = logits[:, start : start + len(weight)]
            loss = loss + functional.cross_entropy(part, index, weight=weight, ignore_index=_MISSING)
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


def _calibrate(logits: Floats, targets: _Targets) -> tuple[list[Head], Scope, float]:
    heads, start = [], 0
    for labels, index in zip(targets.labels, targets.indices, strict=True):
        part = logits[:, start : start + len(labels)]
        heads.append(Head(labels, _temperature(part[index >= 0], index[index >= 0])))
        start += len(labels)
    intents, index = logits[:, : len(targets.labels[0])], targets.indices[0]
    strange = np.array([label in _STRANGE_LABELS for label in targets.labels[0]])[index]
    probabilities = softmax(intents / heads[0].temperature)
    return heads, _scope(energy(intents), strange), _confidence(probabilities, index)


def _temperature(logits: Floats, index: NDArray[np.int64]) -> float:
    """The temperature of least negative log-likelihood on held-out rows."""
    candidates = np.geomspace(0.1, 5, 79)
    losses = [_log_loss(logits / candidate, index) for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def _log_loss(logits: Floats, index: NDArray[np.int64]) -> float:
    return float((energy(logits) - logits[np.arange(len(index)), index]).mean()) if len(index) else 0.0


def _scope(energies: Floats, strange: NDArray[np.bool_]) -> Scope:
    """The threshold that keeps 95 of 100 held-out texts in scope."""
    known = energies[~strange]
    return Scope(float(np.quantile(known, 0.05)), float(max(known.std(), 1e-3)) / 2)


def _confidence(probabilities: Floats, index: NDArray[np.int64], wanted: float = 0.95) -> float:
    """The lowest probability from which at least `wanted` of the held-out answers are right, within [0.2, 0.6]."""
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == index
    for threshold in np.arange(0.2, 0.6, 0.02):
        accepted = best >= threshold
        if accepted.any() and right[accepted].mean() >= wanted:
            return float(round(threshold, 2))
    return 0.6
