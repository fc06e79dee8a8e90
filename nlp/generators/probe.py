"""Whether a generator answers at all: one easy question, as it would be asked in a chat."""

import time
from dataclasses import dataclass

from nlp.errors import GeneratorError
from nlp.generators.base import Budget, Generator, Task
from nlp.generators.claims import claims
from nlp.reader import Reading
from nlp.types import Evidence, Passage, Span

_TEXT = "The office opens at nine."
_TASK = Task(
    "When does the office open?",
    "en",
    Reading((Evidence(Passage(1, _TEXT, "Handbook"), Span(0, len(_TEXT)), 1.0),), 1.0),
)


@dataclass(frozen=True, slots=True)
class Probe:
    """How many seconds the whole answer took, and whether it cited the one source that there was."""

    seconds: float
    cites: bool


def probe(generator: Generator, budget: Budget) -> Probe:
    """Ask a question with one source.

    Raises:
        GeneratorError: no answer, or an empty one.
    """
    begun = time.monotonic()
    text = "".join(generator.stream(_TASK, budget))
    if not text.strip():
        raise GeneratorError(f"generator {generator.name!r} gave an empty answer: check its model and its log")
    return Probe(time.monotonic() - begun, any(claim.cited == (1,) for claim in claims(text)))
