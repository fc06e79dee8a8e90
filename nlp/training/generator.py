"""Training a generator: low-rank adapters on a chat model, from answers that people liked, corrected or disliked.

First the liked and corrected answers become likelier; then, where a question has a disliked answer too, the liked one
becomes likelier than that (`nlp.training.preference`). Each stage keeps its best epoch on held-out questions, which may
be the one before the first. It runs on one device, or on several as the processes that `accelerate launch` or torchrun
started: each computes its share of a batch, and the gradients are those of the whole batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from nlp.architectures.transformer import adapters_of, add_adapters
from nlp.errors import DataError, TooLittleData
from nlp.generators.chat_model import ChatModel
from nlp.generators.lora import ARCHITECTURE, KIND, fingerprint
from nlp.model_store import Arrays, Manifest
from nlp.training import Steps
from nlp.training.answer_rows import LessonRows, rows_of
from nlp.training.checkpoint import Checkpoints
from nlp.training.division import divide
from nlp.training.lessons import Lesson, snapshot
from nlp.training.lora_loop import LoraConfig, Run
from nlp.training.optimisation import seeded
from nlp.training.preference import Liking, Preferring, both

FEWEST = 8  # lessons below which nothing is learned
DEFAULT = LoraConfig()


@dataclass(frozen=True)
class TrainedGenerator:
    """`model` wears the adapters of `adapted`, a peft model over its network; `fingerprint` is the bare model's."""

    model: ChatModel
    adapted: Any
    fingerprint: str
    config: LoraConfig

    @contextmanager
    def without(self) -> Iterator[None]:
        """The model as it was, inside."""
        with self.adapted.disable_adapter():
            yield

    def writer(self) -> ChatModel:
        """The model afresh: what another has computed of its rules must not be used after training, or `without`."""
        return ChatModel(self.model.name, self.model.network, self.model.tokenizer)

    def to_arrays(self) -> Arrays:
        """The adapters as they are stored."""
        return adapters_of(self.adapted)


def train_generator(
    lessons: Sequence[Lesson],
    model: ChatModel,
    config: LoraConfig = DEFAULT,
    valid: Sequence[Lesson] = (),
    checkpoint: Path | None = None,
) -> Steps[TrainedGenerator]:
    """Train adapters on top of `model`, which wears them afterwards; it stops early on `valid`, else on a share.

    With a `checkpoint` folder the run can be killed at any time: started again it goes on from there, and on a CPU ends
    with the very same weights.

    Raises:
        TooLittleData: fewer than `FEWEST` lessons fit into the model, or none is left to stop by.
        DataError: the model is of two parts, or the loss is no longer finite.
        ModelError: the checkpoint is of another run, or cannot be written.
    """
    parts = (lessons, valid) if valid else divide(lessons, config.held_out, config.seed)
    rows, held = ([row for row in _fitting(part, model, config) if row.weight > 0] for part in parts)
    _check(rows, held, model)
    known = fingerprint(model.network)
    with seeded(str(model.network.device), config.seed):
        adapted = add_adapters(model.network, config.rank, config.alpha).eval()
    trained = TrainedGenerator(model, adapted, known, config)
    identity = {"base": known, "data": snapshot([*lessons, *valid]).sha256, **asdict(config)}
    run = Run(adapted, config, Checkpoints(checkpoint, identity) if checkpoint else None)
    yield from run.stage("like", config.learning_rate, Liking(model.network, model.pad), rows, held)
    rows, held = ([row for row in part if row.bad] for part in (rows, held))
    if rows and held:
        before = _before(trained, [*rows, *held])
        loss = Preferring(model.network, model.pad, before, config.beta, config.keep)
        yield from run.stage("prefer", config.preference_rate, loss, rows, held)
    return trained


def _fitting(lessons: Sequence[Lesson], model: ChatModel, config: LoraConfig) -> list[LessonRows]:
    return [row for lesson in lessons if (row := rows_of(lesson, model, config.longest))]


def _check(rows: Sequence[LessonRows], held: Sequence[LessonRows], model: ChatModel) -> None:
    if model.network.config.is_encoder_decoder:
        raise DataError(f"model {model.name!r} has two parts, and only causal ones can be taught: use another")
    if len(rows) < FEWEST or not held:
        raise TooLittleData(
            f"{len(rows)} liked or corrected answers that their sources support fit into model {model.name!r}, and "
            f"{len(held)} to stop by: at least {FEWEST} and 1 are needed, so collect more votes"
        )


def _before(trained: TrainedGenerator, lessons: Sequence[LessonRows]) -> dict[LessonRows, tuple[float, float]]:
    """The log-probabilities of liked and disliked answers without the adapters."""
    found: dict[LessonRows, tuple[float, float]] = {}
    size = trained.config.at_once
    with torch.inference_mode(), trained.without():
        for start in range(0, len(lessons), size):
            part = lessons[start : start + size]
            good, bad = both(trained.model.network, part, trained.model.pad)
            found.update(zip(part, zip(good.tolist(), bad.tolist(), strict=True), strict=True))
    return found


def describe_generator(
    trained: TrainedGenerator,
    lessons: Sequence[Lesson],
    *,
    sources: Sequence[str] = (),
    scores: Mapping[str, float] | None = None,
    parent: str | None = None,
) -> Manifest:
    """What stored adapters say of themselves, without version and files."""
    config = trained.config
    configuration = {
        "base": trained.model.name,
        "fingerprint": trained.fingerprint,
        "rank": config.rank,
        "alpha": config.alpha,
        "training": asdict(config),
    }
    data = snapshot(lessons, sources)
    return Manifest(KIND, ARCHITECTURE, configuration, data, config.seed, scores or {}, parent)
