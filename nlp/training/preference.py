"""The two losses of a generator: liked answers become likelier, and likelier than disliked ones.

The second is that of Rafailov et al. 2023, "Direct Preference Optimization: Your Language Model is Secretly a Reward
Model": -log sigmoid(beta * (how much likelier than before the liked answer has become, less that of the disliked one)).
"Before" is the same model with its adapters taken off. A part of the first loss is added to it, without which the liked
answer may become less likely too, only more slowly (Pang et al. 2024, "Iterative Reasoning Preference Optimization").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from nlp.training.answer_rows import AnswerRow, LessonRows, likelihoods


@dataclass(frozen=True)
class Liking:
    """Minus the mean log-probability of a token of the liked answer, in nats."""

    network: Any
    pad: int

    def __call__(self, lessons: Sequence[LessonRows]) -> torch.Tensor:
        """The loss (n,) of each lesson."""
        rows = [lesson.good for lesson in lessons]
        return _per_token(likelihoods(self.network, rows, self.pad), rows)


@dataclass(frozen=True)
class Preferring:
    """The loss of preferences. `before` has the log-probabilities of both answers of a lesson without the adapters."""

    network: Any
    pad: int
    before: dict[LessonRows, tuple[float, float]]
    beta: float
    keep: float

    def __call__(self, lessons: Sequence[LessonRows]) -> torch.Tensor:
        """The loss (n,) of each lesson, which must have a disliked answer."""
        good, bad = both(self.network, lessons, self.pad)
        before = torch.tensor([self.before[lesson] for lesson in lessons], device=good.device)
        gained = (good - before[:, 0]) - (bad - before[:, 1])
        kept = _per_token(good, [lesson.good for lesson in lessons])
        return -functional.logsigmoid(self.beta * gained) + self.keep * kept


def both(network: Any, lessons: Sequence[LessonRows], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The log-probabilities (n,) of the liked and of the disliked answers."""
    rows = [lesson.good for lesson in lessons] + [lesson.bad for lesson in lessons if lesson.bad]
    found = likelihoods(network, rows, pad)
    return found[: len(lessons)], found[len(lessons) :]


def _per_token(values: torch.Tensor, rows: Sequence[AnswerRow]) -> torch.Tensor:
    return -values / torch.tensor([len(row.answer) for row in rows], device=values.device)
