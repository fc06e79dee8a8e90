"""Adding a class to a trained router: seconds from examples to the wider router, and what it does to accuracy."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import with_encoder
from benchmarks.router_sets import RoutingSet
from nlp.encoder import Encoder
from nlp.evaluation.metrics import accuracy
from nlp.evaluation.remembering import RememberingEncoder
from nlp.router import Router
from nlp.training import run
from nlp.training.data import Example
from nlp.training.incremental import REPLAYED, add_labels
from nlp.training.router import DEFAULT, train_router


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
    """Add `repeats` classes, evenly taken from the sorted ones, each to a router that was trained on all others."""
    memory, tests = RememberingEncoder(encoder), next(iter(routing_set.tests.values()))
    trained = _accuracy(run(train_router(routing_set.train, memory, DEFAULT)), tests)
    labels = _some_labels(routing_set.train, tests, repeats)
    return [_add(routing_set, tests, label, memory, trained) for label in labels]


def _some_labels(train: Sequence[Example], tests: Sequence[Example], count: int) -> list[str]:
    both = sorted({e.intent for e in train} & {e.intent for e in tests})
    picked = np.linspace(0, len(both) - 1, min(count, len(both))).round().astype(int)
    return [both[place] for place in picked]


def _add(
    routing_set: RoutingSet, tests: Sequence[Example], label: str, memory: RememberingEncoder, trained: float
) -> Adding:
    (new, old), (new_tests, old_tests) = _divide(routing_set.train, label), _divide(tests, label)
    router = run(train_router(old, memory, DEFAULT))
    replay = random.Random(0).sample(old, min(REPLAYED, len(old)))
    serving = with_encoder(router, memory.inner)
    start = time.perf_counter()
    wider = run(add_labels(serving, new, replay))
    seconds = time.perf_counter() - start
    wider = with_encoder(wider, memory)
    return Adding(
        set=routing_set.name,
        label=label,
        examples=len(new),
        replayed=len(replay),
        seconds=seconds,
        others_before=_accuracy(router, old_tests),
        others_after=_accuracy(wider, old_tests),
        new_after=_accuracy(wider, new_tests),
        all_after=_accuracy(wider, tests),
        all_trained=trained,
    )


def _divide(examples: Sequence[Example], label: str) -> tuple[list[Example], list[Example]]:
    return [e for e in examples if e.intent == label], [e for e in examples if e.intent != label]


def _accuracy(router: Router, tests: Sequence[Example]) -> float:
    routes = router.route_many([example.text for example in tests])
    return accuracy([route.intent.label for route in routes], [example.intent for example in tests])


def shown(found: Sequence[Adding]) -> str:
    """One line: medians over the classes, and by how much accuracy on the others changed."""
    seconds, before, after, new, everything, trained = (
        float(np.median([getattr(one, name) for one in found]))
        for name in ("seconds", "others_before", "others_after", "new_after", "all_after", "all_trained")
    )
    return (
        f"Adding a class to {found[0].set} ({len(found)} classes tried, medians): {seconds:.2f} s; accuracy of the "
        f"others {before:.4f} before, {after:.4f} after, of the new one {new:.4f}; of all {everything:.4f}, "
        f"trained on everything {trained:.4f}"
    )
