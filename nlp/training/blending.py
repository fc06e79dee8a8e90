"""Half way from one router to the next: fewer rows change sides by chance, and most of what was learned is kept.

Weights between those of a model and those of its successor do better on what the first was made for than the second
does, and nearly as well on what that has learned (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Of
linear heads this is the mean of what both say, but for n-grams that only one knows; hidden layers that began alike are
near it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlp.architectures.fused import FusedScorer, Hidden, Weights, fused_scorer
from nlp.router import Router
from nlp.training.columns import Columns, union

_RAISED = 0.25  # of the energy that taught texts lose: others lose less, and strangers must not come in

Floats = NDArray[np.float32]


def can_blend(old: Router, new: Router) -> bool:
    """Whether the weights of two routers mean the same, and the new one has all heads and labels of the old one."""
    first, second = old.scorer, new.scorer
    if not (isinstance(first, FusedScorer) and isinstance(second, FusedScorer)) or len(old.heads) > len(new.heads):
        return False
    have = all(set(before.labels) <= set(after.labels) for before, after in zip(old.heads, new.heads, strict=False))
    return have and _meaning(first) == _meaning(second)


def _meaning(scorer: FusedScorer) -> tuple[object, ...]:
    """What must be the same for weights to be comparable."""
    hidden = scorer.weights.hidden
    return scorer.encoder.fingerprint, scorer.encoder.reading, scorer.dense_scale, hidden and hidden.inward.shape


def blend(old: Router, new: Router, taught: Sequence[str], share: float = 0.5) -> Router:
    """The router between two that can be blended: `share`, in [0, 1], of the new one and the rest of the old one, each
    as sure as its temperature says. Labels that only the new one has, and the calibration, are the new one's.

    `taught` are texts that the new one learned from, not few: where two disagree the mean is less sure, and the scope
    is read from that. As texts that taught both lose more than others, a quarter of what they lose is given back.

    Raises:
        ModelError: either is not of the fused architecture.
    """
    scorer, labels = fused_scorer(new), [head.labels for head in new.heads]
    vocabulary = union(scorer.vocabulary, fused_scorer(old).vocabulary)
    fresh, standing = (Columns(router)(vocabulary, labels) for router in (new, old))
    of_new, of_old = _shares(old, new, share)
    weights = Weights(
        of_new * fresh.dense + of_old * standing.dense,
        of_new * fresh.sparse + of_old * standing.sparse,
        of_new * fresh.bias + of_old * standing.bias,
        _between(standing.hidden, fresh.hidden, of_old, of_new, share),
    )
    return _raised(Router(replace(scorer, vocabulary=vocabulary, weights=weights), new.calibration), new, taught)


def _shares(old: Router, new: Router, share: float) -> tuple[Floats, Floats]:
    """How much each column (c,) of the new router and of the old one counts."""
    of_new, of_old = [], []
    for place, head in enumerate(new.heads):
        before = old.heads[place] if place < len(old.heads) else None
        for label in head.labels:
            known = before is not None and label in before.labels
            of_new.append(share if known else 1.0)
            of_old.append((1 - share) * head.temperature / before.temperature if before and known else 0.0)
    return np.array(of_new, np.float32), np.array(of_old, np.float32)


def _between(old: Hidden | None, new: Hidden | None, of_old: Floats, of_new: Floats, share: float) -> Hidden | None:
    if old is None or new is None:
        return None
    by, rest = np.float32(share), np.float32(1 - share)
    return Hidden(
        by * new.inward + rest * old.inward,
        by * new.shift + rest * old.shift,
        of_new * new.outward + of_old * old.outward,
    )


def _raised(mean: Router, new: Router, taught: Sequence[str]) -> Router:
    """The mean with as much more energy: as much more of every intent, which changes none of their probabilities."""
    if not taught:
        return mean
    lost = float((new.scorer.score(taught).support - mean.scorer.score(taught).support).mean())
    scorer = fused_scorer(mean)
    bias = scorer.weights.bias.copy()
    bias[: scorer.intents] += np.float32(_RAISED * lost)
    return Router(replace(scorer, weights=replace(scorer.weights, bias=bias)), mean.calibration)
