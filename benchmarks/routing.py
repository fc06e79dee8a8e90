"""Measuring the contenders of one routing set: each in turn, so that a busy machine slows all of them alike."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import BATCH, Contender, Cost, Decisions
from benchmarks.latency import encoder_flops
from benchmarks.peak import matmul_gflops
from benchmarks.router_sets import RoutingSet
from nlp.evaluation.metrics import accuracy, auroc, expected_calibration_error
from nlp.text import has_han
from nlp.training.data import Example

_MESSAGES = 60
_BATCHES = 4
_PEAK_ROUNDS = 3


@dataclass(frozen=True)
class Quality:
    """On one file of tests: shares of right intents and topics, and the calibration error; None where there is none."""

    accuracy: float
    topic_accuracy: float | None
    ece: float | None


@dataclass(frozen=True)
class Speed:
    """Medians over rounds: milliseconds a message at p50 and p95, texts a second in batches of 64.

    `peak_share` is the encoder's arithmetic in those batches over the machine's best (`benchmarks.peak`), measured
    in between; None where the contender has no encoder, or the texts are read through a gloss.
    """

    ms_p50: float
    ms_p95: float
    texts_per_s: float
    peak_gflops: float
    peak_share: float | None


@dataclass(frozen=True)
class Result:
    """One contender on one set. Embedding is timed once, training is a median; `size_mb` is without the encoder."""

    set: str
    contender: str
    train_rows: int
    quality: dict[str, Quality]
    oos_auroc: float | None
    embed_seconds: float
    train_seconds: float
    trainings: int
    size_mb: float
    speed: Speed


def measure_set(routing_set: RoutingSet, contenders: Sequence[Contender], repeats: int) -> list[Result]:
    """Train, test and time all contenders of a set."""
    costs = _train(routing_set, contenders, repeats)
    speeds = measure_speed(contenders, _spread(next(iter(routing_set.tests.values()))), repeats)
    results = []
    for contender, spent, speed in zip(contenders, costs, speeds, strict=True):
        quality, auroc_found = _quality(routing_set, contender)
        results.append(
            Result(
                set=routing_set.name,
                contender=contender.name,
                train_rows=len(routing_set.train),
                quality=quality,
                oos_auroc=auroc_found,
                embed_seconds=spent[0].embed_seconds,
                train_seconds=float(np.median([cost.train_seconds for cost in spent])),
                trainings=len(spent),
                size_mb=contender.size_mb(),
                speed=speed,
            )
        )
    return results


def _train(routing_set: RoutingSet, contenders: Sequence[Contender], repeats: int) -> list[list[Cost]]:
    costs: list[list[Cost]] = [[] for _ in contenders]
    for repeat in range(1 if routing_set.long else repeats):
        for contender, spent in zip(contenders, costs, strict=True):
            if repeat == 0 or not contender.trains_once:
                spent.append(contender.fit(routing_set.train))
    return costs


def _quality(routing_set: RoutingSet, contender: Contender) -> tuple[dict[str, Quality], float | None]:
    quality, known = {}, None
    for name, test in routing_set.tests.items():
        decisions = decide_all(contender, [example.text for example in test])
        known = decisions.support if known is None else known
        quality[name] = _judge(decisions, test)
    if known is None or not routing_set.strange:
        return quality, None
    return quality, auroc(known, decide_all(contender, routing_set.strange).support)


def decide_all(contender: Contender, texts: Sequence[str]) -> Decisions:
    """The decisions on any number of texts, in batches."""
    parts = [contender.decide(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
    sure = [part.confidence for part in parts if part.confidence is not None]
    return Decisions(
        [label for part in parts for label in part.labels],
        [topic for part in parts for topic in part.topics],
        np.concatenate(sure) if sure else None,
        np.concatenate([part.support for part in parts]),
    )


def _judge(decisions: Decisions, test: Sequence[Example]) -> Quality:
    expected, topics = [e.intent for e in test], [e.topic or "" for e in test]
    right = np.array([p == e for p, e in zip(decisions.labels, expected, strict=True)])
    sure = decisions.confidence
    return Quality(
        accuracy=accuracy(decisions.labels, expected),
        topic_accuracy=accuracy(decisions.topics, topics) if decisions.topics and any(topics) else None,
        ece=None if sure is None else expected_calibration_error(sure, right),
    )


def _spread(test: Sequence[Example]) -> list[str]:
    """Texts from all over a file, which may be sorted by class; as many as the batches hold."""
    step = max(1, len(test) // (BATCH * _BATCHES))
    return [example.text for example in test[::step][: BATCH * _BATCHES]]


def measure_speed(contenders: Sequence[Contender], texts: Sequence[str], repeats: int) -> list[Speed]:
    """Let the contenders take turns, a round each; text by text, the waiting threads of one would slow the next."""
    rounds = np.array([_round(contenders, texts) for _ in range(repeats + 1)][1:])  # the first one warms up
    gloss = any(has_han(text) for text in texts)
    flops = None if gloss else encoder_flops(texts)[0]
    speeds = []
    for place, contender in enumerate(contenders):
        p50, p95, rate, peak = rounds[:, place].T
        share = float(np.median(flops * rate / 1e9 / peak)) if flops and contender.uses_encoder else None
        speeds.append(Speed(_median(p50), _median(p95), _median(rate), _median(peak), share))
    return speeds


def _median(column: Sequence[float]) -> float:
    return float(np.median(column))


def _round(contenders: Sequence[Contender], texts: Sequence[str]) -> list[tuple[float, float, float, float]]:
    singles = [[1000 * _seconds(contender.decide, [text]) for text in texts[:_MESSAGES]] for contender in contenders]
    many = [0.0 for _ in contenders]
    peaks = []
    for place, contender in enumerate(contenders):
        for start in range(0, len(texts), BATCH):
            many[place] += _seconds(contender.decide, texts[start : start + BATCH])
        peaks.append(matmul_gflops(rounds=_PEAK_ROUNDS))
    peak = float(np.median(peaks))
    return [
        (float(np.percentile(times, 50)), float(np.percentile(times, 95)), len(texts) / total, peak)
        for times, total in zip(singles, many, strict=True)
    ]


def _seconds(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    start = time.perf_counter()
    work(texts)
    return time.perf_counter() - start
