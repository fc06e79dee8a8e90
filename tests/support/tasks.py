"""A small learning task for training tests, in processes of their own too: classes that a line separates."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nlp.training.configs import NeuralConfig
from nlp.training.targets import MISSING, Targets
from nlp.training.task import Inputs, Task


def separable(rows: int = 120, topics: bool = True) -> tuple[NDArray[np.float32], Targets]:
    """Points (n, 4) whose intent is the sign of one coordinate and whose topic, where known, that of another."""
    points = np.random.default_rng(1).normal(size=(rows, 4)).astype(np.float32)
    intents = (points[:, 0] > 0).astype(np.int64)
    second = np.where(np.arange(rows) % 3 == 0, MISSING, points[:, 1] > 0).astype(np.int64)
    even = np.ones(2, np.float32)
    if not topics:
        return points, Targets((("a", "b"),), (intents,), (even,))
    return points, Targets((("a", "b"), ("s", "t")), (intents, second), (even, even))


def task(rows: int = 120, topics: bool = True, module: nn.Module | None = None, **changes: Any) -> Task:
    """Learning `separable` by a small network, with every fourth row held out."""
    points, targets = separable(rows, topics)
    torch.manual_seed(0)
    width = targets.columns
    network = module or nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, width))
    every = np.arange(rows)

    def inputs(picked: NDArray[np.int64]) -> Inputs:
        return (torch.from_numpy(points[picked]),)

    fitted, held = every[every % 4 > 0], every[every % 4 == 0]
    return Task(
        **{
            "module": network,
            "inputs": inputs,
            "lengths": np.ones(rows, np.int64),
            "targets": targets,
            "fitted": fitted,
            "held": held,
            **changes,
        }
    )


def quick(**changes: Any) -> NeuralConfig:
    """A configuration that learns `separable` in a moment."""
    return NeuralConfig(
        **{"epochs": 12, "batch_size": 16, "learning_rate": 0.02, "patience": 0, "warmup": 0, **changes}
    )


def state(module: nn.Module) -> dict[str, NDArray[Any]]:
    """The weights of a module, copied."""
    return {name: value.detach().clone().numpy() for name, value in module.state_dict().items()}
