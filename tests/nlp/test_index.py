"""The dense index."""

from pathlib import Path

import numpy as np
import pytest

from nlp.errors import IndexDamaged
from nlp.index import VectorIndex

EYE = np.eye(4, dtype=np.float32)


@pytest.fixture
def index() -> VectorIndex:
    index = VectorIndex(4)
    index.add([10, 20, 30], EYE[:3])
    return index


def test_the_nearest_come_first(index: VectorIndex) -> None:
    query = np.array([0.8, 0.6, 0, 0], np.float32)
    assert [key for key, _ in index.search(query, 3)] == [10, 20, 30]
    assert index.search(query, 1)[0][1] == pytest.approx(0.8)


def test_more_is_asked_than_there_is(index: VectorIndex) -> None:
    assert len(index.search(EYE[0], 50)) == 3
    assert index.search(EYE[0], 0) == []
    assert VectorIndex(4).search(EYE[0], 5) == []


def test_excluded_keys_are_not_found(index: VectorIndex) -> None:
    assert {key for key, _ in index.search(EYE[0], 3, excluded={10})} == {20, 30}


def test_adding_a_key_again_replaces_its_vector(index: VectorIndex) -> None:
    index.add([10], EYE[3:])
    assert len(index) == 3
    assert index.cosines(EYE[3], [10, 20]) == [1.0, 0.0]


def test_removing(index: VectorIndex) -> None:
    index.remove([10, 99])
    assert index.keys == {20, 30}
    assert {key for key, _ in index.search(EYE[0], 3)} == {20, 30}


@pytest.mark.parametrize(
    ("vectors", "message"),
    [(np.zeros((1, 3), np.float32), "expected vectors of shape"), (np.full((1, 4), np.nan, np.float32), "NaN")],
)
def test_wrong_vectors_are_refused_and_change_nothing(index: VectorIndex, vectors: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        index.add([10], vectors)
    assert index.cosines(EYE[0], [10]) == [1.0]


def test_it_comes_back_from_disk(index: VectorIndex, tmp_path: Path) -> None:
    index.remove([20])
    index.save(tmp_path / "v")
    again = VectorIndex.load(tmp_path / "v")
    assert again.keys == {10, 30}
    assert again.search(EYE[2], 1) == [(30, 1.0)]


def test_an_empty_index_comes_back_too(tmp_path: Path) -> None:
    VectorIndex(4).save(tmp_path / "v")
    assert VectorIndex.load(tmp_path / "v").dimension == 4


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 1000])
def test_a_damaged_file_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(IndexDamaged):
        VectorIndex.load(tmp_path / "v")
    with pytest.raises(IndexDamaged):
        VectorIndex.load(tmp_path / "missing")
