"""Training: generators of steps, so that showing progress, saving and stopping belong to the caller."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """How far a stage has come: `done` of `total`; `loss` and other `metrics` where the stage has them."""

    stage: str
    done: int
    total: int
    loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


Steps = Generator[Step, None, T]


def run(steps: Steps[T], on_step: Callable[[Step], object] = lambda _: None) -> T:
    """Run a training generator to its end and return its result, telling `on_step` about each step."""
    while True:
        try:
            on_step(next(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result
