"""Question-answering files: JSON Lines with question, context, answers, optionally title and heading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nlp.errors import DataError
from nlp.training.readers import read_jsonl


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the number of the passage that answers it, and its gold answers (none: unanswerable)."""

    text: str
    passage: int
    golds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QaData:
    """All distinct contexts of a file, with the article each belongs to, and every question.

    `headings` stand above the passages in a file about papers as an owner keeps them; other files have none.
    """

    passages: tuple[str, ...]
    articles: tuple[str, ...]
    questions: tuple[Question, ...]
    headings: tuple[str, ...] = ()

    def by_article(self) -> dict[str, set[int]]:
        """The numbers of the passages of each article."""
        found: dict[str, set[int]] = {}
        for key, article in enumerate(self.articles):
            found.setdefault(article, set()).add(key)
        return found

    def first(self, limit: int | None) -> "QaData":
        """The same passages with at most `limit` questions, spread over the file."""
        if limit is None or limit >= len(self.questions):
            return self
        step = len(self.questions) / limit
        return replace(self, questions=tuple(self.questions[int(i * step)] for i in range(limit)))

    def only(self, picked: Sequence[int]) -> "QaData":
        """Some of the passages, in this order, with the questions about them."""
        places = {key: place for place, key in enumerate(picked)}
        return QaData(
            tuple(self.passages[key] for key in picked),
            tuple(self.articles[key] for key in picked),
            tuple(replace(q, passage=places[q.passage]) for q in self.questions if q.passage in places),
            tuple(self.headings[key] for key in picked) if self.headings else (),
        )


def read_qa(path: Path) -> QaData:
    """Read a question-answering file.

    Raises:
        DataError: the file is missing, empty, or a line lacks a question or a context or has unreadable answers.
    """
    places: dict[str, int] = {}
    articles: list[str] = []
    headings: list[str] = []
    questions: list[Question] = []
    for number, row in read_jsonl(path):
        question, context = row.get("question"), row.get("context")
        if not isinstance(question, str) or not isinstance(context, str):
            raise DataError(f"{str(path)!r}, line {number} lacks a 'question' or a 'context': both must be strings")
        if context not in places:
            places[context] = len(places)
            articles.append(str(row.get("title", len(places))))
            headings.append(str(row.get("heading", "")))
        questions.append(Question(question, places[context], _golds(row, f"{str(path)!r}, line {number}")))
    if not questions:
        raise DataError(f"{str(path)!r} has no rows: expected one question with its context a line")
    return QaData(tuple(places), tuple(articles), tuple(questions), tuple(headings) if any(headings) else ())


def _golds(row: dict[str, Any], place: str) -> tuple[str, ...]:
    answers = row.get("answers") or []
    texts = [a.get("text") if isinstance(a, dict) else a for a in answers] if isinstance(answers, list) else [None]
    golds = tuple(text for text in texts if isinstance(text, str))
    if len(golds) < len(texts):
        raise DataError(
            f"{place} has 'answers' that cannot be read: expected a list of strings or of objects with 'text'"
        )
    return golds
