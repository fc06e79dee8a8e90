"""Sparse rows in torch: their product with a dense matrix, quick in both directions."""

import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.features import SparseRows


class SparseMatrix:
    """Rows as a constant matrix (n, v) that is multiplied with dense ones over and over."""

    def __init__(self, rows: SparseRows, device: str = "cpu") -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
            self._matrix = torch.sparse_csr_tensor(
                torch.from_numpy(rows.starts),
                torch.from_numpy(rows.indices),
                torch.from_numpy(rows.values),
                size=(len(rows), rows.columns),
                check_invariants=False,
            ).to(device)
            self._transposed = self._matrix.to_sparse_csc().transpose(0, 1)
        self.columns = rows.columns
        self.squares = np.bincount(rows.indices, rows.values**2, minlength=rows.columns)
        """The sum of squares of each column (v,)."""

    def __matmul__(self, dense: torch.Tensor) -> torch.Tensor:
        """The product (n, c) with a dense matrix (v, c), through which gradients flow."""
        product: torch.Tensor = _Product.apply(self._matrix, self._transposed, dense)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    """`matrix @ dense` with a ready transposed matrix for the gradient, which torch would else build each time."""

    @staticmethod
    def forward(ctx: Any, matrix: torch.Tensor, transposed: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        """The product (n, c) of a CSR matrix (n, v) and a dense one (v, c)."""
        ctx.transposed = transposed
        return matrix @ dense

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        """The gradient (v, c) with respect to the dense matrix."""
        return None, None, ctx.transposed @ gradients[0]


def take_rows(rows: SparseRows, picked: NDArray[np.int64]) -> SparseRows:
    """The picked rows, in that order."""
    lengths = np.diff(rows.starts)[picked]
    starts = np.zeros(len(picked) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    offsets = np.repeat(rows.starts[picked] - starts[:-1], lengths) + np.arange(starts[-1])
    return SparseRows(starts, rows.indices[offsets], rows.values[offsets], rows.columns)
