"""How good a router is with less training data: whether more examples would help."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlp.encoder import Encoder
from nlp.evaluation.metrics import accuracy
from nlp.training import Step, run
from nlp.training.data import Example
from nlp.training.router import AnyConfig, train_router

SHARES = (0.1, 0.25, 0.5)


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy in [0, 1] per head after training on `share` of the rows."""

    share: float
    rows: int
    intent: float
    topic: float | None


def learning_curve(
    train: Sequence[Example],
    test: Sequence[Example],
    encoder: Encoder,
    config: AnyConfig,
    on_step: Callable[[Step], object],
) -> list[CurvePoint]:
    """Train on each of `SHARES` of the rows, and measure. The rows of a smaller share are among those of a larger."""
    points: list[CurvePoint] = []
    for number, share in enumerate(SHARES, 1):
        part = subset(train, share, config.seed)
        if len(part) in (len(train), points[-1].rows if points else 0):  # too few rows for so many shares
            continue
        router = run(train_router(part, encoder, config))
        on_step(Step("learning curve", number, len(SHARES)))
        routes = router.route_many([example.text for example in test])
        topics = [(r.topic.label, e.topic) for r, e in zip(routes, test, strict=True) if r.topic and e.topic]
        points.append(
            CurvePoint(
                share,
                len(part),
                accuracy([route.intent.label for route in routes], [example.intent for example in test]),
                sum(a == b for a, b in topics) / len(topics) if topics else None,
            )
        )
    return points


def subset(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """The share of the rows of each intent, two of each at least, in a fixed random order."""
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    picked: list[Example] = []
    for intent, rows in by_intent.items():
        order = list(rows)
        random.Random(f"{seed}:{intent}").shuffle(order)  # noqa: S311 - a reproducible choice, not a secret
        picked += order[: max(2, round(len(order) * share))]
    return picked
