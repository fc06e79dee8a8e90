"""A hidden layer over the encoder's features, which tells apart what no line separates.

Trained by AdamW with dropout and label smoothing; beside linear heads on the same features it errs on other texts, so
that the two together are better than either (`nlp.training.stacking`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, cos, pi
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.architectures.fused import Hidden
from nlp.training.linear import CrossEntropy
from nlp.training.targets import MISSING, Targets

_BATCH, _RATE, _DECAY, _WARMUP = 256, 2e-3, 1e-2, 0.1
_DROPOUT_IN, _DROPOUT, _SMOOTHING = 0.1, 0.5, 0.1
_SIZE = 0.5  # root mean square of the inputs
_MOST_BATCHES = 1_500  # in all epochs: with 100,000 rows a few epochs do

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Parameters:
    inward: torch.Tensor
    shift: torch.Tensor
    outward: torch.Tensor
    bias: torch.Tensor

    def all(self) -> list[torch.Tensor]:
        return [self.inward, self.shift, self.outward, self.bias]


class HiddenLayer:
    """One layer of `units` rectified units on dense features (n, d), and heads on it."""

    def __init__(self, dense: Floats, targets: Targets, units: int, seed: int, device: str) -> None:
        self._chance = torch.Generator(device).manual_seed(seed)
        self._device = device
        inputs = torch.from_numpy(dense).to(device)
        # Entries of a unit vector are tiny; AdamW's steps suit inputs of about this size.
        self._scale = _SIZE * float((inputs * inputs).mean().clamp(min=1e-12).rsqrt())
        self._inputs = inputs * self._scale
        width = dense.shape[1]
        self._parameters = _Parameters(
            self._uniform(width, units, bound=width**-0.5),
            self._uniform(units, bound=width**-0.5),
            self._uniform(units, targets.columns, bound=units**-0.5),
            self._uniform(targets.columns, bound=units**-0.5),
        )

    def _uniform(self, *size: int, bound: float) -> torch.Tensor:
        share = torch.rand(size, generator=self._chance, device=self._device)
        return ((2 * share - 1) * bound).requires_grad_()

    def begin(self, layer: Hidden) -> None:
        """Go to what `layer` says, in terms of the features as they were given; its heads then have no bias.

        Raises:
            ValueError: it has another number of units.
        """
        if len(layer.shift) != len(self._parameters.shift):
            raise ValueError(f"a layer of {len(layer.shift)} units, not {len(self._parameters.shift)}")
        values = (layer.inward / np.float32(self._scale), layer.shift, layer.outward)
        with torch.no_grad():
            for parameter, value in zip(self._parameters.all(), values, strict=False):
                parameter.copy_(torch.from_numpy(value))
            self._parameters.bias.zero_()

    def fit(self, targets: Targets, epochs: int) -> Iterator[float]:
        """Go on from where the layer is; yields the mean loss of each epoch, which may be fewer where rows are many."""
        known = np.flatnonzero((np.stack(targets.indices) != MISSING).any(axis=0))
        rows = torch.from_numpy(known).to(self._device)
        loss = CrossEntropy(targets, self._device, _SMOOTHING)
        optimizer = self._optimizer()
        batches = ceil(len(rows) / _BATCH)
        total, done = epochs * batches, 0
        for _ in range(epochs):
            order = torch.randperm(len(rows), generator=self._chance, device=self._device)
            sums = 0.0
            for picked in torch.split(rows[order], _BATCH):
                for group in optimizer.param_groups:
                    group["lr"] = _RATE * _rate(done / total)
                optimizer.zero_grad()
                found = loss(self._logits(self._inputs[picked]), picked)
                found.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                sums += float(found.detach())
                done += 1
            yield sums / batches

    def _optimizer(self) -> torch.optim.Optimizer:
        matrices, vectors = ([p for p in self._parameters.all() if (p.ndim > 1) == wide] for wide in (True, False))
        groups: list[dict[str, Any]] = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, weight_decay=_DECAY)

    def _logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Training's own logits, with a part of the inputs and of the units left out by chance."""
        parts = self._parameters
        inner = self._dropped(inputs, _DROPOUT_IN) @ parts.inward + parts.shift
        return self._dropped(functional.relu(inner), _DROPOUT) @ parts.outward + parts.bias

    def _dropped(self, values: torch.Tensor, share: float) -> torch.Tensor:
        kept = torch.rand(values.shape, generator=self._chance, device=self._device) >= share
        return values * kept / (1 - share)

    def layer(self) -> tuple[Hidden, Floats]:
        """The layer in terms of the features as they were given, and the bias (c,) of its heads."""
        inward, shift, outward, bias = (p.detach().cpu().numpy() for p in self._parameters.all())
        return Hidden(inward * np.float32(self._scale), shift, outward), bias


def epochs_for(rows: int, wanted: int) -> int:
    """The epochs to train for: `wanted`, or as many as `_MOST_BATCHES` batches allow, at least one."""
    return max(1, min(wanted, _MOST_BATCHES // ceil(rows / _BATCH)))


def _rate(share: float) -> float:
    """The part of the full learning rate once this share of the batches is done: up in a line, down in a cosine."""
    if share < _WARMUP:
        return max(share / _WARMUP, 0.04)
    return (1 + cos(pi * (share - _WARMUP) / (1 - _WARMUP))) / 2
