"""What all generators share: the task, the budget, and the interface.

A generator never decides what is true. It gets a question that the documents are known to answer and the passages that
were read, and streams sentences that cite them as [1], [2]…; `nlp.generator.Answerer` keeps what the passages support.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from nlp.errors import GeneratorError
from nlp.reader import Reading
from nlp.types import Language, Passage

TOKENS = 256  # three sentences with citations take about a hundred, in both languages
SECONDS = 20.0
Wish = Literal["answer", "translate", "write", "summarize"]


@dataclass(frozen=True, slots=True)
class Task:
    """A question in its language, and the reading that answers it; or a text to translate, write or summarise, which
    has none. `points` is how many sentences a summary takes.
    """

    question: str
    language: Language
    reading: Reading
    wish: Wish = "answer"
    points: int = 3

    @property
    def sources(self) -> tuple[Passage, ...]:
        """The passages that were read, each once, that of the best sentence first: source [1] is the first of them."""
        return tuple({item.passage.key: item.passage for item in self.reading.evidence}.values())


@dataclass(frozen=True, slots=True)
class Budget:
    """What one answer may cost: `tokens` new tokens, and time until `deadline`, in seconds of `time.monotonic`.

    Setting `cancel`, from any thread, ends the generation as soon as the generator notices.
    """

    tokens: int
    deadline: float
    cancel: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls, tokens: int = TOKENS, seconds: float = SECONDS) -> "Budget":
        """A budget whose time begins now."""
        return cls(tokens, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """The seconds that are left, never below zero."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def spent(self) -> bool:
        """True when the time is over or the generation was cancelled."""
        return self.cancel.is_set() or not self.left

    def check(self) -> None:
        """Do nothing as long as there is time.

        Raises:
            GeneratorError: the generation was cancelled, or its time is over.
        """
        if self.cancel.is_set():
            raise GeneratorError("the generation was cancelled")
        if not self.left:
            raise GeneratorError("the generator took too long: allow it more seconds, or use a smaller model")


class Generator(Protocol):
    """Streams an answer in the language of the question; may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Who speaks: the kind and, where there is one, the model."""
        ...

    @property
    def phrases(self) -> bool:
        """True for one that words answers anew, so that its sentences must be checked; False for quotations."""
        ...

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """The answer piece by piece, cut anywhere. Closing the iterator ends the generation.

        Raises:
            GeneratorError: there is no whole answer: no server, no time, a broken stream, a cancelled budget.
        """
        ...

    def close(self) -> None:
        """Let go of threads, memory and connections; what is being generated ends. May be called twice."""
        ...
