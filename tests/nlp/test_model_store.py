"""Models on disk: whole or not at all, and checked when read."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.model_store import (
    DataSnapshot,
    Manifest,
    ModelStore,
    check_unused,
    read_extra,
    read_manifest,
    read_model,
    write_extra,
    write_model,
)

MANIFEST = Manifest("router", "fused", {"labels": ["问", "答"]}, DataSnapshot("ab", 3, ("en.jsonl",)), seed=1)
ARRAYS = {"weights": np.arange(6, dtype=np.float32).reshape(2, 3), "hashes": np.array([1, 2**32 - 1], np.uint32)}


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    written = write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    manifest, arrays = read_model(tmp_path / "v1")
    assert manifest == written
    assert (manifest.version, manifest.configuration, manifest.data) == ("v1", MANIFEST.configuration, MANIFEST.data)
    assert set(manifest.libraries) >= {"torch", "numpy"}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_nothing_is_replaced(tmp_path: Path) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    with pytest.raises(ModelError, match="is not empty"):
        write_model(tmp_path / "v1", MANIFEST, ARRAYS)


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="No space left on device"):
        write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from nlp.errors import ModelError
from nlp.model_store import ModelStore
from tests.nlp.test_model_store import MANIFEST

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
size, text = map(int, sys.argv[2:])
try:
    ModelStore(Path(sys.argv[1])).save(MANIFEST, {"weights": np.zeros(size, np.float32)}, {"report.html": "x" * text})
except ModelError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("size", "text"), [(1_000_000, 1), (10, 1_000_000)])
def test_a_disk_that_is_full_leaves_the_serving_version_alone(tmp_path: Path, size: int, text: int) -> None:
    store = ModelStore(tmp_path)
    serving = store.save(MANIFEST, ARRAYS).version
    store.promote("router", serving)
    command = [sys.executable, "-c", FULL, str(tmp_path), str(size), str(text)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert "the model was not saved to" in done.stdout
    assert "File too large" in done.stdout
    assert store.current("router") == serving
    assert sorted(path.name for path in (tmp_path / "router").iterdir()) == sorted(["current", serving])
    read_model(store.folder("router", serving))


def test_further_files_are_written_and_hashed(tmp_path: Path) -> None:
    manifest = write_model(tmp_path / "v1", MANIFEST, ARRAYS, {"report.html": "<p>问答</p>"})
    assert (tmp_path / "v1" / "report.html").read_text(encoding="utf-8") == "<p>问答</p>"
    assert set(manifest.files) == {"model.safetensors", "report.html"}


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json", "report.html"])
def test_damage_is_found(tmp_path: Path, name: str) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS, {"report.html": "<p>how it went</p>"})
    path = tmp_path / "v1" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ModelError):
        read_model(tmp_path / "v1")


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    (tmp_path / "v1" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="missing or damaged"):
        read_model(tmp_path / "v1")
    with pytest.raises(ModelError, match="is not the manifest of a model"):
        read_manifest(tmp_path / "nowhere")


def test_a_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    path = tmp_path / "v1" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../secret"] = manifest["files"]["model.safetensors"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="missing or damaged"):
        read_model(tmp_path / "v1")


def test_another_format_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    path = tmp_path / "v1" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ModelError, match="has format 99"):
        read_manifest(tmp_path / "v1")


def test_the_serving_version_is_a_pointer(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert store.current("router") is None
    one = store.save(MANIFEST, ARRAYS)
    assert store.current("router") is None
    store.promote("router", one.version)
    assert store.current("router") == one.version
    assert store.versions("router") == [one.version]
    with pytest.raises(ModelError):
        store.promote("router", "20200101-000000-aaaaaa")
    assert store.current("router") == one.version


@pytest.mark.parametrize("version", ["../x", "", ".hidden", "a/b", "a" * 200])
def test_a_version_is_a_plain_name(tmp_path: Path, version: str) -> None:
    with pytest.raises(ModelError, match="not the name of a model version"):
        ModelStore(tmp_path).folder("router", version)


def test_versions_of_the_same_second_and_content_are_apart(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    versions = [store.save(MANIFEST, ARRAYS).version for _ in range(3)]
    assert len(set(versions)) == 3
    assert store.versions("router") == sorted(versions)


def test_a_folder_is_checked_before_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder, words in ((tmp_path, "is not empty"), (tmp_path / "file", "is a file")):
        with pytest.raises(ModelError, match=f"{words}: choose a new folder"):
            check_unused(folder)
    check_unused(tmp_path / "new")


def test_a_pointer_that_is_no_text_points_nowhere(tmp_path: Path) -> None:
    (tmp_path / "router").mkdir()
    (tmp_path / "router" / "current").write_bytes(b"\xff\xfe")
    assert ModelStore(tmp_path).current("router") is None


def test_a_full_disk_leaves_no_damaged_model(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ModelError, match=r"the model was not saved to .*: .*File too large"):
            write_model(tmp_path / "new", MANIFEST, {"a": np.ones(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_what_is_found_of_a_model_later_stands_beside_it(tmp_path: Path) -> None:
    written = write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    assert read_extra(tmp_path / "v1", "verdict.json") is None
    for value in ({"promote": False}, {"promote": True, "why": "更好"}):
        write_extra(tmp_path / "v1", "verdict.json", value)
        assert read_extra(tmp_path / "v1", "verdict.json") == value
    assert read_model(tmp_path / "v1")[0] == written
    assert not list((tmp_path / "v1").glob(".new-*"))
    (tmp_path / "v1" / "verdict.json").write_text("[1")
    assert read_extra(tmp_path / "v1", "verdict.json") is None


@pytest.mark.parametrize("name", ["manifest.json", "model.safetensors", "../verdict.json"])
def test_it_replaces_nothing_of_the_model(tmp_path: Path, name: str) -> None:
    write_model(tmp_path / "v1", MANIFEST, ARRAYS)
    with pytest.raises(ModelError, match="choose another name"):
        write_extra(tmp_path / "v1", name, {})
    with pytest.raises(ModelError, match="is not the manifest of a model"):
        write_extra(tmp_path / "v2", "verdict.json", {})
