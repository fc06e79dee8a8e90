"""New labels for a trained fused router, in about a second: what it knows stays as it is, new columns are fitted.

The columns of known labels are held fixed and the new ones are fitted against them (a softmax over all, of which only
the new weights move), on the new examples and a replay of earlier ones, so that old labels keep what is theirs. The
hidden layer stays as it is and adds nothing to new labels.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.architectures.fused import FusedScorer, Weights, fused_scorer
from nlp.errors import DataError
from nlp.features import SparseRows, Vocabulary, build_vocabulary
from nlp.router import Calibration, Head, Router
from nlp.training import Step, Steps
from nlp.training.checks import check_encoded
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.fused import label_names
from nlp.training.sparse import SparseMatrix

_ITERATIONS, _PER_STEP = 30, 10
_L2 = FusedConfig().l2
_SOFTENING = 2.0  # of what the router says of replayed rows, beside its temperature: they taught it, so it is too sure
REPLAYED = 600  # earlier examples that are enough to keep old labels where they are (CLINC150, one class of 150 added)

Floats = NDArray[np.float32]


def add_labels(router: Router, examples: Sequence[Example], replay: Sequence[Example]) -> Steps[Router]:
    """The router with the intents of `examples` that it lacks; `replay` holds examples of the intents it has.

    Temperatures and thresholds stay. A topic that the router lacks is not learned.

    Raises:
        DataError: no example has an intent that is new, or there is nothing to replay.
        ModelError: the router is not of the fused architecture.
    """
    scorer, known = fused_scorer(router), set(router.heads[0].labels)
    fresh = [example for example in examples if example.intent not in known]
    labels = tuple(sorted({example.intent for example in fresh}))
    replay = [example for example in replay if example.intent in known]
    if not labels or not replay:
        what = "label that the router does not know" if not labels else "earlier example to replay"
        raise DataError(f"there is no {what}: train the router as a whole with 'dawen train router'")
    rows = [*fresh, *label_names(fresh), *replay]
    encoded = scorer.encoder.features([row.text for row in rows])
    check_encoded(encoded, rows)
    yield Step("embed", len(rows), len(rows))
    wider = _with_ngrams(scorer, [example.text for example in fresh])
    ngrams = wider.vocabulary.transform([row.text for row in rows])
    fixed = wider.score_features(encoded, ngrams).logits[:, : scorer.intents]
    column = {label: i for i, label in enumerate(router.heads[0].labels + labels)}
    targets = np.array([column[row.intent] for row in rows], np.int64)
    unit = _SOFTENING * router.heads[0].temperature
    columns = yield from _fit(encoded.vectors * scorer.dense_scale, ngrams, fixed / np.float32(unit), targets)
    return _widened(router, wider, labels, columns.scaled(unit))


def _with_ngrams(scorer: FusedScorer, texts: Sequence[str]) -> FusedScorer:
    """The scorer with the texts' new n-grams in its vocabulary, of no weight to the labels it has."""
    found, known = build_vocabulary(texts), scorer.vocabulary
    fresh = ~np.isin(found.hashes, known.hashes)
    hashes = np.concatenate([known.hashes, found.hashes[fresh]])
    order = np.argsort(hashes, kind="stable")
    rarest = known.idf.max(initial=1.0)
    idf = np.concatenate([known.idf, np.full(int(fresh.sum()), rarest, np.float32)])
    none = np.zeros((int(fresh.sum()), scorer.weights.sparse.shape[1]), np.float32)
    sparse = np.concatenate([scorer.weights.sparse, none])[order]
    return replace(
        scorer, vocabulary=Vocabulary(hashes[order], idf[order]), weights=replace(scorer.weights, sparse=sparse)
    )


def _fit(dense: Floats, rows: SparseRows, fixed: Floats, targets: NDArray[np.int64]) -> Steps[Weights]:
    """Columns for the labels beyond those of the fixed logits (n, c); every label weighs the same."""
    added = int(targets.max()) + 1 - fixed.shape[1]
    inputs, before = torch.from_numpy(dense), torch.from_numpy(fixed)
    goal, counts = torch.from_numpy(targets), np.bincount(targets)
    importance = torch.from_numpy((len(targets) / np.count_nonzero(counts) / counts[targets]).astype(np.float32))
    matrix = SparseMatrix(rows)
    sizes = ((dense.shape[1], added), (rows.columns, added), (added,))
    parameters = [torch.zeros(size, requires_grad=True) for size in sizes]
    optimizer = torch.optim.LBFGS(parameters, max_iter=_PER_STEP, history_size=10, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        new = inputs @ parameters[0] + matrix @ parameters[1] + parameters[2]
        losses = functional.cross_entropy(torch.cat([before, new], dim=1), goal, reduction="none")
        penalty = (parameters[0] ** 2).sum() + (parameters[1] ** 2).sum()
        loss: torch.Tensor = (losses * importance).mean() + 0.5 * _L2 / len(goal) * penalty
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for done in range(0, _ITERATIONS, _PER_STEP):
        loss = optimizer.step(closure)  # type: ignore[no-untyped-call]
        yield Step("fit", done + _PER_STEP, _ITERATIONS, float(loss.detach()))
    found_dense, found_sparse, bias = (parameter.detach().numpy() for parameter in parameters)
    return Weights(found_dense, found_sparse, bias)


def _widened(router: Router, scorer: FusedScorer, labels: tuple[str, ...], columns: Weights) -> Router:
    """The router with new columns behind those of its first head."""
    at, old = scorer.intents, scorer.weights

    def inserted(before: Floats, new: Floats) -> Floats:
        return np.concatenate([before[..., :at], new, before[..., at:]], axis=-1)

    hidden = old.hidden and replace(
        old.hidden, outward=inserted(old.hidden.outward, np.zeros((len(old.hidden.outward), len(labels)), np.float32))
    )
    weights = Weights(
        inserted(old.dense, columns.dense),
        inserted(old.sparse, columns.sparse),
        inserted(old.bias, columns.bias),
        hidden,
    )
    intents = Head(router.heads[0].labels + labels, router.heads[0].temperature)
    calibration = Calibration((intents, *router.heads[1:]), router.calibration.scope, router.confidence)
    return Router(replace(scorer, weights=weights, intents=at + len(labels)), calibration)
