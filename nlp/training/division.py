"""Which of what was asked teaches, and which is held out: by question, so that none is on both sides."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol, TypeVar

from nlp.text import fold


class Asked(Protocol):
    """Anything that belongs to a question."""

    @property
    def question(self) -> str: ...


T = TypeVar("T", bound=Asked)


def same_question(text: str) -> str:
    """What questions have in common that differ in case, width and spacing only."""
    return " ".join(fold(text).split())


def divide(items: Sequence[T], share: float, seed: int) -> tuple[list[T], list[T]]:
    """What to learn from, and what belongs to a share of the questions, in [0, 1], which is held out."""
    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[same_question(item.question)].append(item)
    questions = sorted(groups)
    random.Random(seed).shuffle(questions)  # noqa: S311 - a reproducible split, not a secret
    held = set(questions[: round(len(questions) * share)])
    learned: list[T] = []
    kept: list[T] = []
    for question, group in groups.items():
        (kept if question in held else learned).extend(group)
    return learned, kept
