"""How good and how fast a router is: train on one file, measure on another."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from nlp.encoder import Encoder
from nlp.evaluation.metrics import accuracy, auroc, expected_calibration_error, macro_f1
from nlp.router import Router
from nlp.training import Step, run
from nlp.training.data import Example
from nlp.training.router import DEFAULT, AnyConfig, train_router
from nlp.types import Route

_TIMED_MESSAGES = 200


@dataclass(frozen=True)
class RouterReport:
    """Figures of one router. Times are seconds unless named; `oos_auroc` is None without out-of-scope texts."""

    accuracy: float
    macro_f1: float
    topic_accuracy: float | None
    oos_auroc: float | None
    ece: float
    encode_seconds: float
    train_seconds: float
    route_ms_p50: float
    route_ms_p95: float
    texts_per_s: float
    model_mb: float
    train_rows: int
    test_rows: int

    def as_dict(self) -> dict[str, float | int | None]:
        """The figures by name, floats rounded to what is meaningful."""
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Measured:
    """A router's figures, and the routes they were made from: of the test texts, and of the out-of-scope texts."""

    router: Router
    figures: RouterReport
    routes: list[Route]
    strange: list[Route]


def evaluate_router(
    train: Sequence[Example],
    test: Sequence[Example],
    strange: Sequence[str],
    encoder: Encoder,
    config: AnyConfig = DEFAULT,
    on_step: Callable[[Step], object] = lambda _: None,
) -> Measured:
    """Train on `train`, measure on `test`, and tell `strange` (out-of-scope) texts from test texts."""
    clock = _StageClock(on_step)
    router = run(train_router(train, encoder, config), clock)
    return measure_router(router, test, strange, clock.embed_seconds, clock.fit_seconds(), len(train))


def measure_router(
    router: Router,
    test: Sequence[Example],
    strange: Sequence[str],
    encode_seconds: float,
    train_seconds: float,
    train_rows: int,
) -> Measured:
    """The figures of a trained router on test examples and out-of-scope texts."""
    start = time.perf_counter()
    routes = router.route_many([example.text for example in test])
    elapsed = time.perf_counter() - start
    intents = [route.intent for route in routes]
    expected = [example.intent for example in test]
    right = np.array([p.label == e for p, e in zip(intents, expected, strict=True)])
    single = _time_messages(router, [example.text for example in test[:_TIMED_MESSAGES]])
    topics = [(r.topic.label, e.topic) for r, e in zip(routes, test, strict=True) if r.topic and e.topic]
    outside = router.route_many(strange)
    figures = RouterReport(
        accuracy=accuracy([p.label for p in intents], expected),
        macro_f1=macro_f1([p.label for p in intents], expected),
        topic_accuracy=sum(a == b for a, b in topics) / len(topics) if topics else None,
        oos_auroc=_oos_auroc(routes, outside),
        ece=expected_calibration_error(np.array([p.score for p in intents]), right),
        encode_seconds=encode_seconds,
        train_seconds=train_seconds,
        route_ms_p50=float(np.percentile(single, 50)),
        route_ms_p95=float(np.percentile(single, 95)),
        texts_per_s=len(test) / elapsed,
        model_mb=sum(array.nbytes for array in router.to_arrays()[1].values()) / 1e6,
        train_rows=train_rows,
        test_rows=len(test),
    )
    return Measured(router, figures, routes, outside)


def _oos_auroc(known: Sequence[Route], strange: Sequence[Route]) -> float | None:
    if not strange:
        return None
    scores = [np.array([route.scope_score for route in routes]) for routes in (known, strange)]
    return auroc(*scores)


def _time_messages(router: Router, texts: Sequence[str]) -> list[float]:
    for text in texts[:5]:
        router.route(text)
    times = []
    for text in texts:
        start = time.perf_counter()
        router.route(text)
        times.append((time.perf_counter() - start) * 1000)
    return times


class _StageClock:
    """Times the stages of a training run from its steps: embedding apart from the rest."""

    def __init__(self, on_step: Callable[[Step], object]) -> None:
        self._on_step = on_step
        self._begin = time.perf_counter()
        self.embed_seconds = 0.0

    def __call__(self, step: Step) -> None:
        if step.stage == "embed":
            self.embed_seconds = time.perf_counter() - self._begin
        self._on_step(step)

    def fit_seconds(self) -> float:
        """Seconds since the last embedding step."""
        return time.perf_counter() - self._begin - self.embed_seconds
