"""What moves the weights: optimiser, learning-rate schedule, precision, and moving average."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
import torch
from torch import nn

from nlp.errors import DataError
from nlp.training.configs import NeuralConfig

_MOMENTUM = 0.9

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Group:
    """Named parameters that share a learning rate."""

    parameters: Mapping[str, nn.Parameter]
    learning_rate: float


def one_group(module: nn.Module, config: NeuralConfig) -> list[Group]:
    """All trainable parameters at the rate of the configuration."""
    return [Group({n: p for n, p in module.named_parameters() if p.requires_grad}, config.learning_rate)]


def make_optimizer(groups: Sequence[Group], config: NeuralConfig) -> torch.optim.Optimizer:
    """The optimiser of the configuration; biases and norms (parameters of one dimension) do not decay."""
    parts: list[dict[str, Any]] = []
    for group in groups:
        for decays in (True, False):
            chosen = [p for p in group.parameters.values() if (p.ndim > 1) == decays]
            decay = config.l2 if decays else 0.0
            parts.append(
                {
                    "params": chosen,
                    "lr": group.learning_rate,
                    "initial_lr": group.learning_rate,
                    "weight_decay": decay,
                }
            )
    parts = [part for part in parts if part["params"]]
    if config.optimizer == "sgd":
        return torch.optim.SGD(parts, lr=config.learning_rate, momentum=_MOMENTUM)
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(parts, lr=config.learning_rate)


class RateSchedule:
    """Sets the learning rates of an optimiser for each of `total` steps; its `state` is plain numbers."""

    def __init__(self, optimizer: torch.optim.Optimizer, config: NeuralConfig, total: int) -> None:
        self._optimizer = optimizer
        self._config = config
        self._total = total
        self._warm = round(config.warmup * total)
        self.state: dict[str, float] = {"cut": 1.0, "best": float("inf"), "bad": 0}

    def set(self, step: int) -> float:
        """Set the rates for step 0, 1, ... and return the first group's."""
        share = self.share(step)
        for group in self._optimizer.param_groups:
            group["lr"] = group["initial_lr"] * share
        return float(self._optimizer.param_groups[0]["lr"])

    def share(self, step: int) -> float:
        """What part of the full rate step `step` has, in [0, 1]."""
        if step < self._warm:
            return (step + 1) / (self._warm + 1)
        left = 1 - (step - self._warm) / max(1, self._total - self._warm)
        shapes = {
            "constant": 1.0,
            "linear": left,
            "cosine": (1 - cos(pi * left)) / 2,
            "plateau": self.state["cut"],
        }
        return shapes[self._config.schedule]

    def tell(self, valid_loss: float) -> None:
        """Say how an epoch ended; on a plateau the rate is cut."""
        if valid_loss < self.state["best"]:
            self.state |= {"best": valid_loss, "bad": 0}
            return
        self.state["bad"] += 1
        if self.state["bad"] > self._config.plateau_patience:
            self.state |= {"cut": self.state["cut"] * self._config.plateau_factor, "bad": 0}


def autocast_type(precision: str, device: str) -> torch.dtype | None:
    """The type that matrix products run in, None for float32.

    Raises:
        DataError: fp16 is asked for without a GPU.
    """
    on_gpu = device.startswith("cuda")
    if precision == "fp16" and not on_gpu:
        raise DataError(
            f"precision {precision!r} needs a GPU, and the device is {device!r}: use 'fp32', 'bf16' or 'auto'"
        )
    if precision == "auto":
        precision = "bf16" if on_gpu and torch.cuda.is_bf16_supported() else "fp32"
    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)


@contextmanager
def seeded(device: str, *numbers: int) -> Iterator[None]:
    """Chance that depends on `numbers` alone inside, and goes on as before outside."""
    seed = int(np.random.SeedSequence(list(numbers)).generate_state(1, np.uint64)[0])
    with torch.random.fork_rng(devices=[torch.device(device)] if device.startswith("cuda") else []):
        torch.manual_seed(seed)
        yield


def weights_of(module: nn.Module) -> State:
    """What training changes: trainable parameters and stored buffers, by name, not copied."""
    frozen = {name for name, parameter in module.named_parameters() if not parameter.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in frozen}


def copy_of(state: State) -> State:
    """A copy that later steps do not change."""
    return {name: value.detach().clone() for name, value in state.items()}


def put_back(target: State, source: Mapping[str, torch.Tensor]) -> None:
    """Write the values of `source` into the tensors of `target`."""
    with torch.no_grad():
        for name, value in target.items():
            value.copy_(source[name])


def average_in(average: State, state: State, decay: float, step: int) -> None:
    """Move the average towards the weights; early on faster, so that it soon forgets how it began."""
    decay = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, value in average.items():
            if value.is_floating_point():
                value.lerp_(state[name], 1 - decay)
            else:
                value.copy_(state[name])


def l1_norm(parameters: Iterable[nn.Parameter]) -> torch.Tensor:
    """The sum of all magnitudes of weight matrices; biases and norms are spared."""
    return torch.stack([parameter.abs().sum() for parameter in parameters if parameter.ndim > 1]).sum()
