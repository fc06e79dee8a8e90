"""Cases for training the reader: questions with known answers, each asked of an index as the bot would ask it.

Every question of a file is asked of the file's whole index, and some of smaller ones, because a threshold that suits a
thousand passages is too strict for thirty. Some are asked again without the article they are about: a case to refuse.
Questions that will be read closely are made ready for that; some of them are also asked as they are without.

Public files ask in the words of their articles. Files about papers as owners keep them (with headings) ask as customers
do, in words of their own; these are few, so they count for more, and each paper is also asked about by itself and among
many passages of other files, as it stands beside the bot's manual.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoder
from nlp.evaluation.answers import Bench
from nlp.evaluation.metrics import contains_answer
from nlp.evaluation.qa_data import QaData, Question
from nlp.reader import AskedQuestion, Candidates, Reader
from nlp.span_reader import SpanReader, pair_tokenizer, reading_trust
from nlp.text import detect_language
from nlp.training.spans import SpanConfig
from nlp.types import Hit, Passage

_KNOWN = 0.5
_SIZES = (30, 100, 300)  # passages of the smaller indexes


@dataclass(frozen=True)
class ReaderConfig:
    """How the reader is trained; chosen by cross-validation over articles of the training files.

    One in `refusals` questions is asked without its article too, and one in `compared` that are read closely is asked
    as it is where none is. Without `spans` nothing is read closely. `held_out` of the articles do not
    teach how to read. Questions about papers are shown `emphasis` times, and have `papers_say` of the say in refusing;
    each paper is asked about with as many as `beside` other passages too.
    """

    hidden: int = 64
    epochs: int = 40
    learning_rate: float = 5e-3
    weight_decay: float = 1e-3
    dropout: float = 0.1
    held_out: float = 0.25
    folds: int = 4
    emphasis: int = 2
    papers_say: float = 0.4
    beside: int = 250
    small_indexes: int = 600
    refusals: int = 3
    compared: int = 3
    seed: int = 0
    spans: SpanConfig | None = field(default_factory=SpanConfig)


@dataclass(frozen=True, slots=True)
class Case:
    """A question on an index, its candidate sentences, and which of them answer (none where it is to be refused).

    A question without `golds` has no answer, although its article speaks of something near.
    """

    asked: AskedQuestion
    found: tuple[tuple[Passage, Hit], ...]
    candidates: Candidates
    right: NDArray[np.bool_]
    answerable: bool
    golds: tuple[str, ...]
    article: str
    reader: Reader
    of_papers: bool = False

    @property
    def evaluable(self) -> bool:
        """False where it is made hard to refuse, as nobody asks: only close reading learns from that."""
        return bool(self.golds) or self.of_papers

    @property
    def kind(self) -> str:
        """Which of `nlp.reader_weights.PARTS` serves it."""
        if self.asked.trust.reading >= _KNOWN:
            return "read"
        return "trusted" if self.asked.trust.encoder >= _KNOWN else "alone"


def cases_of(data: QaData, encoder: Encoder, config: ReaderConfig, others: Sequence[QaData] = ()) -> Iterator[Case]:
    """All cases that a file gives, not read closely yet; papers also stand beside passages of `others`."""
    tokenizer = pair_tokenizer(config.spans.folder) if config.spans else None
    parts = _papers(data, others, config) if data.headings else _smaller(data, config)
    for part in (data, *parts):
        bench = Bench(part, encoder)
        articles = part.by_article()
        for number, question in enumerate(part.questions):
            article = part.articles[question.passage]
            reading = reading_trust(tokenizer, question.text) if tokenizer else 0.0
            readings = [reading] if number % config.compared else sorted({reading, 0.0})
            yield from _ask(bench, question, article, set(), readings)
            if question.golds and number % config.refusals == 0:
                yield from _ask(bench, question, article, articles[article], readings)


def read_closely(case: Case, reader: SpanReader) -> Case:
    """The case with its candidates read."""
    return replace(case, candidates=case.candidates.read_by(case.asked.text, reader))


def _smaller(data: QaData, config: ReaderConfig) -> Iterator[QaData]:
    """Indexes of a few passages each, with the questions about them."""
    chance = random.Random(config.seed)  # noqa: S311
    for size in _SIZES:
        if size >= len(data.passages):
            continue
        for _ in range(max(1, config.small_indexes // (3 * size))):
            part = data.only(chance.sample(range(len(data.passages)), size))
            yield replace(part, questions=tuple(q for q in part.questions if q.golds)).first(3 * size)


def _papers(data: QaData, others: Sequence[QaData], config: ReaderConfig) -> Iterator[QaData]:
    """Each paper by itself, and among passages in its language."""
    language = detect_language(data.passages[0])
    passages = [text for other in others for text in other.passages if detect_language(text) == language]
    chance = random.Random(config.seed)  # noqa: S311
    for keys in data.by_article().values():
        paper = data.only(sorted(keys))
        yield paper
        if passages:
            beside = tuple(chance.sample(passages, min(config.beside, len(passages))))
            yield replace(
                paper,
                passages=paper.passages + beside,
                articles=paper.articles + tuple(f"beside {number}" for number in range(len(beside))),
                headings=paper.headings + ("",) * len(beside),
            )


def _ask(
    bench: Bench, question: Question, article: str, excluded: set[int], readings: Sequence[float]
) -> Iterator[Case]:
    encoded, found = bench.find(question.text, excluded)
    plain = bench.reader.ask(question.text, encoded)
    answerable = bool(question.golds) and not excluded
    for reading in readings:
        asked = replace(plain, trust=replace(plain.trust, reading=reading))
        candidates = bench.reader.candidates(asked, found)
        if not len(candidates):
            continue
        texts = [found[o][0].text[s.start : s.end] for o, s in zip(candidates.owners, candidates.spans, strict=True)]
        right = np.array([answerable and contains_answer(text, question.golds) for text in texts])
        yield Case(
            asked, tuple(found), candidates, right, answerable, question.golds, article, bench.reader, bench.of_papers
        )
