"""Training the fused architecture: embed, count n-grams, fit three scorers, join them, calibrate, fit again on all.

The three are logistic regression on all features, a squared hinge on n-grams alone, and a hidden layer on the encoder's
features alone (`nlp.training.linear`, `nlp.training.hidden`). Rows held out say how far to trust each
(`nlp.training.stacking`); what serves is one set of weights. The second fit goes on from the first, so it is short.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.architectures.fused import ALLOWED_LOSS, FusedScorer, Weights, with_int8_encoder
from nlp.encoder import Encoded, Encoder
from nlp.features import SparseRows, Vocabulary, build_vocabulary
from nlp.router import Router, Scores
from nlp.training import Step, Steps
from nlp.training.calibration import calibrate
from nlp.training.checks import STRANGE_LABELS, check_encoded
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.hidden import HiddenLayer, epochs_for
from nlp.training.linear import PER_STEP, CrossEntropy, LinearHeads, SquaredHinge
from nlp.training.sparse import SparseMatrix, take_rows
from nlp.training.stacking import right_answers, stack
from nlp.training.targets import Targets, make_targets, split, steady_split

_EMBED_BATCH = 256
_FROM_NOTHING = (1.0, 0.4)  # of the iterations and epochs, for both fits: held-out rows change little
_GOING_ON = (0.2, 0.1)  # the same where weights are there to begin with
_LEAST_NGRAMS, _MOST_WEIGHTS = 200_000, 20_000_000  # bounds of memory: 40 MB of weights on disk
_PARTS = np.float32(0.41), np.float32(0.73)  # of the n-grams' weights are the first and the second scorer's (CLINC150)
_MARGIN_ITERATIONS = 0.4  # of those of the logistic regression: the squared hinge is nearer to a parabola

Floats = NDArray[np.float32]


Start = Callable[[Vocabulary, tuple[tuple[str, ...], ...]], Weights]
"""What to begin with: weights for the n-grams of a vocabulary and the labels of each head."""


def train_fused(
    examples: Sequence[Example], encoder: Encoder, config: FusedConfig, start: Start | None = None
) -> Steps[Router]:
    """See `nlp.training.router.train_router`; with weights to `start` from, a fraction of the work does."""
    known = [*examples, *label_names(examples)]
    texts = [e.text for e in known]
    encoded = yield from _embed(known, encoder)
    targets = make_targets(known, config.balance)
    vocabulary, rows = _ngrams(texts, targets)
    seen: NDArray[np.bool_] = (encoded.vectors != 0).any(axis=0)
    seen[0] = True  # an encoder that reads none of the texts still has a column
    if start is None:
        _, held = split([e.intent for e in examples], config.held_out, config.seed)
    else:  # rows that calibrated the parent taught it less than others did, so they calibrate again
        _, held = steady_split(examples, config.held_out)
    team = _Team(encoded.vectors[:, seen] * config.dense_scale, rows, targets, config)
    first, second = _FROM_NOTHING
    if start is not None:
        team.begin(start(vocabulary, targets.labels).seen(seen))
        first, second = _GOING_ON
    yield from team.fit("calibrate", targets.without(held), first)
    team.join(held)
    trial = FusedScorer(encoder, vocabulary, team.weights().spread(seen), len(targets.labels[0]), config.dense_scale)
    scores = trial.score_features(Encoded(encoded.vectors[held], encoded.coverage[held]), take_rows(rows, held))
    scorer = _lightened(trial, [texts[i] for i in held], scores, targets.take(held))
    yield from team.fit("fit", targets, second)
    return Router(replace(scorer, weights=team.weights().spread(seen)), calibrate(scores, targets.take(held)))


def label_names(examples: Sequence[Example]) -> list[Example]:
    """One more example of each intent: its name in words, where it has any ("card_not_working": "card not working").

    It weighs as much as the weightiest of the intent's examples.

    With ten examples a class this is worth most of a point of accuracy, with hundreds nothing.
    """
    most: dict[str, float] = {}
    for example in examples:
        most[example.intent] = max(example.weight, most.get(example.intent, 0.0))
    named = [(label, " ".join(re.split(r"[\W_]+", label)).strip()) for label in sorted(most)]
    return [
        Example(name, label, origin="label", weight=most[label])
        for label, name in named
        if label not in STRANGE_LABELS and any(c.isalpha() for c in name) and len(name) > 1
    ]


def _ngrams(texts: Sequence[str], targets: Targets) -> tuple[Vocabulary, SparseRows]:
    plain = build_vocabulary(texts, limit=max(_LEAST_NGRAMS, _MOST_WEIGHTS // targets.columns))
    return plain.weighed(plain.transform(texts), targets.indices[0])


def _lightened(scorer: FusedScorer, texts: Sequence[str], scores: Scores, targets: Targets) -> FusedScorer:
    """The scorer on the int8 encoder, where there is one and it costs these texts no more accuracy than allowed.

    Of a few hundred texts one or two change sides by chance: so much more than the allowed loss is borne.
    """
    light = with_int8_encoder(scorer)
    if light is None:
        return scorer
    before, after = (right_answers(logits, targets) for logits in (scores.logits, light.score(texts).logits))
    lost = int(before.sum()) - int(after.sum())
    chance = float((before != after).sum()) ** 0.5
    return scorer if lost > ALLOWED_LOSS * len(before) + chance else light


def _embed(examples: Sequence[Example], encoder: Encoder) -> Steps[Encoded]:
    parts: list[Encoded] = []
    for start in range(0, len(examples), _EMBED_BATCH):
        batch = examples[start : start + _EMBED_BATCH]
        encoded = encoder.features([example.text for example in batch])
        parts.append(check_encoded(encoded, batch, parts[0].vectors.shape[1] if parts else None))
        yield Step("embed", start + len(batch), len(examples))
    return Encoded(np.concatenate([p.vectors for p in parts]), np.concatenate([p.coverage for p in parts]))


class _Team:
    """The three scorers of the same rows, and how far to trust each."""

    def __init__(self, dense: Floats, rows: SparseRows, targets: Targets, config: FusedConfig) -> None:
        self._dense, self._rows, self._targets, self._config = dense, rows, targets, config
        self._device = device = "cuda" if torch.cuda.is_available() else "cpu"
        matrix, nothing = SparseMatrix(rows, device), np.zeros((len(dense), 1), np.float32)
        self._joint = LinearHeads(dense, matrix, targets, config.l2, device)
        self._margin = LinearHeads(nothing, matrix, targets, config.margin_l2, device)
        read = config.hidden_units > 0 and bool(dense.any())
        self._hidden = HiddenLayer(dense, targets, config.hidden_units, config.seed, device) if read else None
        self._shares = [1.0]

    def begin(self, weights: Weights) -> None:
        """Begin with what three such scorers are together; which of them said what, the fits find out again."""
        joint, margin = _PARTS
        self._joint.begin(replace(weights, sparse=joint * weights.sparse))
        nothing = np.zeros((1, len(weights.bias)), np.float32)
        self._margin.begin(Weights(nothing, margin * weights.sparse, np.full_like(weights.bias, -1)))
        if self._hidden and weights.hidden:
            self._hidden.begin(weights.hidden)

    def fit(self, stage: str, targets: Targets, share: float) -> Steps[None]:
        """Go on from where all three are, for this share of the iterations and epochs, on the rows with a label."""
        iterations = [self._config.iterations, self._config.iterations * _MARGIN_ITERATIONS]
        joint, margin = (max(1, round(count * share / PER_STEP)) for count in iterations)
        epochs = max(1, round(epochs_for(len(targets), self._config.hidden_epochs) * share)) if self._hidden else 0
        total = joint + margin + epochs
        for step, loss in enumerate(self._joint.fit(CrossEntropy(targets, self._device), joint), 1):
            yield Step(stage, step, total, loss)
        for step, loss in enumerate(self._margin.fit(SquaredHinge(targets, self._device), margin), joint + 1):
            yield Step(stage, step, total, metrics={"margin_loss": loss})
        if self._hidden:
            for step, loss in enumerate(self._hidden.fit(targets, epochs), joint + margin + 1):
                yield Step(stage, step, total, metrics={"hidden_loss": loss})

    def join(self, held: NDArray[np.int64]) -> None:
        """Let rows that taught nothing say how far to trust each."""
        rows = take_rows(self._rows, held)
        logits = [part.logits(self._dense[held], rows) for part in self._parts()]
        self._shares = stack(logits, self._targets.take(held))

    def weights(self) -> Weights:
        """What the three are together, in terms of the features as they were given."""
        parts = (part.scaled(share) for share, part in zip(self._shares, self._parts(), strict=True))
        return reduce(Weights.plus, parts)

    def _parts(self) -> list[Weights]:
        joint, margin = self._joint.weights(), self._margin.weights()
        parts = [joint, replace(margin, dense=np.zeros_like(joint.dense))]
        if self._hidden:
            hidden, bias = self._hidden.layer()
            parts.append(Weights(np.zeros_like(joint.dense), np.zeros_like(joint.sparse), bias, hidden))
        return parts
