"""Matrices on disk in less room: int8 with a scale per column, and no entry for what is zero.

name             the matrix (v, c), or the non-zero entries of its rows one after the other
name.scale       with int8 entries: what one unit of a column is worth (c,), float32
name.starts      with zeros left out: where each row begins among the entries (v + 1,)
name.columns     and the column of each entry
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Packing:
    """How a router is stored and served: `heads` and `encoder` in int8, or both as they were trained."""

    int8_heads: bool = False
    int8_encoder: bool = False

    def pack(self, name: str, matrix: Floats, plain: type[np.floating[Any]]) -> Arrays:
        """The arrays of a matrix (v, c), whose entries are of the type `plain` unless they are int8."""
        entries, scale = quantize_columns(matrix) if self.int8_heads else (matrix.astype(plain), None)
        packed: Arrays = {} if scale is None else {f"{name}.scale": scale}
        return {**packed, **_without_zeros(name, entries)}


def quantize_columns(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """A matrix (v, c) as int8 and the scale of each column (c,), so that the largest entry of a column is 127."""
    largest = np.abs(matrix).max(axis=0, initial=0)
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.round(matrix / scale).astype(np.int8), scale


def unpack(arrays: Mapping[str, NDArray[Any]], name: str, columns: int) -> Floats:
    """The matrix (v, columns) that `Packing.pack` stored."""
    entries = arrays[name].astype(np.float32)
    if f"{name}.starts" in arrays:
        starts, places = arrays[f"{name}.starts"], arrays[f"{name}.columns"]
        matrix = np.zeros((len(starts) - 1, columns), np.float32)
        matrix[np.repeat(np.arange(len(matrix)), np.diff(starts)), places] = entries
        entries = matrix
    scaled: Floats = entries * arrays.get(f"{name}.scale", np.float32(1))
    return scaled


def _without_zeros(name: str, matrix: NDArray[Any]) -> Arrays:
    """The rows' non-zero entries, where that takes less room than the matrix."""
    rows, columns = np.nonzero(matrix)
    starts = np.zeros(len(matrix) + 1, np.uint32)
    np.cumsum(np.bincount(rows, minlength=len(matrix)), out=starts[1:])
    places = columns.astype(np.min_scalar_type(max(matrix.shape[1] - 1, 0)))
    entries = matrix[rows, columns]
    if entries.nbytes + places.nbytes + starts.nbytes >= matrix.nbytes:
        return {name: matrix}
    return {name: entries, f"{name}.starts": starts, f"{name}.columns": places}
