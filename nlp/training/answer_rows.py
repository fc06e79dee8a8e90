"""Answers as rows of tokens, and how likely a model finds them."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from nlp.errors import GeneratorError
from nlp.generators.chat_model import ChatModel
from nlp.generators.claims import claims
from nlp.training.lessons import Lesson


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A prompt with an answer to it, in tokens; the answer ends with the token that ends it."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LessonRows:
    """A lesson in tokens; `bad` is None where there is no disliked answer. `weight` is that of the lesson."""

    good: AnswerRow
    bad: AnswerRow | None
    weight: float


def rows_of(lesson: Lesson, model: ChatModel, longest: int) -> LessonRows | None:
    """The lesson for a model; None if it does not fit into `longest` tokens with all the sources that it cites."""
    good = model.answer(lesson.good)
    bad = model.answer(lesson.bad) if lesson.bad.strip() else []
    try:
        prompt, sources = model.fitted(lesson.task, max(len(good), len(bad)), longest)
    except GeneratorError:
        return None
    if any(number > sources for claim in claims(lesson.good) for number in claim.cited):
        return None
    asked = tuple(prompt)
    return LessonRows(AnswerRow(asked, tuple(good)), AnswerRow(asked, tuple(bad)) if bad else None, lesson.weight)


def likelihoods(network: Any, rows: Sequence[AnswerRow], pad: int) -> torch.Tensor:
    """The log-probability (n,) of each answer after its prompt, in nats, by one forward pass, in float32.

    Rows are padded behind, where no causal layer looks; only the places that predict answers are given logits.
    """
    longest = max(len(row.prompt) + len(row.answer) for row in rows)
    first = min(len(row.prompt) for row in rows) - 1
    ids, kept = _padded(rows, longest, pad, network.device)
    mask = (torch.arange(longest, device=ids.device)[None] < _lengths(rows, ids.device)[:, None]).long()
    places = torch.arange(first, longest - 1, device=ids.device)
    extra = {"logits_to_keep": places} if "logits_to_keep" in inspect.signature(network.forward).parameters else {}
    logits = network(input_ids=ids, attention_mask=mask, use_cache=False, **extra).logits.float()
    if not extra:
        logits = logits[:, places]
    chosen = ids[:, first + 1 :]
    each = torch.log_softmax(logits, dim=-1).gather(2, chosen[..., None])[..., 0]
    return (each * kept[:, first + 1 :]).sum(dim=1)


def _lengths(rows: Sequence[AnswerRow], device: torch.device) -> torch.Tensor:
    return torch.tensor([len(row.prompt) + len(row.answer) for row in rows], device=device)


def _padded(
    rows: Sequence[AnswerRow], longest: int, pad: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (n, t), and 1 where they are an answer's (n, t)."""
    ids, kept = [], []
    for row in rows:
        gap = longest - len(row.prompt) - len(row.answer)
        ids.append([*row.prompt, *row.answer, *[pad] * gap])
        kept.append([*[0.0] * len(row.prompt), *[1.0] * len(row.answer), *[0.0] * gap])
    return torch.tensor(ids, device=device), torch.tensor(kept, device=device)
