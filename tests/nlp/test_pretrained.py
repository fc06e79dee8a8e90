"""Pre-trained encoders: what names code or kernels to be fetched is refused, wherever it is written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from nlp.architectures import load_scorer
from nlp.errors import EncoderError, ModelError
from nlp.pretrained import load_pretrained
from nlp.training import run
from nlp.training.router import train_router
from tests.support.models import EXAMPLES, BagEncoder
from tests.support.networks import SMALL_TRANSFORMER, write_encoder

DANGERS: list[dict[str, Any]] = [
    {"auto_map": {"AutoModel": "code.Model"}},
    {"_attn_implementation_internal": "somebody/kernel"},
    {"_attn_implementation": "somebody/kernel"},
    {"attn_implementation": "somebody/kernel"},
    {"text_config": {"_attn_implementation_internal": "somebody/kernel"}},
]


def test_an_encoder_is_loaded_without_its_pooler(tmp_path: Path) -> None:
    found = load_pretrained(str(write_encoder(tmp_path)))
    assert (found.pad, found.unknown, found.positions) == (0, 1, 40)
    assert not any("pooler" in name for name, _ in found.network.named_parameters())
    assert str(tmp_path) not in json.dumps(found.configuration)
    assert found.fingerprint == load_pretrained(str(tmp_path)).fingerprint


@pytest.mark.parametrize("danger", DANGERS)
def test_a_dangerous_encoder_is_refused(tmp_path: Path, danger: dict[str, Any]) -> None:
    (tmp_path / "code.py").write_text("raise SystemExit('ran')")
    with pytest.raises(EncoderError, match="in its configuration, which is refused"):
        load_pretrained(str(write_encoder(tmp_path, **danger)))


@pytest.mark.parametrize("danger", DANGERS)
def test_a_dangerous_stored_router_is_refused(tmp_path: Path, danger: dict[str, Any]) -> None:
    config = replace(SMALL_TRANSFORMER, epochs=1, base=str(write_encoder(tmp_path)))
    configuration, arrays = run(train_router(EXAMPLES, BagEncoder(), config)).scorer.to_arrays()
    configuration["encoder"] = {**configuration["encoder"], **danger}
    with pytest.raises(ModelError, match="in its configuration, which is refused"):
        load_scorer("transformer", configuration, arrays, BagEncoder())
    configuration["encoder"] = {"model_type": "no such model"}
    with pytest.raises(ModelError, match="of no known encoder"):
        load_scorer("transformer", configuration, arrays, BagEncoder())


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"give a folder with config\.json, model\.safetensors"):
        load_pretrained(str(folder))


def test_a_missing_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nowhere' cannot be loaded for training"):
        load_pretrained(str(tmp_path / "nowhere"))
