"""Training the close reader: which of a few sentences answers, whether any does, and with which words.

Each question is read with one sentence that answers and some of those that look most like it. The loss adds up a
softmax over these (Cao et al. 2007, "Learning to Rank"), the cross-entropy of each sentence by itself, which is what
makes scores comparable between questions, and that of start and end of the short answer.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from nlp.encoder import bundled_folder, pick_device
from nlp.minilm import pad
from nlp.model_store import Arrays
from nlp.pretrained import load_pretrained
from nlp.sequences import by_length
from nlp.span_network import SpanNetwork, adapted_network, arrays_of
from nlp.span_reader import encode_pairs, pair_tokenizer
from nlp.training import Step, Steps
from nlp.training.configs import Precision
from nlp.training.optimisation import autocast_type, seeded
from nlp.types import Span

_STAGE = "learn"
_LIKEST = 3  # of the wrong sentences, those that are always candidates to be read
_PARTS = 3  # passes of a batch, by length, so that little padding is computed
_ALONE, _PLACE = 0.5, 0.25  # weights of the losses beside the softmax


@dataclass(frozen=True)
class SpanConfig:
    """How the close reader is trained. `questions` and `wrong` sentences of each make a batch.

    `base` is the folder of the encoder to begin with, empty for the bundled one. `unanswered` is how many lessons may
    have no answer, as a share of those that have one. `precision` is that of `nlp.training.configs.NeuralConfig`.
    """

    rank: int = 32
    epochs: int = 2
    questions: int = 16
    wrong: int = 3
    unanswered: float = 0.33
    learning_rate: float = 8e-4
    weight_decay: float = 0.01
    base: str = ""
    warmup: float = 0.06
    clip: float = 1.0
    device: str = "auto"
    precision: Precision = "auto"

    @property
    def folder(self) -> Path:
        """The folder of the encoder to begin with."""
        return Path(self.base) if self.base else bundled_folder()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with sentences, best first; `right` (k,) tells which answer it, `golds` are its short answers."""

    question: str
    texts: tuple[str, ...]
    right: NDArray[np.bool_]
    golds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Encoded pairs; where those of each question begin and how many they are, the one that answers first.

    `answered` tells of each question whether one does; `spans` hold a pair with first and last token of its answer.
    """

    encodings: list[Any]
    groups: list[tuple[int, int]]
    answered: list[bool]
    spans: list[tuple[int, int, int]]


def train_spans(lessons: Sequence[Lesson], config: SpanConfig, seed: int = 0) -> Steps[Arrays]:
    """What `nlp.span_reader.load_span_reader` takes, learned from lessons.

    Raises:
        EncoderError: the bundled encoder is not installed, or the device is not known.
        DataError: the precision needs a GPU.
    """
    device, chance = pick_device(config.device), random.Random(seed)  # noqa: S311
    tokenizer = pair_tokenizer(config.folder)
    with seeded("cpu", seed):  # the encoder's own dropout stays off: it takes as long as all else on a CPU
        network = adapted_network(load_pretrained(config.base), tokenizer.token_to_id("[SEP]"), config.rank).eval()
        yield from _fit(network.to(device), _limit(lessons, config, chance), tokenizer, config, chance)
    return {name: array.astype(np.float16) for name, array in arrays_of(network).items()}


def _limit(lessons: Sequence[Lesson], config: SpanConfig, chance: random.Random) -> list[Lesson]:
    answered = [lesson for lesson in lessons if lesson.right.any()]
    others = [lesson for lesson in lessons if not lesson.right.any()]
    return answered + chance.sample(others, min(len(others), round(config.unanswered * len(answered))))


def _fit(
    network: SpanNetwork, lessons: list[Lesson], tokenizer: Any, config: SpanConfig, chance: random.Random
) -> Steps[None]:
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, config.learning_rate, weight_decay=config.weight_decay)
    per_epoch = -(-len(lessons) // config.questions)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        config.learning_rate,
        total_steps=config.epochs * per_epoch,
        pct_start=config.warmup,
        anneal_strategy="linear",
    )
    for epoch in range(config.epochs):
        chance.shuffle(lessons)
        for number in range(per_epoch):
            batch = _batch(lessons[number * config.questions :][: config.questions], tokenizer, config.wrong, chance)
            loss = _loss(*_read(network, batch.encodings, config), batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, config.clip)
            optimizer.step()
            schedule.step()
            yield Step(_STAGE, epoch * per_epoch + number + 1, config.epochs * per_epoch, float(loss.detach()))


def _batch(lessons: Sequence[Lesson], tokenizer: Any, wrong: int, chance: random.Random) -> _Batch:
    batch = _Batch([], [], [], [])
    for lesson in lessons:
        picked = _pick(lesson, wrong, chance)
        start, answered = len(batch.encodings), bool(lesson.right[picked[0]])
        batch.encodings.extend(encode_pairs(tokenizer, lesson.question, [lesson.texts[i] for i in picked]))
        batch.groups.append((start, len(picked)))
        batch.answered.append(answered)
        if answered and (place := _tokens_of(lesson.texts[picked[0]], lesson.golds, batch.encodings[start])):
            batch.spans.append((start, *place))
    return batch


def _pick(lesson: Lesson, wrong: int, chance: random.Random) -> list[int]:
    """The numbers of the sentences to be read: one that answers, if there is one, and some of the best that do not."""
    others = np.flatnonzero(~lesson.right).tolist()
    near, far = others[:_LIKEST], others[_LIKEST : 3 * wrong]
    if not lesson.right.any():
        return near
    half = min(len(near), wrong // 2)
    picked = chance.sample(near, half) + chance.sample(far, min(len(far), wrong - half))
    return [chance.choice(np.flatnonzero(lesson.right).tolist()), *picked]


def _tokens_of(text: str, golds: Sequence[str], encoding: Any) -> tuple[int, int] | None:
    """The first and the last token of the shortest gold answer that stands in the text."""
    found = next(
        (Span(text.index(gold), text.index(gold) + len(gold)) for gold in sorted(golds, key=len) if gold in text), None
    )
    if found is None:
        return None
    inside = [
        number
        for number, ((start, end), kind) in enumerate(zip(encoding.offsets, encoding.type_ids, strict=True))
        if kind and start < end and end > found.start and start < found.end
    ]
    return (inside[0], inside[-1]) if inside else None


def _read(
    network: SpanNetwork, encodings: Sequence[Any], config: SpanConfig
) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
    """Scores (n,), and the logits of places (t, 2) of each pair."""
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    device = network.score.weight.device
    dtype = autocast_type(config.precision, str(device))
    scores, places = torch.zeros(len(encodings), device=device), dict[int, torch.Tensor]()
    for part in by_length(lengths, -(-len(encodings) // _PARTS)):
        ids, mask = (torch.from_numpy(array).to(device) for array in pad([encodings[i].ids for i in part]))
        with torch.autocast(device.type, dtype, enabled=dtype is not None):
            found, where = network(ids, mask)
        scores = scores.index_put((torch.from_numpy(part).to(device),), found.float())
        places |= dict(zip(part.tolist(), where.float(), strict=True))
    return scores, places


def _loss(scores: torch.Tensor, places: dict[int, torch.Tensor], batch: _Batch) -> torch.Tensor:
    goal = torch.zeros_like(scores)
    for (start, _), answered in zip(batch.groups, batch.answered, strict=True):
        goal[start] = float(answered)
    loss = _ALONE * functional.binary_cross_entropy_with_logits(scores, goal)
    ranked = [
        -functional.log_softmax(scores[start : start + count], dim=0)[0]
        for (start, count), answered in zip(batch.groups, batch.answered, strict=True)
        if answered and count > 1
    ]
    placed = [
        -functional.log_softmax(places[row], dim=0)[[first, last], [0, 1]].sum() for row, first, last in batch.spans
    ]
    for weight, losses in ((1.0, ranked), (_PLACE, placed)):
        if losses:
            loss = loss + weight * torch.stack(losses).mean()
    return loss
