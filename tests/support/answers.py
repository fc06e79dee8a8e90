"""Questions with passages, and generators that say what a test wants."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nlp.generators.base import Budget, Generator, Task
from nlp.reader import Reading
from nlp.text import sentences
from nlp.types import Evidence, Language, Passage


def task_over(question: str, language: Language, passages: Sequence[Passage]) -> Task:
    """A question whose reading holds every sentence of the passages, in their order."""
    found = [Evidence(passage, span, 0.1) for passage in passages for span in sentences(passage.text)]
    return Task(question, language, Reading(tuple(found), 0.9))


@dataclass
class Parrot:
    """Says the pieces; an exception among them is raised. With a `gate` it waits for it before the last piece."""

    pieces: Sequence[str | Exception]
    name: str = "parrot"
    phrases: bool = True
    gate: threading.Event | None = None
    asked: list[Task] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `Generator.stream`."""
        self.asked.append(task)
        self.threads.add(threading.current_thread().name)
        for number, piece in enumerate(self.pieces):
            if self.gate is not None and number == len(self.pieces) - 1:
                while not self.gate.wait(0.01):
                    budget.check()
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        """See `Generator.close`."""


@dataclass
class Overheard:
    """Another generator, whose every whole text is noted down."""

    speaker: Generator
    written: list[str] = field(default_factory=list)
    phrases: bool = True

    @property
    def name(self) -> str:
        """See `Generator.name`."""
        return self.speaker.name

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `Generator.stream`."""
        text = ""
        for piece in self.speaker.stream(task, budget):
            text += piece
            yield piece
        self.written.append(text)

    def close(self) -> None:
        """See `Generator.close`."""
        self.speaker.close()
