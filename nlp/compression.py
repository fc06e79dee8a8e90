"""Smaller and faster routers, each step with its price: int8 heads, an int8 encoder, fewer n-grams.

Pruning takes the weights of least magnitude (Han et al. 2015, "Learning both Weights and Connections for Efficient
Neural Networks") and then lets the rest say again what the whole router said, by least squares on its logits
(Ba & Caruana 2014, "Do Deep Nets Really Need to be Deep?"), so that its calibration goes on to hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.architectures.fused import ALLOWED_LOSS, FusedScorer, Weights, fused_scorer, with_int8_encoder
from nlp.encoder import BUNDLED, Encoded, bundled_folder
from nlp.errors import ModelError
from nlp.evaluation.router import RouterReport, measure_router
from nlp.features import SparseRows, Vocabulary
from nlp.packing import quantize_columns
from nlp.router import Router
from nlp.training import Step, Steps
from nlp.training.data import Example
from nlp.training.sparse import SparseMatrix

Floats = NDArray[np.float32]
_ITERATIONS, _PER_STEP = 20, 5
_RIDGE = 1e-4


@dataclass(frozen=True)
class Trial:
    """One step of compression, measured: `kept` tells whether the result has it."""

    name: str
    report: RouterReport
    kept: bool = True


def compress(
    router: Router, test: Sequence[Example], train: Sequence[Example], *, int8: bool, prune: float
) -> Steps[tuple[Router, list[Trial]]]:
    """The router with the steps that were asked for, each upon those before it, and their cost on the test examples.

    int8 is kept where accuracy falls by at most `ALLOWED_LOSS`; pruning is asked for by its share and always kept.
    `train` holds the texts on which a pruned router is tuned.

    Raises:
        ModelError: the router is not of the fused architecture, or `prune` is not a share.
    """
    scorer = fused_scorer(router)
    if not 0 <= prune < 1:
        raise ModelError(f"{prune} of the weights cannot be pruned: give a share from 0 up to 1, such as 0.8")
    trials = [_trial("as it is", router, test)]
    if prune:
        cut, tuned = yield from prune_ngrams(scorer, [e.text for e in train], prune)
        trials.append(_trial(f"pruned {prune:.0%}, not tuned", _with(router, cut), test, kept=False))
        trials.append(_trial(f"pruned {prune:.0%}, tuned", _with(router, tuned), test))
        scorer = tuned
    if int8:
        scorer = _quantize(router, scorer, test, trials)
    result = _with(router, scorer)
    return result, trials


def _quantize(router: Router, scorer: FusedScorer, test: Sequence[Example], trials: list[Trial]) -> FusedScorer:
    """The scorer with what int8 may be had; the trials are added to those made so far."""
    floor = next(trial for trial in reversed(trials) if trial.kept).report.accuracy - ALLOWED_LOSS
    for name, step in (("int8 heads", with_int8_heads), ("int8 encoder", with_int8_encoder)):
        option = step(scorer) if step is with_int8_heads or scorer.light is None else None
        if option is not None:
            report = _trial(name, _with(router, option), test).report
            trials.append(Trial(name, report, report.accuracy >= floor))
            scorer = option if trials[-1].kept else scorer
    return scorer


def with_int8_heads(scorer: FusedScorer) -> FusedScorer:
    """The scorer with weights as they are after being stored in int8."""

    def stored(matrix: Floats) -> Floats:
        entries, scale = quantize_columns(matrix)
        return (entries * scale).astype(np.float32)

    hidden = scorer.weights.hidden
    weights = replace(
        scorer.weights,
        dense=stored(scorer.weights.dense),
        sparse=stored(scorer.weights.sparse),
        hidden=hidden and replace(hidden, inward=stored(hidden.inward), outward=stored(hidden.outward)),
    )
    return replace(scorer, weights=weights, packing=replace(scorer.packing, int8_heads=True))


def prune_ngrams(
    scorer: FusedScorer, texts: Sequence[str], share: float, iterations: int = _ITERATIONS
) -> Steps[tuple[FusedScorer, FusedScorer]]:
    """The scorer without this share of its n-gram weights, before and after tuning on the texts.

    N-grams with no weight left leave the vocabulary.
    """
    encoded = scorer.encoder.features(texts)
    yield Step("embed", len(texts), len(texts))
    wanted = scorer.score_features(encoded, scorer.vocabulary.transform(texts)).logits
    cut = _cut(scorer, share)
    weights = yield from _tune(cut, encoded, cut.vocabulary.transform(texts), wanted, iterations)
    return cut, replace(cut, weights=weights)


def _cut(scorer: FusedScorer, share: float) -> FusedScorer:
    magnitude = np.abs(scorer.weights.sparse)
    threshold = np.quantile(magnitude, share)
    sparse = np.where(magnitude > threshold, scorer.weights.sparse, 0).astype(np.float32)
    rows = sparse.any(axis=1)
    vocabulary = Vocabulary(scorer.vocabulary.hashes[rows], scorer.vocabulary.idf[rows])
    return replace(scorer, vocabulary=vocabulary, weights=replace(scorer.weights, sparse=sparse[rows]))


def _tune(scorer: FusedScorer, encoded: Encoded, rows: SparseRows, wanted: Floats, iterations: int) -> Steps[Weights]:
    """Weights that bring the logits near the wanted ones (n, c); what is zero stays zero, a hidden layer as it is."""
    vectors = encoded.vectors * scorer.dense_scale
    fixed = scorer.weights.hidden.logits(vectors) if scorer.weights.hidden else np.float32(0)
    dense, matrix, goal = torch.from_numpy(vectors), SparseMatrix(rows), torch.from_numpy(wanted - fixed)
    start = [torch.from_numpy(array) for array in (scorer.weights.dense, scorer.weights.sparse, scorer.weights.bias)]
    mask = start[1] != 0
    changes = [torch.zeros_like(array, requires_grad=True) for array in start]
    optimizer = torch.optim.LBFGS(changes, max_iter=_PER_STEP, history_size=10, line_search_fn="strong_wolfe")

    def weights() -> list[torch.Tensor]:
        return [start[0] + changes[0], start[1] + changes[1] * mask, start[2] + changes[2]]

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        heads, ngrams, bias = weights()
        miss = matrix @ ngrams + dense @ heads + bias - goal
        penalty = torch.stack([(change * change).sum() for change in changes]).sum()
        loss: torch.Tensor = (miss * miss).sum(1).mean() + _RIDGE * penalty
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for done in range(0, iterations, _PER_STEP):
        loss = optimizer.step(closure)  # type: ignore[no-untyped-call]
        yield Step("tune", done + _PER_STEP, iterations, float(loss.detach()))
    heads, ngrams, bias = (array.detach().numpy() for array in weights())
    return replace(scorer.weights, dense=heads, sparse=ngrams, bias=bias)


def export_onnx(router: Router, path: Path) -> None:
    """Write the bundled encoder and the dense half of a router's heads as one ONNX file, replacing none.

    Raises:
        ModelError: the router is not fused, another encoder serves it, or the file exists or cannot be written.
    """
    from nlp.backends.onnx_export import export_dense_heads
    from nlp.backends.torch_backend import load_bert
    from nlp.minilm import MiniLMEncoder, read_tokenizer

    scorer = fused_scorer(router)
    if not isinstance(scorer.encoder, MiniLMEncoder):
        raise ModelError(f"encoder {scorer.encoder.fingerprint!r} cannot be exported: only {BUNDLED!r} can")
    if path.exists():
        raise ModelError(f"{str(path)!r} exists: choose a new file")
    folder = bundled_folder()
    scratch = path.with_name(f".{path.name}.new")
    try:
        export_dense_heads(load_bert(folder, "eager"), scorer, read_tokenizer(folder).token_to_id("[UNK]"), scratch)
        scratch.rename(path)
    except OSError as error:
        raise ModelError(f"{str(path)!r} cannot be written: {error.strerror}") from error
    finally:
        scratch.unlink(missing_ok=True)


def _trial(name: str, router: Router, test: Sequence[Example], *, kept: bool = True) -> Trial:
    return Trial(name, measure_router(router, test, [], 0.0, 0.0, 0).figures, kept)


def _with(router: Router, scorer: FusedScorer) -> Router:
    return Router(scorer, router.calibration, router.version)
