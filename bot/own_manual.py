"""Dawen's own manual with questions about it: what is measured on them is the same in every house."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.chunks import chunk
from nlp.documents import read_document
from nlp.types import Language, Passage


def manual_folder() -> Path:
    """Where the manual lies: inside the package, or beside it in a source tree."""
    inside = Path(__file__).parent / "manual"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "docs"


def manual_questions() -> Path:
    """Questions about the manual with their answers: inside the package, or beside it in a source tree."""
    inside = Path(__file__).parent / "manual" / "questions.jsonl"
    return inside if inside.is_file() else Path(__file__).parents[1] / "benchmarks" / "manual.jsonl"


@dataclass(frozen=True, slots=True)
class ManualQuestion:
    """A question with the page that answers it and a pattern of the answer; None where the manual has none."""

    text: str
    language: Language
    page: str
    answer: str | None


@dataclass(frozen=True)
class Manual:
    """All passages, keyed by their places, with the page of each, and the questions."""

    passages: tuple[Passage, ...]
    pages: tuple[str, ...]
    questions: tuple[ManualQuestion, ...]

    def right(self, question: ManualQuestion) -> frozenset[int]:
        """The places of the passages that answer a question; none where the manual does not."""
        if question.answer is None:
            return frozenset()
        pattern = re.compile(question.answer)
        both = enumerate(zip(self.passages, self.pages, strict=True))
        return frozenset(
            place for place, (passage, page) in both if page == question.page and pattern.search(passage.searchable)
        )


def read_manual(pages: Sequence[Path], questions: Path) -> Manual:
    """The manual from its pages and the questions about it.

    Raises:
        DocumentError: a page cannot be read.
    """
    passages: list[Passage] = []
    names: list[str] = []
    for page in pages:
        document = read_document(page)
        for piece in chunk(document):
            key = len(passages)
            passages.append(Passage(key, piece.text, document.title, piece.heading, language=piece.language))
            names.append(page.stem)
    rows = map(json.loads, questions.read_text(encoding="utf-8").splitlines())
    asked = [ManualQuestion(row["question"], row["language"], row["page"] or "", row["answer"]) for row in rows]
    return Manual(tuple(passages), tuple(names), tuple(asked))
