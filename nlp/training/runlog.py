"""What happened in a training run: its stages, their seconds, and the curves of its steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nlp.training import Step

_MOST_POINTS = 400  # of a curve that is kept: more cannot be seen

Points = list[tuple[int, float]]


@dataclass
class Stage:
    """One stage of a run: seconds until its last step, and per metric ("loss" among them) points of step and value."""

    name: str
    seconds: float = 0.0
    steps: int = 0
    curves: dict[str, Points] = field(default_factory=dict)

    def thinned(self) -> dict[str, Points]:
        """The curves with a bounded number of points each, the last one among them."""
        return {name: thin(points) for name, points in self.curves.items()}


class RunLog:
    """Observes the steps of a run, which begins when the log is made; see `nlp.training.run`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin = self._last = clock()
        self.stages: list[Stage] = []

    def __call__(self, step: Step) -> None:
        """Note one step. A stage that comes back after another one is noted as a new one."""
        now = self._clock()
        if not self.stages or self.stages[-1].name != step.stage:
            self.stages.append(Stage(step.stage))
        stage = self.stages[-1]
        stage.seconds += now - self._last
        stage.steps += 1
        values = {**({} if step.loss is None else {"loss": step.loss}), **step.metrics}
        for name, value in values.items():
            stage.curves.setdefault(name, []).append((step.done, float(value)))
        self._last = now

    @property
    def seconds(self) -> float:
        """Seconds from the beginning to the last step."""
        return self._last - self._begin


def thin(points: Points) -> Points:
    """At most some hundred of the points, evenly spread, the last one among them."""
    stride = -(-len(points) // _MOST_POINTS)
    return points[:: max(1, stride)] + (points[-1:] if stride > 1 and (len(points) - 1) % stride else [])
