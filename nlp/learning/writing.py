"""Whether a generator's adapters may serve: held-out lessons, written and weighed with them and without."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.generators.base import Task
from nlp.generators.chat_model import ChatModel
from nlp.generators.claims import claims
from nlp.generators.support import SupportChecker
from nlp.learning.ruling import Ruling, compare, rule
from nlp.training.answer_rows import LessonRows, likelihoods, rows_of
from nlp.training.canaries import continue_from, produced
from nlp.training.generator import TrainedGenerator
from nlp.training.lessons import Lesson
from nlp.types import LANGUAGES

TOKENS = 128  # of an answer that is written to be checked

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Written:
    """What a model makes of n lessons: `likelihood` (n,) is the mean log-probability of a token of the liked answer, in
    nats, and `supported` (n,) the share of the sentences it writes that their sources support.

    `preferred` (m,) is 1 for each lesson with a disliked answer whose liked one is likelier by token, else 0.
    """

    likelihood: Floats
    supported: Floats
    preferred: Floats


@dataclass(frozen=True)
class GeneratorRuling:
    """What the gate says of a generator. With `leaked`, canary phrases that it has by heart, it may not serve."""

    ruling: Ruling
    leaked: tuple[str, ...]

    @property
    def serves(self) -> bool:
        """What the gate decides."""
        return self.ruling.serves and not self.leaked


def judge_generator(
    trained: TrainedGenerator,
    held: Sequence[Lesson],
    checker: SupportChecker,
    canaries: Sequence[str] = (),
    tokens: int = TOKENS,
    fixed: Sequence[Task] = (),
) -> GeneratorRuling:
    """Compare the model with its adapters and without on lessons that taught it nothing, in each language.

    The preference must be better where there are enough lessons with a disliked answer, elsewhere the likelihood of
    liked answers. The likelihood, and the support of what the model writes in at most `tokens` tokens, may be worse in
    neither language, nor may the support of what it writes for the `fixed` tasks. Of the `canaries`, phrases that it
    must not know without a source, it may say none by heart that the model without adapters does not.
    """
    after, leaked = _measured(trained, held, fixed, checker, tokens), produced(trained.writer(), canaries)
    with trained.without():
        before = _measured(trained, held, fixed, checker, tokens)
        known = produced(trained.writer(), leaked)
    figures = [compare(*name, scores, after[name]) for name, scores in before.items()]
    weighed = [figure for figure in figures if figure.measure == "preferred" and figure.outcome != "unknown"]
    deciding = weighed or [figure for figure in figures if figure.measure == "likelihood"]
    return GeneratorRuling(rule(figures, deciding), tuple(phrase for phrase in leaked if phrase not in known))


def _measured(
    trained: TrainedGenerator, held: Sequence[Lesson], fixed: Sequence[Task], checker: SupportChecker, tokens: int
) -> dict[tuple[str, str], Floats]:
    """The scores of each measure on each set, in each language."""
    model, found = trained.writer(), dict[tuple[str, str], Floats]()
    for language, lessons in zip(LANGUAGES, _by_language(held), strict=True):
        written = measure(model, lessons, checker, trained.config.longest, tokens)
        for name in ("preferred", "likelihood", "supported"):
            found[name, f"held out, {language}"] = getattr(written, name)
    for language in LANGUAGES if fixed else ():
        tasks = [task for task in fixed if task.language == language]
        texts = continue_from(model, [model.prompt(task, tokens) for task in tasks], tokens)
        shares = [_supported(text, task, checker) for text, task in zip(texts, tasks, strict=True)]
        found["supported", f"fixed, {language}"] = np.array(shares)
    return found


def _by_language(lessons: Sequence[Lesson]) -> list[list[Lesson]]:
    return [[lesson for lesson in lessons if lesson.task.language == language] for language in LANGUAGES]


def measure(
    model: ChatModel, lessons: Sequence[Lesson], checker: SupportChecker, longest: int, tokens: int = TOKENS
) -> Written:
    """What a model makes of lessons; those that do not fit into it are left out."""
    fitting = [(lesson, rows) for lesson in lessons if (rows := rows_of(lesson, model, longest))]
    likely, preferred = list[float](), list[float]()
    for _, rows in fitting:
        good, bad = _per_token(model, rows)
        likely.append(good)
        if bad is not None:
            preferred.append(float(good > bad))
    prompts = [rows.good.prompt for _, rows in fitting]
    texts = continue_from(model, prompts, tokens)
    shares = [_supported(text, lesson.task, checker) for text, (lesson, _) in zip(texts, fitting, strict=True)]
    return Written(np.array(likely), np.array(shares), np.array(preferred))


def _per_token(model: ChatModel, lesson: LessonRows) -> tuple[float, float | None]:
    """The mean log-probability of a token of the liked answer, and of the disliked one where there is one."""
    rows = [lesson.good, lesson.bad] if lesson.bad else [lesson.good]
    with torch.inference_mode():
        found = likelihoods(model.network, rows, model.pad).tolist()
    means = [value / len(row.answer) for value, row in zip(found, rows, strict=True)]
    return means[0], means[1] if lesson.bad else None


def _supported(text: str, task: Task, checker: SupportChecker) -> float:
    """The share of the sentences of an answer that their sources support; 0 for an answer without any."""
    said = claims(text)
    return sum(checker.check(claim, task) is not None for claim in said) / max(1, len(said))
