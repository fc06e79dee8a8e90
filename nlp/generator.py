"""From a reading to an answer. The extractive generator shows the sentences themselves; others may phrase them anew.

A generator never decides what is true: it sees only the reading, and every sentence it returns must cite one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from nlp.encoder import Encoded, Encoder
from nlp.lexical import query_terms
from nlp.reader import Reader, Reading, mark
from nlp.text import detect_language
from nlp.types import Answer, Evidence, Hit, Language, Passage, Verdict

ANSWERS_FROM = 0.5  # confidence from which the documents are said to answer: both errors weigh the same there
_MOST_SENTENCES = 3
_ENOUGH = 0.9  # share of the reading's belief after which no further sentence is shown
_LEAST = 0.08  # share of belief that a further sentence must have
_NEAREST = 3


class Generator(Protocol):
    """Turns a reading into an answer in the language of the question."""

    @property
    def name(self) -> str: ...
    def generate(self, question: str, language: Language, reading: Reading) -> Sequence[Evidence]:
        """The sentences to show, in reading order; the reading is known to answer the question."""
        ...


class ExtractiveGenerator:
    """The one to three best sentences, in the order of their documents; or one question-answer entry, whole."""

    name = "extractive"

    def generate(self, question: str, language: Language, reading: Reading) -> Sequence[Evidence]:  # noqa: ARG002
        """See `Generator.generate`."""
        chosen: list[Evidence] = []
        for item in reading.evidence[:_MOST_SENTENCES]:
            if chosen and (item.score < _LEAST or sum(e.score for e in chosen) >= _ENOUGH):
                break
            if chosen and (item.passage.whole or chosen[0].passage.whole):
                break  # an entry answers its own question, and nothing is added to that
            if all(item.text != other.text for other in chosen):
                chosen.append(item)
        order = {item.passage.key: rank for rank, item in reversed(list(enumerate(chosen)))}
        return sorted(chosen, key=lambda item: (order[item.passage.key], item.span.start))


GENERATORS: dict[str, Callable[[], Generator]] = {"extractive": ExtractiveGenerator}


@dataclass(frozen=True)
class Answerer:
    """Answers questions from passages that were retrieved for them, or says that they do not answer."""

    encoder: Encoder
    reader: Reader
    generator: Generator

    def answer(self, question: str, found: Sequence[tuple[Passage, Hit]], encoded: Encoded | None = None) -> Answer:
        """The answer to `question` from the found passages, best first."""
        encoded = encoded or self.encoder.encode([question], "query")
        language = detect_language(question)
        reading = self.reader.read(question, encoded, found)
        if reading.confidence < ANSWERS_FROM:
            nearest = tuple(passage for passage, _ in found[:_NEAREST])
            return Answer(language, Verdict.REFUSED, reading.confidence, nearest=nearest, generator=self.generator.name)
        shown = self.generator.generate(question, language, reading)
        wanted = frozenset(query_terms(question))
        evidence = tuple(replace(item, marks=mark(item.text, wanted)) for item in shown)
        return Answer(language, Verdict.ANSWERED, reading.confidence, evidence, generator=self.generator.name)
