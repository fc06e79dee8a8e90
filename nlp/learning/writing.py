"""Whether a generator's adapters may serve: held-out lessons, written and weighed with them and without."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.generators.chat_model import ChatModel
from nlp.generators.claims import claims
from nlp.generators.support import SupportChecker
from nlp.learning.ruling import Figure, Ruling, compare, rule
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
) -> GeneratorRuling:
    """Compare the model with its adapters and without on lessons that taught it nothing, in each language.

    The preference must be better where there are enough lessons with a disliked answer, elsewhere the likelihood of
    liked answers. The likelihood, and the support of what the model writes in at most `tokens` tokens, may be worse in
    neither language.
    """
    longest, figures = trained.config.longest, list[Figure]()
    after = [measure(trained.writer(), part, checker, longest, tokens) for part in _by_language(held)]
    leaked = produced(trained.writer(), canaries)
    with trained.without():
        before = [measure(trained.writer(), part, checker, longest, tokens) for part in _by_language(held)]
    for language, one, two in zip(LANGUAGES, before, after, strict=True):
        for name in ("preferred", "likelihood", "supported"):
            figures.append(compare(name, f"held out, {language}", getattr(one, name), getattr(two, name)))
    weighed = [figure for figure in figures if figure.measure == "preferred" and figure.outcome != "unknown"]
    deciding = weighed or [figure for figure in figures if figure.measure == "likelihood"]
    return GeneratorRuling(rule(figures, deciding), tuple(leaked))


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
    shares = [_supported(text, lesson, checker) for text, (lesson, _) in zip(texts, fitting, strict=True)]
    return Written(np.array(likely), np.array(shares), np.array(preferred))


def _per_token(model: ChatModel, lesson: LessonRows) -> tuple[float, float | None]:
    """The mean log-probability of a token of the liked answer, and of the disliked one where there is one."""
    rows = [lesson.good, lesson.bad] if lesson.bad else [lesson.good]
    with torch.inference_mode():
        found = likelihoods(model.network, rows, model.pad).tolist()
    means = [value / len(row.answer) for value, row in zip(found, rows, strict=True)]
    return means[0], means[1] if lesson.bad else None


def _supported(text: str, lesson: Lesson, checker: SupportChecker) -> float:
    """The share of the sentences of an answer that their sources support; 0 for an answer without any."""
    said = claims(text)
    return sum(checker.check(claim, lesson.task) is not None for claim in said) / max(1, len(said))
