"""Training the fused architecture: embed, count n-grams, fit all heads, calibrate on held-out rows, fit again on all.

Multinomial logistic regression with an L2 penalty by L-BFGS (Liu & Nocedal 1989): on these features a full-batch
quasi-Newton method reaches accuracy in seconds that stochastic first-order methods do not reach at all. The second fit
goes on from the first, so it is short.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.architectures.fused import ALLOWED_LOSS, FusedScorer, Weights, with_int8_encoder
from nlp.encoder import Encoded, Encoder
from nlp.features import SparseRows, Vocabulary, build_vocabulary
from nlp.router import Router, Scores
from nlp.training import Step, Steps
from nlp.training.calibration import calibrate
from nlp.training.checks import STRANGE_LABELS, check_encoded
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.sparse import SparseMatrix, take_rows
from nlp.training.targets import MISSING, Targets, make_targets, split

_EMBED_BATCH = 256
_ITERATIONS_PER_STEP = 5
_REFIT = 0.5  # of the iterations: held-out rows change little
_BLOCK = 1536  # columns that are preconditioned together: their covariance is inverted in a second
_LEAST_NGRAMS, _MOST_WEIGHTS = 200_000, 20_000_000  # bounds of memory: 40 MB of weights on disk
_CURVATURE = 0.05  # of the loss in a logit, times the number of classes: what shortened training most (MASSIVE)

Floats = NDArray[np.float32]


def train_fused(examples: Sequence[Example], encoder: Encoder, config: FusedConfig) -> Steps[Router]:
    """See `nlp.training.router.train_router`."""
    known = [*examples, *label_names(examples)]
    texts = [e.text for e in known]
    encoded = yield from _embed(known, encoder)
    targets = make_targets(known, config.balance)
    vocabulary, rows = _ngrams(texts, targets)
    seen: NDArray[np.bool_] = (encoded.vectors != 0).any(axis=0)
    seen[0] = True  # an encoder that reads none of the texts still has a column
    _, held = split([e.intent for e in examples], config.held_out, config.seed)
    problem = _Problem(encoded.vectors[:, seen] * config.dense_scale, rows, targets, config.l2)
    yield from _fit("calibrate", problem, targets.without(held), config.iterations)
    trial = FusedScorer(encoder, vocabulary, problem.weights().spread(seen), len(targets.labels[0]), config.dense_scale)
    scores = trial.score_features(Encoded(encoded.vectors[held], encoded.coverage[held]), take_rows(rows, held))
    scorer = _lightened(trial, [texts[i] for i in held], scores, targets.take(held))
    yield from _fit("fit", problem, targets, round(config.iterations * _REFIT))
    return Router(replace(scorer, weights=problem.weights().spread(seen)), calibrate(scores, targets.take(held)))


def label_names(examples: Sequence[Example]) -> list[Example]:
    """One more example of each intent: its name in words, where it has any ("card_not_working": "card not working").

    With ten examples a class this is worth most of a point of accuracy, with hundreds nothing.
    """
    named = [(label, " ".join(re.split(r"[\W_]+", label)).strip()) for label in sorted({e.intent for e in examples})]
    return [
        Example(name, label, origin="label")
        for label, name in named
        if label not in STRANGE_LABELS and any(c.isalpha() for c in name) and len(name) > 1
    ]


def _ngrams(texts: Sequence[str], targets: Targets) -> tuple[Vocabulary, SparseRows]:
    plain = build_vocabulary(texts, limit=max(_LEAST_NGRAMS, _MOST_WEIGHTS // targets.columns))
    return plain.weighed(plain.transform(texts), targets.indices[0])


def _lightened(scorer: FusedScorer, texts: Sequence[str], scores: Scores, targets: Targets) -> FusedScorer:
    """The scorer on the int8 encoder, where there is one and it costs these texts no more accuracy than allowed."""
    light = with_int8_encoder(scorer)
    if light is None or _accuracy(light.score(texts), targets) < _accuracy(scores, targets) - ALLOWED_LOSS:
        return scorer
    return light


def _accuracy(scores: Scores, targets: Targets) -> float:
    """The share of right answers of all heads."""
    right: list[NDArray[np.bool_]] = []
    start = 0
    for labels, index in zip(targets.labels, targets.indices, strict=True):
        best = scores.logits[:, start : start + len(labels)].argmax(axis=1)
        right.append((best == index)[index != MISSING])
        start += len(labels)
    return float(np.concatenate(right).mean())


def _embed(examples: Sequence[Example], encoder: Encoder) -> Steps[Encoded]:
    parts: list[Encoded] = []
    for start in range(0, len(examples), _EMBED_BATCH):
        batch = examples[start : start + _EMBED_BATCH]
        encoded = encoder.features([example.text for example in batch])
        parts.append(check_encoded(encoded, batch, parts[0].vectors.shape[1] if parts else None))
        yield Step("embed", start + len(batch), len(examples))
    return Encoded(np.concatenate([p.vectors for p in parts]), np.concatenate([p.coverage for p in parts]))


def _fit(stage: str, problem: "_Problem", targets: Targets, iterations: int) -> Steps[None]:
    """Go on from where the problem is."""
    losses = _Loss(targets, problem.device)
    optimizer = torch.optim.LBFGS(
        problem.parameters, max_iter=_ITERATIONS_PER_STEP, history_size=10, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = problem.loss(losses)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for done in range(0, iterations, _ITERATIONS_PER_STEP):
        loss = optimizer.step(closure)  # type: ignore[no-untyped-call]
        yield Step(stage, done + _ITERATIONS_PER_STEP, iterations, float(loss.detach()))


class _Problem:
    """The penalised loss, in variables in which it curves alike in all directions (preconditioning).

    Without that, common n-grams and the few strong directions of embeddings make L-BFGS crawl: 40 iterations then
    come as far as 15 do with it. The optimum is the same.
    """

    def __init__(self, dense: Floats, rows: SparseRows, targets: Targets, l2: float) -> None:
        self.device = device = "cuda" if torch.cuda.is_available() else "cpu"
        count = len(targets)
        curvature, self._penalty = _CURVATURE / len(targets.labels[0]), l2 / count
        self._mean = torch.from_numpy(dense.mean(axis=0)).to(device)
        centred = torch.from_numpy(dense).to(device) - self._mean
        self._rotations = [
            _inverse_root(block.T @ block * (curvature / count), self._penalty) for block in _blocks(centred)
        ]
        self._dense = self._rotate(centred)
        self._matrix = SparseMatrix(rows, device)
        squares = np.bincount(rows.indices, rows.values**2, minlength=rows.columns)
        scale = (squares * (curvature / count) + self._penalty) ** -0.5
        self._scale = torch.from_numpy(scale.astype(np.float32)).to(device)[:, None]
        self._bias_scale = curvature**-0.5
        sizes = ((centred.shape[1], targets.columns), (rows.columns, targets.columns), (targets.columns,))
        self.parameters = [torch.zeros(size, device=device, requires_grad=True) for size in sizes]

    def loss(self, losses: "_Loss") -> torch.Tensor:
        """The mean weighted cross-entropy of all heads plus the L2 penalty of the weights, not of the bias."""
        heads, ngrams, bias = self.parameters
        sparse = self._scale * ngrams
        logits = self._matrix @ sparse + self._dense @ heads + bias * self._bias_scale
        dense = self._unrotate(heads)
        return losses(logits) + 0.5 * self._penalty * ((dense * dense).sum() + (sparse * sparse).sum())

    def _rotate(self, dense: torch.Tensor) -> torch.Tensor:
        blocks = zip(_blocks(dense), self._rotations, strict=True)
        return torch.cat([block @ rotation for block, rotation in blocks], dim=1)

    def _unrotate(self, heads: torch.Tensor) -> torch.Tensor:
        blocks = zip(_blocks(heads.T), self._rotations, strict=True)
        return torch.cat([rotation @ block.T for block, rotation in blocks])

    def weights(self) -> Weights:
        """The fitted matrices in terms of the features as they were given."""
        heads, ngrams, bias = (parameter.detach() for parameter in self.parameters)
        dense = self._unrotate(heads)
        shifted = bias * self._bias_scale - self._mean @ dense
        return Weights(*(matrix.cpu().numpy() for matrix in (dense, self._scale * ngrams, shifted)))


def _blocks(matrix: torch.Tensor) -> tuple[torch.Tensor, ...]:
    blocks: tuple[torch.Tensor, ...] = torch.split(matrix, _BLOCK, dim=1)
    return blocks


def _inverse_root(covariance: torch.Tensor, ridge: float) -> torch.Tensor:
    """`(covariance + ridge)^(-1/2)` of a symmetric matrix (d, d)."""
    values, vectors = torch.linalg.eigh(covariance.double())
    root: torch.Tensor = (vectors / (values.clamp(min=0) + ridge).sqrt()) @ vectors.T
    return root.float()


class _Loss:
    """Mean weighted cross-entropy over all heads."""

    def __init__(self, targets: Targets, device: str) -> None:
        self._indices = [torch.from_numpy(column).to(device) for column in targets.indices]
        self._weights = [torch.from_numpy(weights).to(device) for weights in targets.weights]

    def __call__(self, logits: torch.Tensor) -> torch.Tensor:
        losses = []
        parts = torch.split(logits, [len(weight) for weight in self._weights], dim=1)
        for part, index, weight in zip(parts, self._indices, self._weights, strict=True):
            losses.append(functional.cross_entropy(part, index, weight=weight, ignore_index=MISSING))
        return torch.stack(losses).sum()
