"""The dense index keeps one contract, exact and as a graph."""

from datetime import date
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.encoder import Vectors
from nlp.errors import IndexDamaged
from nlp.filters import Filter, Label
from nlp.index import VectorIndex

EYE = np.eye(4, dtype=np.float32)
LABELS = [
    Label("shared", 1, "en", date(2024, 5, 1)),
    Label("chat:5", 2, "zh", date(2025, 1, 1)),
    Label("chat:5:9", 3, "en", date(2026, 1, 1)),
]


def renewed(index: VectorIndex) -> VectorIndex:
    """The index as a graph, where it is large enough for one."""
    fresh = index.begin_renewal().build()
    assert fresh is not None
    index.end_renewal(fresh)
    return index


@pytest.fixture(params=["flat", "graph"])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    index = VectorIndex(4, graph_from=1 if request.param == "graph" else 1000)
    index.add([10, 20, 30], EYE[:3], LABELS)
    return renewed(index)


def wants_renewal(index: VectorIndex) -> bool:
    return index.wants_renewal


def clustered(count: int, seed: int = 0) -> Vectors:
    """Unit vectors as encoders make them: around topics, with a few strong directions."""
    rng = np.random.default_rng(seed)
    topics = rng.normal(size=(40, 32))
    rows = topics[rng.integers(40, size=count)] + rng.normal(size=(count, 32)) / np.sqrt(1 + np.arange(32) / 2)
    vectors: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


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


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Filter(), {10, 20, 30}),
        (Filter(scopes=frozenset({"shared"})), {10}),
        (Filter(scopes=frozenset({"shared", "chat:5"})), {10, 20}),
        (Filter(scopes=frozenset({"chat:6"})), set()),
        (Filter(scopes=frozenset()), set()),
        (Filter(documents=frozenset({2, 3, 7})), {20, 30}),
        (Filter(languages=frozenset({"en"})), {10, 30}),
        (Filter(since=date(2025, 1, 1)), {20, 30}),
        (Filter(until=date(2025, 1, 1)), {10, 20}),
        (Filter(scopes=frozenset({"shared", "chat:5"}), languages=frozenset({"zh"}), until=date(2026, 1, 1)), {20}),
    ],
)
def test_filters_are_kept(index: VectorIndex, wanted: Filter, keys: set[int]) -> None:
    assert {key for key, _ in index.search(EYE[0], 3, wanted=wanted)} == keys


def test_a_filter_sees_what_changes_after_it_was_first_used(index: VectorIndex) -> None:
    shared = Filter(scopes=frozenset({"shared"}))
    assert [key for key, _ in index.search(EYE[3], 5, wanted=shared)] == [10]
    index.add([20], EYE[1:2], [Label("shared", 2)])
    assert {key for key, _ in index.search(EYE[3], 5, wanted=shared)} == {10, 20}
    index.remove([10])
    assert [key for key, _ in index.search(EYE[3], 5, wanted=shared)] == [20]


def test_adding_a_key_again_replaces_its_vector(index: VectorIndex) -> None:
    index.add([10], EYE[3:])
    assert len(index) == 3
    assert index.cosines(EYE[3], [10, 20]) == [1.0, 0.0]
    assert index.search(EYE[3], 1) == [(10, 1.0)]


def test_removing(index: VectorIndex) -> None:
    index.remove([10, 99])
    assert index.keys == {20, 30}
    assert {key for key, _ in index.search(EYE[0], 3)} == {20, 30}
    assert index.keys_of([1, 2]) == [20]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [(np.zeros((1, 3), np.float32), "expected vectors of shape"), (np.full((1, 4), np.nan, np.float32), "NaN")],
)
def test_wrong_vectors_are_refused_and_change_nothing(index: VectorIndex, vectors: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        index.add([10], vectors)
    with pytest.raises(ValueError, match="twice"):
        index.add([40, 40], EYE[:2])
    assert index.cosines(EYE[0], [10]) == [1.0]


def test_it_comes_back_from_disk(index: VectorIndex, tmp_path: Path) -> None:
    index.remove([20])
    index.save(tmp_path / "v")
    again = VectorIndex.load(tmp_path / "v")
    assert again.keys == {10, 30}
    assert again.search(EYE[2], 1) == [(30, 1.0)]
    assert again.search(EYE[2], 5, wanted=Filter(scopes=frozenset({"chat:5:9"}))) == [(30, 1.0)]
    assert again.search(EYE[2], 5, wanted=Filter(since=date(2026, 1, 2))) == []


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


def test_it_wants_a_graph_from_a_size_on_and_none_below() -> None:
    index = VectorIndex(32, graph_from=50)
    index.add(range(49), clustered(49))
    assert not wants_renewal(index)
    index.add([49], clustered(1))
    assert wants_renewal(index)
    assert renewed(index).store.has_graph
    assert not wants_renewal(index)


def test_an_index_of_many_removed_rows_is_renewed_without_them() -> None:
    index = VectorIndex(32)
    index.add(range(3000), clustered(3000))
    index.remove(range(1000))
    assert not wants_renewal(index)
    index.remove([1000])
    assert wants_renewal(index)
    assert len(renewed(index)) == len(index.store) == 1999
    assert not wants_renewal(index)


def test_what_changes_during_a_renewal_is_not_lost(index: VectorIndex) -> None:
    renewal = index.begin_renewal()
    index.remove([10])
    index.add([20], EYE[3:], [LABELS[0]])
    index.add([40], EYE[:1], [LABELS[1]])
    fresh = renewal.build()
    assert fresh is not None
    index.end_renewal(fresh)
    assert index.keys == {20, 30, 40}
    assert index.search(EYE[3], 1) == [(20, 1.0)]
    assert index.search(EYE[0], 5, wanted=Filter(scopes=frozenset({"chat:5"}))) == [(40, 1.0)]


def test_a_renewal_that_is_stopped_changes_nothing(index: VectorIndex) -> None:
    assert VectorIndex(4, graph_from=0).begin_renewal().build(lambda: True) is not None
    graph = VectorIndex(4, graph_from=1)
    graph.add([1], EYE[:1])
    assert graph.begin_renewal().build(lambda: True) is None
    assert graph.search(EYE[0], 1) == [(1, 1.0)]


def test_the_graph_finds_what_the_exact_search_finds() -> None:
    vectors, queries = clustered(4000), clustered(200, seed=1)
    flat, graph = VectorIndex(32), VectorIndex(32, graph_from=1)
    for index in (flat, graph):
        index.add(range(4000), vectors)
    renewed(graph).remove(range(0, 4000, 10))
    flat.remove(range(0, 4000, 10))
    found = [{key for key, _ in graph.search(query, 10)} for query in queries]
    exact = [{key for key, _ in flat.search(query, 10)} for query in queries]
    assert np.mean([len(f & e) / 10 for f, e in zip(found, exact, strict=True)]) >= 0.997


class PretendedGpu:
    """What FAISS makes of an index on a GPU: it finds the same, and refuses a filter."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    def search(self, rows: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        found: tuple[np.ndarray, np.ndarray] = self._index.search(rows, limit)
        return found


def test_a_gpu_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    index = VectorIndex(32)
    index.add(range(500), clustered(500), [Label(f"chat:{n % 3}") for n in range(500)])
    filters = [Filter(), *(Filter(scopes=frozenset({f"chat:{n}"})) for n in range(3))]
    queries = clustered(20, seed=2)
    exact = [index.search(query, 10, wanted=wanted) for query in queries for wanted in filters]
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(faiss, "index_cpu_to_all_gpus", PretendedGpu, raising=False)
    assert [index.search(query, 10, wanted=wanted) for query in queries for wanted in filters] == exact
    assert index.store._gpu is not None


SCOPES = ["shared", "chat:1", "chat:1:2", "chat:-1"]
CHANGES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from(SCOPES), st.integers(1, 4)), max_size=40
)


@given(CHANGES, st.frozensets(st.sampled_from(SCOPES)), st.sampled_from([1, 1000]), st.integers(0, 40))
def test_after_any_changes_exactly_the_admitted_keys_are_found(
    changes: list[tuple[bool, int, str, int]], scopes: frozenset[str], graph_from: int, renew_after: int
) -> None:
    index, expected = VectorIndex(4, graph_from), dict[int, Label]()
    for number, (added, key, scope, document) in enumerate(changes):
        if number == renew_after:
            renewed(index)
        if added:
            index.add([key], EYE[key % 4][None], [Label(scope, document)])
            expected[key] = Label(scope, document)
        else:
            index.remove([key])
            expected.pop(key, None)
    wanted = Filter(scopes=scopes)
    assert {key for key, _ in index.search(EYE[0], 50, wanted=wanted)} == {
        key for key, label in expected.items() if wanted.admits(label)
    }
    assert set(index.keys_of([1, 2])) == {key for key, label in expected.items() if label.document <= 2}
