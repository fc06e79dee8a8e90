"""The training loop of every neural architecture: any module that turns inputs into the logits of one or two heads.

It is a generator of steps; stopping belongs to the caller. It runs on one device, or on several as one of the
processes that torchrun started: each batch is split over them and weighed so that the gradients are those of the
whole batch, also where the last batch does not divide evenly.
"""

from dataclasses import asdict, dataclass
from math import ceil, isfinite
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nlp.errors import DataError, ModelError
from nlp.sequences import by_length
from nlp.training import Step, Steps
from nlp.training.checkpoint import Checkpoint, Checkpoints
from nlp.training.configs import NeuralConfig
from nlp.training.losses import Loss
from nlp.training.optimisation import (
    RateSchedule,
    autocast_type,
    average_in,
    copy_of,
    l1_norm,
    make_optimizer,
    one_group,
    put_back,
    seeded,
    weights_of,
)
from nlp.training.processes import Processes, join_processes
from nlp.training.task import Task, epoch_batches

_UNKNOWN = float("inf")

Indices = NDArray[np.int64]


def fit(task: Task, config: NeuralConfig, folder: Path | None = None) -> Steps[None]:
    """Train the module of `task`; it ends on its device with the weights of its best epoch.

    With a checkpoint `folder` the run can be killed at any time: started again, it goes on from there and ends with
    the very same weights (on a CPU, with as many processes and threads).

    Raises:
        DataError: the loss is no longer finite, or the precision needs a GPU.
        ModelError: the checkpoint is another run's, or cannot be written.
    """
    run = _Run(task, config, join_processes(config.device))
    checkpoints = Checkpoints(folder, {**task.identity, **_settings(config)}) if folder else None
    if checkpoints and (kept := checkpoints.read()):
        try:
            run.restore(kept)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(f"checkpoint {str(checkpoints.path)!r} does not fit: remove it to start anew") from error
        yield Step("resume", run.done, run.total)
    while not run.finished:
        for batch in run.batches():
            yield run.step(batch)
            if checkpoints and config.checkpoint_every and run.done % config.checkpoint_every == 0:
                run.save(checkpoints)
        yield run.end_epoch()
        if checkpoints:
            run.save(checkpoints)
    run.take_best()


def _settings(config: NeuralConfig) -> dict[str, Any]:
    free = ("checkpoint_every", "device", "vectors", "base")  # what does not change the run, or is told by its content
    return {f"settings.{name}": value for name, value in asdict(config).items() if name not in free}


@dataclass
class _Progress:
    """Where the run stands: plain numbers, so that they can be stored."""

    epoch: int = 0
    batch: int = 0
    bad_epochs: int = 0
    best: float = _UNKNOWN
    stopped: bool = False


class _Run:
    """One run: everything that changes while it trains."""

    def __init__(self, task: Task, config: NeuralConfig, processes: Processes) -> None:
        self._task, self._config, self._processes = task, config, processes
        self._device = processes.device
        self._dtype = autocast_type(config.precision, self._device)
        self._module = task.module.to(self._device)
        self._optimizer = make_optimizer(task.groups or one_group(self._module, config), config)
        self._scaler = torch.amp.GradScaler(self._device.split(":")[0], enabled=self._dtype is torch.float16)
        self._parameters = [p for p in self._module.parameters() if p.requires_grad]
        self._parallel = _parallel(self._module, processes)
        self._loss = Loss(task.targets, config.label_smoothing, self._device)
        self._per_epoch = ceil(len(task.fitted) / config.batch_size)
        self._rates = RateSchedule(self._optimizer, config, self.total)
        self._weights = weights_of(self._module)
        self._best = copy_of(self._weights)
        self._average = copy_of(self._weights) if config.averaging else None
        self._at = _Progress()

    @property
    def total(self) -> int:
        """The number of steps, if nothing stops it early."""
        return self._per_epoch * self._config.epochs

    @property
    def done(self) -> int:
        """The number of steps taken."""
        return self._at.epoch * self._per_epoch + self._at.batch

    @property
    def finished(self) -> bool:
        """Whether no epoch is left, or it was stopped early."""
        return self._at.stopped or self._at.epoch >= self._config.epochs

    def batches(self) -> list[Indices]:
        """What is left of this epoch."""
        size, seed = self._config.batch_size, self._config.seed
        return epoch_batches(self._task.fitted, self._task.lengths, size, seed, self._at.epoch)[self._at.batch :]

    def step(self, rows: Indices) -> Step:
        """Learn from one batch, of which this process computes its share.

        Raises:
            DataError: the loss is no longer finite.
        """
        self._module.train()
        rate = self._rates.set(self.done)
        mine = rows[self._processes.rank :: self._processes.world]
        with seeded(self._device, self._config.seed, self.done, self._processes.rank):
            logits = self._logits(self._parallel, mine if len(mine) else rows[:1])
        loss = self._loss(logits, mine, rows)
        self._move(loss)
        self._at.batch += 1
        if self._average is not None:
            average_in(self._average, self._weights, self._config.averaging, self.done)
        value = float(self._processes.add_up(loss.detach().clone()))
        if not isfinite(value):
            raise DataError(f"the loss is {value} after {self.done} steps: set a lower learning_rate, or clip")
        return self._report(value, {"learning_rate": rate})

    def _logits(self, module: nn.Module, rows: Indices) -> torch.Tensor:
        inputs = [tensor.to(self._device, non_blocking=True) for tensor in self._task.inputs(rows)]
        with torch.autocast(self._device.split(":")[0], self._dtype, enabled=self._dtype is not None):
            logits: torch.Tensor = module(*inputs)
        return logits.float()

    def _move(self, loss: torch.Tensor) -> None:
        penalised = loss * self._processes.world  # gradients are averaged over processes, and shall be added up
        if self._config.l1:
            penalised = penalised + self._config.l1 * l1_norm(self._parameters)
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(penalised).backward()  # type: ignore[no-untyped-call]
        if self._config.clip:
            self._scaler.unscale_(self._optimizer)
            nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()

    def end_epoch(self) -> Step:
        """Measure on the held-out rows, keep the weights if they are the best, and decide whether to stop."""
        trained = None
        if self._average is not None:
            trained = copy_of(self._weights)
            put_back(self._weights, self._average)
        loss, accuracy = self._measure()
        score = loss if self._config.stop_on == "loss" else -accuracy
        if score < self._at.best:
            self._at.best, self._at.bad_epochs, self._best = score, 0, copy_of(self._weights)
        else:
            self._at.bad_epochs += 1
        if trained is not None:
            put_back(self._weights, trained)
        self._rates.tell(loss)
        self._at.epoch, self._at.batch = self._at.epoch + 1, 0
        self._at.stopped = 0 < self._config.patience <= self._at.bad_epochs
        return self._report(None, {"valid_loss": loss, "valid_accuracy": accuracy})

    def _measure(self) -> tuple[float, float]:
        self._module.eval()
        held, sums = self._task.held, torch.zeros(4, dtype=torch.float64)
        with torch.inference_mode():
            parts = by_length(self._task.lengths[held], self._config.batch_size * 2)
            for part in parts[self._processes.rank :: self._processes.world]:
                sums += self._loss.sums(self._logits(self._module, held[part]), held[part])
        loss, weight, right, count = self._processes.add_up(sums.to(self._device)).tolist()
        return loss / max(weight, 1e-9), right / max(count, 1)

    def _report(self, loss: float | None, metrics: dict[str, float]) -> Step:
        total = self.done if self._at.stopped else self.total
        return Step("fit", self.done, total, loss, {**metrics, "epoch": self.done / self._per_epoch})

    def take_best(self) -> None:
        """Give the module the weights of the best epoch."""
        put_back(self._weights, self._best)
        self._module.eval()

    def save(self, checkpoints: Checkpoints) -> None:
        """Write a checkpoint, if this is the main process."""
        if not self._processes.is_main:
            return
        parts = {"weights": self._weights, "best": self._best, "average": self._average or {}}
        tensors = {f"{part}.{name}": value for part, state in parts.items() for name, value in state.items()}
        for index, values in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in values.items() if v is not None}
        progress = {"at": asdict(self._at), "rates": self._rates.state, "scaler": self._scaler.state_dict()}
        checkpoints.write(Checkpoint(progress, {name: value.cpu() for name, value in tensors.items()}))

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint."""
        parts = [("weights", self._weights), ("best", self._best), ("average", self._average or {})]
        for name, target in parts:
            put_back(target, checkpoint.part(name))
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoint.part("optimizer").items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": state})
        self._scaler.load_state_dict(checkpoint.progress["scaler"])
        self._rates.state = dict(checkpoint.progress["rates"])
        self._at = _Progress(**checkpoint.progress["at"])


def _parallel(module: nn.Module, processes: Processes) -> nn.Module:
    if processes.world == 1:
        return module
    devices = [torch.device(processes.device)] if processes.device.startswith("cuda") else None
    return nn.parallel.DistributedDataParallel(module, device_ids=devices)
