"""What a generator learns from: answers that people liked, corrected or disliked, with the passages that were read.

No fact is taught: the prompt holds the passages as it does in a chat, and an answer that they do not support, sentence
by sentence, is no lesson. What is learned is how to say what the sources say.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlp.generators.base import Task
from nlp.generators.claims import Claim, claims
from nlp.generators.support import SupportChecker
from nlp.model_store import DataSnapshot
from nlp.reader import Reading, spans_of
from nlp.text import detect_language
from nlp.types import Evidence, Passage


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with its sources; `good` was liked or is a correction, `bad` was disliked, empty where nothing was.

    Sentences cite their sources as generators do: [1] is the first of `task.sources`. `weight` >= 0 counts beside a
    lesson of weight 1; `origin` names the row.
    """

    task: Task
    good: str
    bad: str = ""
    weight: float = 1.0
    origin: str = ""

    @property
    def question(self) -> str:
        """The question that was asked."""
        return self.task.question


def task_over(question: str, passages: Sequence[Passage]) -> Task:
    """The task to answer a question from passages, the first of which is source [1]."""
    found = [Evidence(passage, span, 1.0) for passage in passages for span in spans_of(passage)]
    return Task(question, detect_language(question), Reading(tuple(found), 1.0))


def supported(lesson: Lesson, checker: SupportChecker) -> Lesson | None:
    """The lesson with every sentence of its good answer citing what supports it; None if something does not.

    A sentence that cites nothing, as in what people write themselves, cites the first source that supports it.
    """
    cited = [_cited(claim, lesson.task, checker) for claim in claims(lesson.good)]
    if not cited or None in cited:
        return None
    good = " ".join(filter(None, cited))
    return replace(lesson, good=good, bad="" if lesson.bad.strip() in (good, lesson.good.strip()) else lesson.bad)


def _cited(claim: Claim, task: Task, checker: SupportChecker) -> str | None:
    """A claim as a generator should write it."""
    tried = [claim.cited] if claim.cited else [(number,) for number in range(1, len(task.sources) + 1)]
    for numbers in tried:
        if checker.check(Claim(claim.text, numbers), task):
            return f"{claim.text} {''.join(f'[{number}]' for number in numbers)}"
    return None


def snapshot(lessons: Sequence[Lesson], sources: Sequence[str] = ()) -> DataSnapshot:
    """The fingerprint of a training set; the order of its rows does not matter."""
    rows = sorted(
        "\x1f".join((o.question, o.good, o.bad, f"{o.weight:.6g}", *(p.searchable for p in o.task.sources)))
        for o in lessons
    )
    digest = hashlib.sha256("\x1e".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
    return DataSnapshot(digest, len(rows), tuple(sources))
