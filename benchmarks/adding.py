"""Adding one class to a trained router: seconds from its examples to the wider router, and what that does to accuracy."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.contenders import Fused
from benchmarks.router_sets import RoutingSet
from nlp.architectures.fused import FusedScorer
from nlp.encoder import Encoder
from nlp.router import Router
from nlp.training import run
from nlp.training.data import Example
from nlp.training.incremental import REPLAYED, add_labels


@dataclass(frozen=True)
class Adding:
    """One class added to a router trained on all others; `seconds` embed its examples and the replayed ones too.

    Accuracy on tests of the other classes before and after, of the new class, and of all classes together: after it
    was added, and after training on everything.
    """

    set: str
    label: str
    examples: int
    replayed: int
    seconds: float
    others_before: float
    others_after: float
    new_after: float
    all_after: float
    all_trained: float


def measure_adding(routing_set: RoutingSet, encoder: Encoder, repeats: int) -> list[Adding]:
    """Add `repeats` classes, evenly taken from the sorted ones, each to a router of its own."""
    tests, ours = next(iter(routing_set.tests.values())), Fused(encoder)
    ours.fit(routing_set.train)
    trained = _accuracy(ours.router, tests)
    return [_add(routing_set, tests, label, ours, trained) for label in _some_labels(routing_set.train, tests, repeats)]


def _some_labels(train: Sequence[Example], tests: Sequence[Example], count: int) -> list[str]:
    both = sorted({e.intent for e in train} & {e.intent for e in tests})
    picked = np.linspace(0, len(both) - 1, min(count, len(both))).round().astype(int)
    return [both[place] for place in picked]


def _add(routing_set: RoutingSet, tests: Sequence[Example], label: str, ours: Fused, trained: float) -> Adding:
    new, old = _divide(routing_set.train, label)
    new_tests, old_tests = _divide(tests, label)
    ours.fit(old)
    before = _accuracy(ours.router, old_tests)
    replay = random.Random(0).sample(old, min(REPLAYED, len(old)))
    start = time.perf_counter()
    wider = run(add_labels(ours.router, new, replay))
    seconds = time.perf_counter() - start
    return Adding(
        set=routing_set.name,
        label=label,
        examples=len(new),
        replayed=len(replay),
        seconds=seconds,
        others_before=before,
        others_after=_accuracy(wider, old_tests),
        new_after=_accuracy(wider, new_tests),
        all_after=_accuracy(wider, tests),
        all_trained=trained,
    )


def _divide(examples: Sequence[Example], label: str) -> tuple[list[Example], list[Example]]:
    return [e for e in examples if e.intent == label], [e for e in examples if e.intent != label]
