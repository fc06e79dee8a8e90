"""The training loop of adapters on a chat model: one stage after the other over the same weights.

Each process computes its share of a batch; the gradients are added up, so that they are those of the whole batch,
however many there are. Nothing is left to chance but the order of the lessons, which the seed decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil, isfinite
from typing import Any

import torch

from nlp.errors import DataError, ModelError
from nlp.training import Step, Steps
from nlp.training.answer_rows import LessonRows
from nlp.training.checkpoint import Checkpoint, Checkpoints
from nlp.training.optimisation import copy_of, put_back
from nlp.training.processes import join_processes

Loss = Callable[[Sequence[LessonRows]], torch.Tensor]


@dataclass(frozen=True)
class LoraConfig:
    """How a generator is trained.

    `epochs` is how often each of the two stages sees its lessons at most; `patience` how many without a better held-out
    loss end it. `batch_size` lessons make a step, and `at_once` of them a pass, which is what memory must hold.
    `longest` is in tokens, prompt and answer together; longer lessons are left out. `beta` and `keep` are those of
    `nlp.training.preference`. `checkpoint_every` counts steps, 0 for every epoch. `held_out` is the share of questions
    that decide when to stop.
    """

    rank: int = 16
    alpha: int = 32
    epochs: int = 3
    batch_size: int = 16
    at_once: int = 2
    learning_rate: float = 2e-4
    preference_rate: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.1
    clip: float = 1.0
    beta: float = 0.1
    keep: float = 0.2
    longest: int = 4096
    held_out: float = 0.15
    patience: int = 1
    checkpoint_every: int = 0
    seed: int = 0


@dataclass
class _Progress:
    """Where a stage stands: plain numbers, so that they can be stored."""

    stage: str
    epoch: int = 0
    batch: int = 0
    since: int = 0
    least: float = float("inf")
    over: bool = False


class Run:
    """A run over the adapters of `adapted`, a peft model; its stages come one after the other."""

    def __init__(self, adapted: Any, config: LoraConfig, checkpoints: Checkpoints | None = None) -> None:
        """Read the checkpoint, if there is one.

        Raises:
            ModelError: the checkpoint is damaged, or of another run.
        """
        self.config = config
        self.weights = {name: weight for name, weight in adapted.named_parameters() if weight.requires_grad}
        self.processes = join_processes(str(next(iter(self.weights.values())).device))
        self._checkpoints = checkpoints
        self._kept = checkpoints.read() if checkpoints else None

    def stage(
        self, name: str, rate: float, loss: Loss, rows: Sequence[LessonRows], held: Sequence[LessonRows]
    ) -> Steps[None]:
        """Train until the held-out loss no longer sinks; the adapters end with the weights of the best epoch.

        Raises:
            DataError: the loss is no longer finite. ModelError: the checkpoint does not fit, or cannot be written.
        """
        kept, stage = self._kept, _Stage(self, name, rate, loss, rows, held)
        if kept and kept.progress["stage"] != name:
            return  # a later stage was reached: its weights come from there
        if kept:
            self._kept = None
            stage.restore(kept)
            yield Step("resume", stage.done, stage.total)
        else:
            stage.begin()
        yield from stage.steps()

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, if there is a place for it and this is the main process."""
        if self._checkpoints and self.processes.is_main:
            self._checkpoints.write(checkpoint)

    def mean(self, loss: Loss, rows: Sequence[LessonRows]) -> float:
        """The mean loss of rows by weight, which all processes work out together."""
        mine, size = rows[self.processes.rank :: self.processes.world], self.config.at_once
        total = torch.zeros((), dtype=torch.float64)
        with torch.inference_mode():
            for start in range(0, len(mine), size):
                part = mine[start : start + size]
                total += (loss(part).cpu() * _weights(part)).sum()
        return float(self.processes.add_up(total)) / float(_weights(rows).sum())


class _Stage:
    """Everything that changes while one stage is trained."""

    def __init__(
        self, run: Run, name: str, rate: float, loss: Loss, rows: Sequence[LessonRows], held: Sequence[LessonRows]
    ) -> None:
        self._run, self._rate, self._loss, self._rows, self._held = run, rate, loss, rows, held
        self._config = run.config
        self._optimizer = torch.optim.AdamW(run.weights.values(), lr=rate, weight_decay=run.config.weight_decay)
        self._per_epoch = ceil(len(rows) / run.config.batch_size)
        self._best = copy_of(run.weights)
        self._at = _Progress(name)

    @property
    def total(self) -> int:
        """The number of steps, if nothing stops it early."""
        return self._per_epoch * self._config.epochs

    @property
    def done(self) -> int:
        """The number of steps taken."""
        return self._at.epoch * self._per_epoch + self._at.batch

    def begin(self) -> None:
        """Measure what there is to be better than."""
        self._at.least = self._run.mean(self._loss, self._held)

    def steps(self) -> Steps[None]:
        """Train, from where the stage stands to its end."""
        every = self._config.checkpoint_every
        while not self._at.over:
            for batch in self._batches():
                yield self._step(batch)
                if every and self.done % every == 0:
                    self._save()
            yield self._end_epoch()
            self._save()
        put_back(self._run.weights, self._best)

    def _batches(self) -> list[list[LessonRows]]:
        """What is left of this epoch."""
        chance = torch.Generator().manual_seed(self._config.seed + self._at.epoch)
        order = torch.randperm(len(self._rows), generator=chance).tolist()
        size = self._config.batch_size
        batches = [[self._rows[i] for i in order[start : start + size]] for start in range(0, len(order), size)]
        return batches[self._at.batch :]

    def _step(self, batch: list[LessonRows]) -> Step:
        processes, size = self._run.processes, self._config.at_once
        for group in self._optimizer.param_groups:
            group["lr"] = rate = self._rate * self._share()
        self._optimizer.zero_grad(set_to_none=False)
        total, value = float(_weights(batch).sum()), torch.zeros(())
        mine = batch[processes.rank :: processes.world]
        for start in range(0, len(mine), size):
            part = mine[start : start + size]
            losses = self._loss(part)
            loss = (losses * _weights(part).to(losses)).sum() / total
            loss.backward()  # type: ignore[no-untyped-call]
            value += loss.detach().cpu()
        self._move()
        self._at.batch += 1
        found = float(processes.add_up(value))
        if not isfinite(found):
            raise DataError(f"the loss is {found} after {self.done} steps: set a lower learning rate")
        return self._report(found, {"learning_rate": rate})

    def _move(self) -> None:
        weights = list(self._run.weights.values())
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            self._run.processes.add_up(weight.grad)
        torch.nn.utils.clip_grad_norm_(weights, self._config.clip)
        self._optimizer.step()

    def _share(self) -> float:
        """What part of the full rate this step has: it rises at first, and sinks to nothing at the end."""
        warm = round(self._config.warmup * self.total)
        if self.done < warm:
            return (self.done + 1) / (warm + 1)
        return 1 - (self.done - warm) / max(1, self.total - warm)

    def _end_epoch(self) -> Step:
        found, at = self._run.mean(self._loss, self._held), self._at
        at.since += 1
        if found < at.least:
            at.least, at.since, self._best = found, 0, copy_of(self._run.weights)
        at.epoch, at.batch = at.epoch + 1, 0
        at.over = at.epoch >= self._config.epochs or at.since >= self._config.patience
        return self._report(None, {"valid_loss": found})

    def _report(self, loss: float | None, metrics: dict[str, float]) -> Step:
        return Step(self._at.stage, self.done, self.done if self._at.over else self.total, loss, metrics)

    def _save(self) -> None:
        parts: dict[str, dict[str, torch.Tensor]] = {"weights": self._run.weights, "best": self._best}
        tensors = {f"{part}.{name}": value for part, state in parts.items() for name, value in state.items()}
        for index, values in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in values.items()}
        self._run.save(Checkpoint(asdict(self._at), {name: value.detach().cpu() for name, value in tensors.items()}))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of this stage.

        Raises:
            ModelError: it does not fit.
        """
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoint.part("optimizer").items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        try:
            put_back(self._run.weights, checkpoint.part("weights"))
            put_back(self._best, checkpoint.part("best"))
            self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": state})
            self._at = _Progress(**checkpoint.progress)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError("the checkpoint does not fit the model: remove it to start anew") from error


def _weights(rows: Sequence[LessonRows]) -> torch.Tensor:
    return torch.tensor([row.weight for row in rows], dtype=torch.float64)
