"""The encoder in torch."""

from pathlib import Path

import numpy as np
import pytest

from nlp.backends.torch_backend import TileBackend, TorchBackend, load_bert
from nlp.errors import EncoderError
from nlp.minilm import pad
from tests.support.berts import small_bert


def test_vectors_are_unit_and_padding_changes_nothing(tmp_path: Path) -> None:
    backend = TorchBackend(load_bert(small_bert(tmp_path)), "cpu")
    texts = [[2, 4, 5, 3], [2, *range(4, 24), 3]]
    together, alone = backend.forward(*pad(texts)), backend.forward(*pad(texts[:1]))
    for output, single in zip(together, alone, strict=True):
        np.testing.assert_allclose(np.linalg.norm(output, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(output[:1], single, atol=1e-5)
    assert [output.shape for output in together] == [(2, 32), (2, 128)]


def test_half_precision_is_for_gpus_alone(tmp_path: Path) -> None:
    model = load_bert(small_bert(tmp_path))
    with pytest.raises(EncoderError, match="half precision was asked for on device 'cpu'"):
        TorchBackend(model, "cpu", half=True)
    with pytest.raises(EncoderError, match="int8 weights with ONNX Runtime alone"):
        TorchBackend(model, "cpu").quantized()


def test_many_passages_in_bfloat16_have_all_but_the_same_vectors(tmp_path: Path) -> None:
    folder = small_bert(tmp_path, spread=0.1)
    full, tiles = TorchBackend(load_bert(folder), "cpu"), TileBackend(load_bert(folder))
    texts = pad([[2, 4, 5, 3], [2, *range(4, 24), 3], [2, 9, 3]])
    for one, other in zip(full.forward(*texts), tiles.forward(*texts), strict=True):
        assert other.dtype == np.float32
        assert (one * other).sum(axis=1).min() > 0.9995
    with pytest.raises(EncoderError, match="passages alone"):
        tiles.quantized()
