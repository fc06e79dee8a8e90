"""How long two routers take for one message, measured side by side, so that what else the machine does hits both."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from nlp.learning.verdict import Latency
from nlp.router import Router

_WARMING = 3
_REPEATS = 3  # measurements at most, of which the kindest counts: noise only ever slows one down

Clock = Callable[[], float]


def compare_speed(
    candidate: Router, live: Router, texts: Sequence[str], limit: float, clock: Clock = time.perf_counter
) -> Latency:
    """The median times of one-message calls, taken in turns; repeated while the ratio is above `limit`.

    Raises:
        ValueError: there are no texts.
    """
    if not texts:
        raise ValueError("speed cannot be measured without texts: give some messages")
    for text in texts[:_WARMING]:
        candidate.route(text)
        live.route(text)
    best = _measure(candidate, live, texts, clock)
    for _ in range(_REPEATS - 1):
        if best.ratio <= limit:
            break
        best = min(best, _measure(candidate, live, texts, clock), key=lambda latency: latency.ratio)
    return best


def _measure(candidate: Router, live: Router, texts: Sequence[str], clock: Clock) -> Latency:
    times: tuple[list[float], list[float]] = ([], [])
    for place, text in enumerate(texts):
        for who in (0, 1) if place % 2 else (1, 0):  # neither always finds the caches warm
            start = clock()
            (candidate, live)[who].route(text)
            times[who].append((clock() - start) * 1000)
    new, old = median(times[0]), median(times[1])
    return Latency(new, old, new / old if old else 1.0)
