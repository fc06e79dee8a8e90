"""Training a fused router further: from where its parent stands, on replayed and new examples, in less time.

All weights go on learning, towards the very optimum that training from nothing seeks, so that nothing drifts: rows that
are replayed keep what they taught (Robins 1995, "Catastrophic Forgetting, Rehearsal and Pseudorehearsal"), and new
intents, topics and n-grams get weights of their own by being in the examples. For a label or two within a second see
`nlp.training.incremental`.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from nlp.architectures.fused import FusedScorer, Weights, fused_scorer
from nlp.encoder import Encoder
from nlp.router import Head, Router
from nlp.training import Steps
from nlp.training.checks import check_examples, teaching
from nlp.training.columns import Columns, union
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.fused import train_fused
from nlp.training.router import DEFAULT, AnyConfig, train_router

LITTLE = 300_000  # rows times intents: some twenty seconds of training from nothing on two cores
Floats = NDArray[np.float32]


def continue_router(
    parent: Router,
    examples: Sequence[Example],
    encoder: Encoder,
    config: AnyConfig = DEFAULT,
    *,
    drop_vanished: bool = False,
    little: int = LITTLE,
) -> Steps[Router]:
    """The parent, trained on all `examples`: new ones, and replayed ones of every label that shall stay as good.

    Where rows times intents come to no more than `little`, a router is taught from nothing: that takes seconds, and
    rows that taught the parent cannot tell how sure to be. Of a parent of the project's own seeds, whose rows are much
    alike, the child took 38 messages in 100 for out of scope that were not.

    Labels that only the parent has keep its weights, unless they shall be dropped. Where the parent can be no start,
    as it is of another architecture, encoder or width, this is plain training. A message that the parent learned
    from leaves a trace in what goes on from it: to forget one, train from nothing.

    Raises:
        DataError, EncoderError: as `nlp.training.router.train_router` does.
    """
    if not isinstance(config, FusedConfig) or not can_continue(parent, encoder, config):
        return (yield from train_router(examples, encoder, config))
    examples = teaching(examples)
    check_examples(examples)
    work = len(examples) * len({example.intent for example in examples})
    start = Columns(parent) if work > little else None
    child = yield from train_fused(examples, encoder, config, start)
    return child if drop_vanished else _with_vanished(child, parent, going_on=start is not None)


def can_continue(parent: Router, encoder: Encoder, config: FusedConfig) -> bool:
    """Whether the parent's weights mean the same under this encoder and configuration."""
    scorer = parent.scorer
    if not isinstance(scorer, FusedScorer):
        return False
    units = len(scorer.weights.hidden.shift) if scorer.weights.hidden else 0
    return (
        (scorer.encoder.fingerprint, scorer.encoder.reading) == (encoder.fingerprint, encoder.reading)
        and scorer.dense_scale == config.dense_scale
        and units == config.hidden_units
    )


def _with_vanished(child: Router, parent: Router, *, going_on: bool) -> Router:
    """The child with the labels that only the parent has behind its own, each as sure as it was.

    Units of a hidden layer that did not go on from the parent's mean something else, and add nothing to those labels.
    """
    heads, factors = _joined_heads(child.heads, parent.heads)
    if not factors.any():
        return child
    scorer, labels = fused_scorer(child), [head.labels for head in heads]
    vocabulary = union(scorer.vocabulary, fused_scorer(parent).vocabulary)
    own, kept = (Columns(router)(vocabulary, labels) for router in (child, parent))
    hidden = own.hidden
    if hidden and kept.hidden and going_on:
        hidden = replace(hidden, outward=hidden.outward + factors * kept.hidden.outward)
    dense, sparse, bias = own.dense + factors * kept.dense, own.sparse + factors * kept.sparse, factors * kept.bias
    weights = Weights(dense, sparse, own.bias + bias, hidden)
    wider = replace(scorer, vocabulary=vocabulary, weights=weights, intents=len(labels[0]))
    return Router(wider, replace(child.calibration, heads=heads))


def _joined_heads(child: Sequence[Head], parent: Sequence[Head]) -> tuple[tuple[Head, ...], Floats]:
    """The heads with all labels, and by what to multiply what the parent says (c,): 0 for labels that the child has."""
    heads, factors = [], []
    for new, old in zip_longest(child, parent):
        have = new or Head((), old.temperature)
        vanished = tuple(label for label in old.labels if label not in have.labels) if old else ()
        heads.append(Head(have.labels + vanished, have.temperature))
        ratio = have.temperature / old.temperature if old else 0.0
        factors += [0.0] * len(have.labels) + [ratio] * len(vanished)
    return tuple(heads), np.array(factors, np.float32)
