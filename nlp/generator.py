"""From a reading to an answer: sentences of the documents at once, and, where a generator phrases, its checked wording.

An answer is made in three steps, so that each can run where it should: `draft` reads, `Generator.stream` writes,
`finish` takes what was kept. The draft is a whole answer by itself, and it is what remains whenever a generator is
dead, slow, or says what the passages do not.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nlp.encoder import Encoded, Encoder
from nlp.errors import GeneratorError
from nlp.generators import GENERATORS, GeneratorConfig, open_generator
from nlp.generators.base import Budget, Generator, Task
from nlp.generators.claims import Claim, ClaimStream
from nlp.generators.extractive import ExtractiveGenerator
from nlp.generators.support import SupportChecker, merge
from nlp.lexical import query_terms
from nlp.marks import mark
from nlp.reader import Reader, Reading
from nlp.text import detect_language
from nlp.thresholds import GIVEN, Thresholds
from nlp.types import Answer, Evidence, Hit, Language, Passage, Statement, Verdict

__all__ = [
    "GENERATORS",
    "Answerer",
    "Budget",
    "Draft",
    "ExtractiveGenerator",
    "Generator",
    "GeneratorConfig",
    "Kept",
    "Task",
    "open_generator",
]

_log = logging.getLogger(__name__)
_NEAREST = 3
# Confidence from which the best sentence is shown, although it may not be what was asked for. Of what is refused at the
# counters of `benchmarks.questions` that shows 33 of 60 answers, and a sentence for 13 of 46 questions that have none.
_WORTH_QUOTING = 0.15
Kept = tuple[Statement, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that can be given as it is; `task` is what a generator may phrase anew, None where nothing may be."""

    answer: Answer
    task: Task | None = None


@dataclass(frozen=True)
class Answerer:
    """Answers questions from passages that were retrieved for them, or says that they do not answer."""

    encoder: Encoder
    reader: Reader
    generator: Generator
    thresholds: Thresholds = GIVEN

    def answer(
        self,
        question: str,
        found: Sequence[tuple[Passage, Hit]],
        encoded: Encoded | None = None,
        budget: Budget | None = None,
    ) -> Answer:
        """The answer to `question` from the found passages, best first, within the budget."""
        draft = self.draft(question, found, encoded)
        if draft.task is None:
            return draft.answer
        try:
            return self.finish(draft, list(self._write(draft.task, budget or Budget.start())))
        except GeneratorError as error:
            _log.warning("%s; the answer is quoted instead", error)
            return draft.answer

    def draft(self, question: str, found: Sequence[tuple[Passage, Hit]], encoded: Encoded | None = None) -> Draft:
        """What can be said at once: the sentences of the documents, or a refusal, which no generator may change."""
        encoded = encoded or self.encoder.encode([question], "query")
        language = detect_language(question)
        reading = self.reader.read(question, encoded, found)
        if reading.confidence < self.thresholds.of(language):
            return Draft(_refusal(language, reading, tuple(passage for passage, _ in found[:_NEAREST])))
        evidence = _mark(ExtractiveGenerator().choose(reading), question)
        answer = Answer(language, Verdict.ANSWERED, reading.confidence, evidence)
        return Draft(answer, Task(question, language, reading) if self.generator.phrases else None)

    def check(self, claim: Claim, task: Task) -> Kept | None:
        """A claim of the generator as a statement with its evidence, or None if its sources do not support it."""
        return SupportChecker(self.encoder, self.reader).check(claim, task)

    def finish(self, draft: Draft, kept: Sequence[Kept]) -> Answer:
        """The answer in the words that were kept; the draft where none were."""
        statements = tuple({statement.text: statement for statement, _ in kept}.values())
        if not statements or draft.task is None:
            return draft.answer
        evidence = _mark(merge([item for _, items in kept for item in items]), draft.task.question)
        return replace(draft.answer, evidence=evidence, wording=statements, generator=self.generator.name)

    def _write(self, task: Task, budget: Budget) -> Iterator[Kept]:
        stream = ClaimStream()
        for piece in self.generator.stream(task, budget):
            yield from self._keep(stream.feed(piece), task)
        yield from self._keep(stream.close(), task)

    def _keep(self, claims: Sequence[Claim], task: Task) -> list[Kept]:
        return [kept for claim in claims if (kept := self.check(claim, task))]


def _refusal(language: Language, reading: Reading, nearest: tuple[Passage, ...]) -> Answer:
    closest = reading.evidence[0] if reading.confidence >= _WORTH_QUOTING else None
    nearest = (closest.passage,) if closest else nearest
    return Answer(language, Verdict.REFUSED, reading.confidence, nearest=nearest, closest=closest)


def _mark(evidence: Sequence[Evidence], question: str) -> tuple[Evidence, ...]:
    wanted = frozenset(query_terms(question))
    return tuple(replace(item, marks=(item.short,) if item.short else mark(item.text, wanted)) for item in evidence)
