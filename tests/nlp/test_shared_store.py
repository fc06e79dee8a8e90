"""Stores of two machines with a URL between them: whole versions or none, and what serves at one serves at both."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from nlp.errors import ModelError
from nlp.model_store import ModelStore, read_model
from nlp.shared_store import SharedStore, open_store
from tests.nlp.test_model_store import ARRAYS, MANIFEST

KIND = MANIFEST.kind


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield "memory://bucket/dawen" if request.param == "memory" else f"file://{tmp_path}/bucket/dawen"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def stores(tmp_path: Path, url: str) -> tuple[ModelStore, ModelStore]:
    return open_store(tmp_path / "a", url), open_store(tmp_path / "b", url)


def save(store: ModelStore, parent: str | None = None) -> str:
    return store.save(replace(MANIFEST, parent=parent), ARRAYS, {"report.html": "好"}).version


def serve(store: ModelStore, parent: str | None = None) -> str:
    version = save(store, parent)
    store.promote(KIND, version)
    return version


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_promoted_at_one_machine_serves_at_the_other(stores: tuple[ModelStore, ModelStore]) -> None:
    here, there = stores
    first = serve(here)
    there.catch_up([KIND])
    assert there.current(KIND) == first
    assert content(there.folder(KIND, first)) == content(here.folder(KIND, first))
    second = serve(there, first)
    here.follow([KIND])
    assert (here.current(KIND), here.versions(KIND)) == (second, [first, second])


def test_a_new_machine_gets_every_version_that_was_shared_and_none_that_was_not(
    stores: tuple[ModelStore, ModelStore],
) -> None:
    here, there = stores
    first, candidate = serve(here), save(here)
    second = serve(here, first)
    there.catch_up([KIND, "thresholds"])
    assert there.versions(KIND) == sorted([first, second])
    assert candidate not in there.versions(KIND)
    here.share(KIND, candidate)
    there.fetch(KIND, candidate)
    assert candidate in there.versions(KIND)
    assert there.current(KIND) == second


def test_the_way_back_is_shared_with_a_version(stores: tuple[ModelStore, ModelStore]) -> None:
    here, there = stores
    base = save(here)
    serve(here, base)
    there.catch_up([KIND])
    assert base in there.versions(KIND)


def test_a_store_that_served_before_it_was_shared_is_shared_then(tmp_path: Path, url: str) -> None:
    version = serve(ModelStore(tmp_path / "a"))
    open_store(tmp_path / "a", url).catch_up([KIND])
    open_store(tmp_path / "b", url).catch_up([KIND])
    assert ModelStore(tmp_path / "b").current(KIND) == version


@pytest.mark.parametrize("last", range(3))  # a version has three files
def test_copying_that_is_cut_short_is_not_seen_and_is_done_again(
    stores: tuple[ModelStore, ModelStore], monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    here, there = stores
    first = serve(here)
    second = save(here, first)
    monkeypatch.setattr(fs(here), "put_file", cut(here, "put_file", last))
    with pytest.raises(ModelError, match="cannot be reached"):
        here.promote(KIND, second)
    monkeypatch.undo()
    there.catch_up([KIND])
    assert (here.current(KIND), there.current(KIND), there.versions(KIND)) == (first, first, [first])
    here.promote(KIND, second)
    there.follow([KIND])
    assert content(there.folder(KIND, second)) == content(here.folder(KIND, second))


@pytest.mark.parametrize("last", range(3))  # a version has three files
def test_fetching_that_is_cut_short_leaves_what_serves_and_is_done_again(
    stores: tuple[ModelStore, ModelStore], monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    here, there = stores
    first = serve(here)
    there.catch_up([KIND])
    second = serve(here, first)
    monkeypatch.setattr(fs(there), "get_file", cut(there, "get_file", last))
    with pytest.raises(ModelError, match="cannot be reached"):
        there.follow([KIND])
    assert (there.current(KIND), there.versions(KIND)) == (first, [first])
    monkeypatch.undo()
    there.follow([KIND])
    assert there.current(KIND) == second


def fs(store: ModelStore) -> object:
    assert isinstance(store, SharedStore)
    return store._there


def cut(store: ModelStore, name: str, last: int) -> Callable[..., None]:
    """A method of the file system that fails from its call of that number on."""
    whole, calls = getattr(fs(store), name), count()

    def failing(*arguments: object, **options: object) -> None:
        if next(calls) >= last:
            raise ConnectionResetError("gone")
        whole(*arguments, **options)

    return failing


def test_a_version_that_is_damaged_here_is_fetched_anew(stores: tuple[ModelStore, ModelStore]) -> None:
    here, _ = stores
    version = serve(here)
    (here.folder(KIND, version) / "model.safetensors").write_bytes(b"?")
    here.catch_up([KIND])
    read_model(here.folder(KIND, version))


def test_a_version_that_is_damaged_there_serves_nowhere_new(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/bucket"
    here, there = open_store(tmp_path / "a", url), open_store(tmp_path / "b", url)
    first = serve(here)
    there.catch_up([KIND])
    second = serve(here, first)
    (tmp_path / "bucket" / KIND / second / "model.safetensors").write_bytes(b"?")
    with pytest.raises(ModelError, match=rf"router {second} at .* is damaged: go back a version"):
        there.follow([KIND])
    assert (there.current(KIND), there.versions(KIND)) == (first, [first])


def test_a_version_that_is_damaged_there_keeps_no_new_machine_from_serving(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/bucket"
    here, there = open_store(tmp_path / "a", url), open_store(tmp_path / "b", url)
    first = serve(here)
    second = serve(here, first)
    (tmp_path / "bucket" / KIND / first / "model.safetensors").write_bytes(b"?")
    with pytest.raises(ModelError, match="is damaged"):
        there.catch_up([KIND])
    assert there.current(KIND) == second


def test_removing_that_is_cut_short_is_not_seen(
    stores: tuple[ModelStore, ModelStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = stores
    first = serve(here)
    second = serve(here, first)
    monkeypatch.setattr(fs(here), "rm", cut(here, "rm", 0))
    with pytest.raises(ModelError, match="cannot be reached"):
        here.remove(KIND, first)
    there.catch_up([KIND])
    assert there.versions(KIND) == [second]


def test_what_is_removed_is_removed_there_too(stores: tuple[ModelStore, ModelStore]) -> None:
    here, there = stores
    first = serve(here)
    serve(here, first)
    here.remove(KIND, first)
    there.catch_up([KIND])
    assert first not in there.versions(KIND)


def test_where_nothing_lies_nothing_changes(stores: tuple[ModelStore, ModelStore], tmp_path: Path) -> None:
    for store in (*stores, ModelStore(tmp_path / "alone")):
        store.catch_up([KIND])
        store.follow([KIND])
        store.fetch(KIND, "v1")
        assert (store.current(KIND), store.versions(KIND)) == (None, [])


def test_a_url_of_an_unknown_kind_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'nope://host/models' \(Protocol not known: nope\): correct DAWEN_MODELS"):
        open_store(tmp_path, "nope://ada:geheim@host/models")


def test_a_url_whose_library_is_missing_is_said_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ModelError, match="Install s3fs"):
        open_store(tmp_path, "s3://bucket/models")


def test_a_url_that_does_not_answer_is_said(
    stores: tuple[ModelStore, ModelStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = stores
    monkeypatch.setattr(fs(here), "cat_file", cut(here, "cat_file", 0))
    with pytest.raises(ModelError, match=r"cannot be reached \(ConnectionResetError\): check DAWEN_MODELS"):
        here.follow([KIND])
