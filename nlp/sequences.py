"""Token numbers of many texts, kept end to end, and padded only when a batch is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Tokens = NDArray[np.int32]


@dataclass(frozen=True)
class Sequences:
    """Row i holds the token numbers `tokens[starts[i]:starts[i + 1]]`."""

    starts: Indices
    tokens: Tokens

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Indices:
        """The number of tokens of each row (n,)."""
        return np.diff(self.starts)

    def batch(self, rows: Sequence[int] | Indices, pad: int) -> tuple[Indices, Indices]:
        """The picked rows as a matrix (n, t), filled up with `pad`, and their lengths (n,)."""
        picked = np.asarray(rows, np.int64)
        lengths = self.lengths[picked]
        columns = np.arange(int(lengths.max(initial=0)))
        inside = columns < lengths[:, None]
        matrix = np.full(inside.shape, pad, np.int64)
        matrix[inside] = self.tokens[(self.starts[picked][:, None] + columns)[inside]]
        return matrix, lengths


def join(rows: Iterable[Sequence[int] | Tokens]) -> Sequences:
    """The rows end to end."""
    parts = [np.asarray(row, np.int32) for row in rows]
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    return Sequences(starts, np.concatenate(parts) if parts else np.zeros(0, np.int32))


def by_length(lengths: Indices, size: int) -> list[Indices]:
    """Row numbers in batches of at most `size` rows of like length, so that little padding is computed."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]
