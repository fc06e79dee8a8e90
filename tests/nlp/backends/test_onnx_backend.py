"""The encoder in ONNX Runtime: it says what torch says, and its cache is whole, fresh, or made again."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.backends.onnx_backend import AGREEMENT, OnnxBackend, agreement, open_onnx
from nlp.backends.torch_backend import TorchBackend, load_bert
from nlp.encoder import BUNDLED, load_encoder
from nlp.errors import EncoderError
from nlp.minilm import MiniLMEncoder
from tests.support.berts import small_bert

IDS = [[2, 4, 5, 6, 3], [2, 7, 3], [2, 3], [2, *range(4, 20), 3]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return small_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def full(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxBackend:
    """The small encoder, exported; nobody damages it."""
    return open_onnx(tmp_path_factory.mktemp("cache"), folder, "weights")


def graphs(cache: Path) -> list[str]:
    return sorted(path.name.rpartition("-")[2] for path in cache.iterdir())


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whoever exports."""

    def refuse(*_: object) -> None:
        raise EncoderError("nothing shall be exported now")

    monkeypatch.setattr("nlp.backends.onnx_export.export_encoder", refuse)


def test_it_says_what_torch_says_for_any_batch_and_length(full: OnnxBackend, folder: Path) -> None:
    torch = TorchBackend(load_bert(folder), "cpu")
    assert min(agreement(full, torch, IDS)) > AGREEMENT


def test_int8_weights_say_nearly_the_same_in_less_room(full: OnnxBackend) -> None:
    light = full.quantized()
    sentence, features = agreement(light, full, IDS)
    assert 0.95 < features < 1
    assert 0.95 < sentence < 1
    sizes = [backend._path.stat().st_size for backend in (light, full)]
    assert sizes[0] < sizes[1]


def test_an_export_that_fails_leaves_nothing(folder: Path, tmp_path: Path, no_export: None) -> None:
    with pytest.raises(EncoderError, match="nothing shall be exported"):
        open_onnx(tmp_path, folder, "weights")
    assert graphs(tmp_path) == []


def test_an_exported_graph_is_opened_again(full: OnnxBackend, folder: Path, no_export: None) -> None:
    again = open_onnx(full._path.parents[1], folder, "weights")
    assert min(agreement(again, full, IDS)) > 0.999999


@pytest.mark.parametrize("name", ["graph.onnx", "graph.json"])
@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_damaged_graph_is_made_again(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, damage: bytes | None
) -> None:
    first = open_onnx(tmp_path, folder, "weights")
    path = first._path.with_name(name)
    path.unlink() if damage is None else path.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        again = open_onnx(tmp_path, folder, "weights")
    assert min(agreement(again, first, IDS)) > 0.999999
    assert [record.getMessage().endswith("is damaged; it is made again") for record in caplog.records] == [True]
    assert graphs(tmp_path) == ["fp32"]


def test_graphs_of_other_weights_are_not_used_and_go(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    old = open_onnx(tmp_path, folder, "old")
    old.quantized()
    assert graphs(tmp_path) == ["fp32", "int8", "mine"]
    new = open_onnx(tmp_path, small_bert(tmp_path / "other", seed=1), "new")
    assert new._path != old._path
    assert agreement(new, old, IDS)[0] < 0.9
    assert graphs(tmp_path) == ["fp32", "mine", "other"]


def test_a_graph_that_differs_from_torch_is_not_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nlp.backends.onnx_export import export_encoder

    other = load_bert(small_bert(tmp_path / "other", seed=2), "eager")
    monkeypatch.setattr("nlp.backends.onnx_export.export_encoder", lambda _, path: export_encoder(other, path))
    with pytest.raises(EncoderError, match=r"agrees with torch to -?0\.\d+ only, 0.9999 is needed"):
        open_onnx(tmp_path / "cache", folder, "weights")
    assert graphs(tmp_path / "cache") == []


def test_what_is_checked_is_written_beside_the_graph(full: OnnxBackend) -> None:
    facts = json.loads(full._path.with_name("graph.json").read_text(encoding="utf-8"))
    assert min(facts["agreement"].values()) >= AGREEMENT
    assert len(facts["sha256"]) == 64


@pytest.fixture
def bundled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small encoder in place of the bundled one."""
    monkeypatch.setattr("nlp.encoder.bundled_folder", lambda: folder)


def test_where_the_cache_cannot_be_written_torch_serves_and_one_line_says_so(
    bundled: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        encoder = load_encoder(BUNDLED, "cpu", tmp_path / "file" / "encoder")
    assert type(_backend(encoder)) is TorchBackend
    (record,) = caplog.records
    assert record.getMessage().endswith("torch serves the encoder instead")
    with pytest.raises(EncoderError, match="cannot be written"):
        load_encoder(BUNDLED, "cpu", tmp_path / "file" / "encoder", "onnx")


@pytest.mark.parametrize("fault", ["library", "exporter"])
def test_where_there_is_no_library_or_exporter_torch_serves(
    bundled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("gone")

    if fault == "library":
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    else:
        monkeypatch.setattr("torch.onnx.export", fail)
    with caplog.at_level(logging.WARNING):
        assert type(_backend(load_encoder(BUNDLED, "cpu", tmp_path / "cache"))) is TorchBackend
    assert [record.getMessage().endswith("torch serves the encoder instead") for record in caplog.records] == [True]


@pytest.mark.parametrize(
    ("cached", "choice", "expected"),
    [
        (True, "auto", OnnxBackend),
        (True, "torch", TorchBackend),
        (True, "onnx", OnnxBackend),
        (False, "auto", TorchBackend),
        (False, "onnx", OnnxBackend),
    ],
)
def test_the_choice_is_kept_and_texts_have_the_same_vectors(
    bundled: None, tmp_path: Path, cached: bool, choice: Any, expected: type
) -> None:
    encoder = load_encoder(BUNDLED, "cpu", tmp_path if cached else None, choice)
    assert type(_backend(encoder)) is expected
    texts = ["reset my password", "", "the office opens at nine and closes at six " * 20]
    torch = load_encoder(BUNDLED, "cpu")
    assert encoder.fingerprint == torch.fingerprint
    np.testing.assert_allclose(encoder.encode(texts).vectors, torch.encode(texts).vectors, atol=1e-4)
    np.testing.assert_allclose(encoder.features(texts).vectors, torch.features(texts).vectors, atol=1e-4)


def test_a_back_end_that_cannot_serve_the_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="serves 'all-MiniLM-L6-v2' on the CPU, not 'other/model'"):
        load_encoder("other/model", "cpu", tmp_path, "onnx")
    with pytest.raises(EncoderError, match="'tensorrt' is not known: use auto, torch, onnx"):
        load_encoder(BUNDLED, "cpu", tmp_path, "tensorrt")  # type: ignore[arg-type]


def _backend(encoder: object) -> object:
    assert isinstance(encoder, MiniLMEncoder)
    return encoder._backend


@pytest.mark.slow
def test_the_bundled_encoder_says_the_same_in_both(tmp_path: Path) -> None:
    texts = ["How do I reset my password?", "hi", "谢谢 for the help with my account", "a long story about cats " * 60]
    onnx, torch = load_encoder(BUNDLED, "cpu", tmp_path), load_encoder(BUNDLED, "cpu")
    assert type(_backend(onnx)) is OnnxBackend
    for one, other in (
        (onnx.encode(texts, floor=-1), torch.encode(texts, floor=-1)),
        (onnx.features(texts), torch.features(texts)),
    ):
        np.testing.assert_allclose((one.vectors * other.vectors).sum(1), (other.vectors**2).sum(1), atol=1e-4)
        np.testing.assert_array_equal(one.coverage, other.coverage)
