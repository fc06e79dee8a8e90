"""A retriever's adapter: it moves questions, leaves passages, and is of one encoder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.adapter import KIND, QueryAdapter, load_adapter
from nlp.encoder import Encoded
from nlp.errors import ModelError
from nlp.model_store import Manifest, ModelStore
from nlp.training.retriever import describe_adapter
from tests.support.models import DIMENSION, BagEncoder


def adapter(scale: float = 1.0, encoder: str = "bag") -> QueryAdapter:
    """One that turns every direction a little, by chance."""
    chance = np.random.default_rng(0)
    down, up = (chance.normal(size=shape).astype(np.float32) for shape in ((DIMENSION, 3), (3, DIMENSION)))
    return QueryAdapter(down * scale, up * scale, encoder)


def test_what_is_moved_has_unit_length_and_what_is_unknown_stays_zero() -> None:
    encoded = BagEncoder().encode(["how do i get a refund", "退款政策是什么"], "query")
    moved = adapter().adapt(encoded)
    assert np.linalg.norm(moved.vectors, axis=1) == pytest.approx([1.0, 0.0], abs=1e-6)
    assert not np.allclose(moved.vectors[0], encoded.vectors[0], atol=0.01)
    assert (moved.coverage == encoded.coverage).all()
    assert moved.vectors.dtype == np.float32


def saved(found: QueryAdapter, store: ModelStore, **details: Any) -> Manifest:
    return store.save(describe_adapter(found, [], **details), found.to_arrays())


def test_without_a_change_vectors_stay() -> None:
    encoded = BagEncoder().encode(["refund"], "query")
    assert adapter(0.0).apply(encoded.vectors) == pytest.approx(encoded.vectors, abs=1e-6)
    assert len(adapter().adapt(Encoded(encoded.vectors[:0], encoded.coverage[:0]))) == 0


def test_what_is_stored_is_what_is_loaded(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = saved(adapter(), store, parent="before", scores={"mrr": 0.5})
    loaded = load_adapter(store.folder(KIND, manifest.version), BagEncoder())
    assert loaded.version == manifest.version
    assert (loaded.down == adapter().down).all()
    assert (loaded.up == adapter().up).all()
    assert (manifest.parent, manifest.scores) == ("before", {"mrr": 0.5})


def test_one_of_another_encoder_or_size_or_kind_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    other = saved(adapter(encoder="other"), store)
    with pytest.raises(ModelError, match="'other', and the present one is 'bag'"):
        load_adapter(store.folder(KIND, other.version), BagEncoder())
    cut = QueryAdapter(adapter().down[:5], adapter().up[:, :5], "bag")
    with pytest.raises(ModelError, match="does not fit"):
        load_adapter(store.folder(KIND, saved(cut, store).version), BagEncoder())
    endless = QueryAdapter(adapter().down * np.inf, adapter().up, "bag")
    with pytest.raises(ModelError, match="does not fit"):
        load_adapter(store.folder(KIND, saved(endless, store).version), BagEncoder())


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    folder = store.folder(KIND, saved(adapter(), store).version)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(ModelError, match="missing or damaged"):
        load_adapter(folder, BagEncoder())
