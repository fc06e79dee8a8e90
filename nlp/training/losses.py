"""How far the logits of all heads are from what they shall say."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from nlp.training.targets import MISSING, Targets

Indices = NDArray[np.int64]


class Loss:
    """Weighted cross-entropy, added up over the heads; rows without a label for a head do not count for it."""

    def __init__(self, targets: Targets, smoothing: float, device: str) -> None:
        self._targets = targets
        self._smoothing = smoothing
        self._device = device

    def __call__(self, logits: torch.Tensor, mine: Indices, batch: Indices) -> torch.Tensor:
        """The share that rows `mine`, whose logits (n, c) these are, have in the mean loss of the whole `batch`."""
        loss = logits.sum() * 0.0  # keeps every weight in the graph, also where no row has a label
        start = 0
        for index, weight in zip(self._targets.indices, self._targets.weights, strict=True):
            part = logits[: len(mine), start : start + len(weight)]
            start += len(weight)
            whole = self._weight(index[batch], weight)
            if whole and len(mine):
                loss = loss + self._sum(part, index[mine], weight, self._smoothing) / whole
        return loss

    def sums(self, logits: torch.Tensor, rows: Indices) -> torch.Tensor:
        """Of these rows: loss, its weight, right intents, and intents in all (4,), to be added up and divided."""
        sums = np.zeros(2)
        start = 0
        for index, weight in zip(self._targets.indices, self._targets.weights, strict=True):
            part = logits[:, start : start + len(weight)]
            start += len(weight)
            sums += float(self._sum(part, index[rows], weight, 0.0)), self._weight(index[rows], weight)
        intents = self._targets.indices[0][rows]
        best = logits[:, : len(self._targets.labels[0])].argmax(dim=1).cpu().numpy()
        return torch.tensor([*sums, (best == intents).sum(), (intents != MISSING).sum()], dtype=torch.float64)

    def _sum(self, part: torch.Tensor, index: Indices, weight: NDArray[np.float32], smoothing: float) -> torch.Tensor:
        expected, weights = (torch.from_numpy(array).to(self._device) for array in (index, weight))
        return cross_entropy(
            part, expected, weight=weights, ignore_index=MISSING, reduction="sum", label_smoothing=smoothing
        )

    @staticmethod
    def _weight(index: Indices, weight: NDArray[np.float32]) -> float:
        return float(weight[index[index != MISSING]].sum())
