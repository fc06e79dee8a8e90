"""What a network shall learn, and in which batches it sees the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nlp.sequences import by_length
from nlp.training.optimisation import Group
from nlp.training.targets import Targets

_POOL = 50  # batches whose rows are sorted by length together: little padding, and still much chance

Indices = NDArray[np.int64]
Inputs = tuple[torch.Tensor, ...]


@dataclass(frozen=True)
class Task:
    """What is learned: `module(*inputs(rows))` gives the logits (n, c) of `targets`, all heads side by side.

    `inputs` makes the tensors of the picked rows; `lengths` (n,) is what rows cost, so that like goes with like.
    Rows `fitted` teach; rows `held` decide when to stop. `groups` have learning rates of their own, None for one.
    `identity` names what the weights depend on beside configuration and targets.
    """

    module: nn.Module
    inputs: Callable[[Indices], Inputs]
    lengths: Indices
    targets: Targets
    fitted: Indices
    held: Indices
    groups: list[Group] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)


def epoch_batches(rows: Indices, lengths: Indices, size: int, *chance: int) -> list[Indices]:
    """The rows in a new order, in batches of `size` of like length; the same for the same numbers `chance`."""
    rng = np.random.default_rng(list(chance))
    order = rng.permutation(rows)
    batches = []
    for start in range(0, len(order), size * _POOL):
        pool = order[start : start + size * _POOL]
        batches += [pool[part] for part in by_length(lengths[pool], size)]
    return [batches[i] for i in rng.permutation(len(batches))]
