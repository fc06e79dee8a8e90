"""Calls that share a pass get their own rows, and one that fails spoils none of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.remote.replicas import together


@dataclass(frozen=True)
class Doubled:
    """Two arrays with a row for each number."""

    twice: NDArray[np.int64]
    rows: NDArray[np.int64]


def double(shared: tuple[str], numbers: Sequence[int]) -> Doubled | list[int]:
    """Twice each number, as arrays or as a list; 13 cannot be doubled."""
    if 13 in numbers:
        raise ValueError("unlucky")
    twice = [2 * number for number in numbers]
    if shared == ("list",):
        return twice
    return Doubled(np.array(twice, np.int64), np.arange(len(twice)))


calls = st.lists(st.tuples(st.sampled_from([("list",), ("arrays",)]), st.lists(st.integers(0, 20), max_size=5)))


@given(calls)
def test_every_call_gets_its_own(asked: list[tuple[tuple[str], list[int]]]) -> None:
    results = together(double, asked)
    assert len(results) == len(asked)
    for (shared, numbers), result in zip(asked, results, strict=True):
        if 13 in numbers:
            assert isinstance(result, ValueError)
            continue
        found: Any = result if shared == ("list",) else result.twice.tolist()
        assert found == [2 * number for number in numbers]


def test_what_has_the_same_in_common_shares_one_pass() -> None:
    passes: list[tuple[Any, list[int]]] = []

    def compute(shared: Any, rows: Sequence[int]) -> list[int]:
        passes.append((shared, list(rows)))
        return list(rows)

    assert together(compute, [(("a",), [1]), (("b",), [2, 3]), (("a",), [4])]) == [[1], [2, 3], [4]]
    assert passes == [(("a",), [1, 4]), (("b",), [2, 3])]
