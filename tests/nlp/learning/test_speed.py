"""Speed, on a clock that the routers move."""

import pytest

from nlp.learning.speed import compare_speed
from nlp.router import Router
from tests.support.routers import answering_router


class Clock:
    """Seconds that pass only while a router works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def router(self, *seconds: float) -> Router:
        """A router whose n-th call takes the n-th time, and later calls the last."""
        times = list(seconds)

        def answer(_: str) -> tuple[str, str]:
            self.now += times.pop(0) if len(times) > 1 else times[0]
            return "question", "other"

        return answering_router(answer, ["question"])


TEXTS = ["where is it", "在哪里", "when", "什么时候", "why"]


def test_medians_and_their_ratio() -> None:
    clock = Clock()
    found = compare_speed(clock.router(0.003), clock.router(0.002), TEXTS, 1.2, clock)
    assert (found.candidate_ms, found.live_ms, found.ratio) == pytest.approx((3.0, 2.0, 1.5))


def test_one_bad_moment_does_not_count() -> None:
    clock = Clock()
    warm = [0.9] * 3
    noisy = clock.router(*warm, *[0.050] * len(TEXTS), 0.002)
    found = compare_speed(noisy, clock.router(0.002), TEXTS, 1.2, clock)
    assert found.ratio == pytest.approx(1.0)


def test_without_texts_there_is_nothing_to_measure() -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="cannot be measured without texts"):
        compare_speed(clock.router(1), clock.router(1), [], 1.2, clock)
