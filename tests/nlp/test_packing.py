"""Matrices in less room say the same when they are unpacked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.packing import Packing, quantize_columns, unpack


@given(st.integers(0, 40), st.integers(1, 300), st.floats(0, 1), st.booleans())
def test_unpacked_matrices_are_near_what_was_packed(rows: int, columns: int, share: float, int8: bool) -> None:
    random = np.random.default_rng(rows * columns)
    matrix = random.normal(size=(rows, columns)).astype(np.float32) * (random.random((rows, columns)) < share)
    packed = Packing(int8_heads=int8).pack("m", matrix, np.float16)
    again = unpack(packed, "m", columns)
    assert again.dtype == np.float32
    allowed = np.abs(matrix).max(axis=0, initial=0) / 127 if int8 else np.full(columns, 4e-3)
    assert (np.abs(again - matrix) <= allowed + 1e-6).all()


def test_what_is_mostly_zero_takes_less_room() -> None:
    matrix = np.zeros((500, 150), np.float32)
    matrix[::50, ::30] = 1.5
    sizes = {
        int8: sum(array.nbytes for array in Packing(int8_heads=int8).pack("m", matrix, np.float16).values())
        for int8 in (False, True)
    }
    assert sizes[False] < matrix.nbytes / 20
    assert set(Packing().pack("m", matrix, np.float16)) == {"m", "m.starts", "m.columns"}
    assert set(Packing().pack("m", matrix + 1, np.float16)) == {"m"}
    np.testing.assert_array_equal(unpack(Packing().pack("m", matrix, np.float16), "m", 150), matrix)


def test_each_column_has_its_own_scale() -> None:
    entries, scale = quantize_columns(np.array([[1000, 0.001, 0], [-500, 0.0005, 0]], np.float32))
    assert entries.tolist() == [[127, 127, 0], [-64, 64, 0]]
    np.testing.assert_allclose(scale, [1000 / 127, 0.001 / 127, 1], rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (4, 1)])
def test_extreme_shapes_survive(shape: tuple[int, int]) -> None:
    matrix = np.ones(shape, np.float32)
    for int8 in (False, True):
        np.testing.assert_allclose(unpack(Packing(int8).pack("m", matrix, np.float32), "m", shape[1]), matrix)
