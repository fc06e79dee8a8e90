"""Smaller routers: what they cost is measured, what costs too much is not kept."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.architectures.fused import FusedScorer
from nlp.backends.onnx_backend import open_onnx
from nlp.compression import compress, export_onnx, prune_ngrams, with_int8_heads
from nlp.encoder import Encoded
from nlp.errors import EncoderError, ModelError
from nlp.minilm import MiniLMEncoder
from nlp.model_store import ModelStore
from nlp.packing import Packing
from nlp.router import Router, load_router
from nlp.training import run
from nlp.training.configs import FusedConfig
from nlp.training.router import save_router, train_router
from tests.support.berts import small_bert
from tests.support.models import EXAMPLES, BagEncoder, small_router

TEXTS = [example.text for example in EXAMPLES]


class TwoEncoders(BagEncoder):
    """Has an int8 twin whose features are these with noise of the given size; None has no twin."""

    def __init__(self, noise: float | None) -> None:
        super().__init__()
        self._noise = noise

    def quantized(self) -> "TwoEncoders":
        """A twin that counts its own calls."""
        if self._noise is None:
            raise EncoderError("there is no int8 graph")
        return Noisy(self._noise)


class Noisy(TwoEncoders):
    """The twin."""

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        encoded = super().features(texts)
        random = np.random.default_rng(0)
        noise = random.normal(size=encoded.vectors.shape).astype(np.float32) * (self._noise or 0)
        return Encoded(encoded.vectors + noise, encoded.coverage)


@pytest.fixture(scope="module")
def router() -> Router:
    return small_router()


def scorer_of(router: Router) -> FusedScorer:
    assert isinstance(router.scorer, FusedScorer)
    return router.scorer


def megabytes(router: Router) -> int:
    return sum(array.nbytes for array in router.to_arrays()[1].values())


def test_pruning_drops_weights_and_empty_ngrams_and_tuning_brings_the_logits_back(router: Router) -> None:
    scorer = scorer_of(router)
    cut, tuned = run(prune_ngrams(scorer, TEXTS, 0.8))
    zeros = [(s.weights.sparse == 0).sum() for s in (cut, tuned)]
    assert zeros[0] == zeros[1]
    left = (cut.weights.sparse != 0).sum() / scorer.weights.sparse.size
    assert left == pytest.approx(0.2, abs=0.01)
    assert len(cut.vocabulary) == len(tuned.weights.sparse) < len(scorer.vocabulary)
    assert cut.weights.sparse.any(axis=1).all()
    whole = scorer.score(TEXTS).logits
    miss = [np.abs(s.score(TEXTS).logits - whole).mean() for s in (cut, tuned)]
    assert miss[1] < miss[0] / 2


def test_each_step_is_measured_and_the_result_is_smaller(router: Router) -> None:
    result, trials = run(compress(router, EXAMPLES, EXAMPLES, int8=True, prune=0.7))
    assert [(trial.name, trial.kept) for trial in trials] == [
        ("as it is", True),
        ("pruned 70%, not tuned", False),
        ("pruned 70%, tuned", True),
        ("int8 heads", True),
    ]
    assert megabytes(result) < 0.6 * megabytes(router)
    assert megabytes(result) / 1e6 == pytest.approx(trials[-1].report.model_mb)
    agreed = [a.intent.label == b.intent.label for a, b in zip(*map(_routes, (result, router)), strict=True)]
    assert np.mean(agreed) == 1


def _routes(router: Router) -> list[object]:
    return list(router.route_many(TEXTS))


@pytest.mark.parametrize(("noise", "kept"), [(0.001, True), (100.0, False)])
def test_an_int8_encoder_serves_only_if_accuracy_allows(tmp_path: Path, noise: float, kept: bool) -> None:
    encoder = TwoEncoders(noise)
    trained = run(train_router(EXAMPLES, encoder, FusedConfig(iterations=15, held_out=0.5)))
    assert isinstance(scorer_of(trained).light, Noisy if kept else type(None))
    full = Router(replace(scorer_of(trained), light=None, packing=Packing()), trained.calibration)
    result, trials = run(compress(full, EXAMPLES, [], int8=True, prune=0))
    assert (trials[-1].name, trials[-1].kept) == ("int8 encoder", kept)
    assert (trials[-1].report.accuracy >= trials[0].report.accuracy - 0.002) is kept
    store = ModelStore(tmp_path)
    manifest = save_router(result, store, EXAMPLES, FusedConfig())
    again, _ = load_router(store.folder("router", manifest.version), encoder)
    assert isinstance(scorer_of(again).light, Noisy if kept else type(None))
    assert scorer_of(again).packing == replace(scorer_of(result).packing, int8_heads=True)
    assert again.route_many(TEXTS) == result.route_many(TEXTS)


@pytest.mark.parametrize("encoder", [BagEncoder(), TwoEncoders(None)])
def test_a_router_with_an_int8_encoder_serves_in_full_precision_where_there_is_none(
    tmp_path: Path, encoder: BagEncoder
) -> None:
    router = run(train_router(EXAMPLES, TwoEncoders(0.001), FusedConfig(iterations=15)))
    assert scorer_of(router).light is not None
    store = ModelStore(tmp_path)
    manifest = save_router(router, store, EXAMPLES, FusedConfig())
    again, _ = load_router(store.folder("router", manifest.version), encoder)
    assert scorer_of(again).light is None
    assert again.route("hello there").intent.label == "greeting"


def test_a_compressed_router_survives_storing_bit_for_bit(router: Router, tmp_path: Path) -> None:
    result, _ = run(compress(router, EXAMPLES, EXAMPLES, int8=True, prune=0.5))
    store = ModelStore(tmp_path)
    first = save_router(result, store, EXAMPLES, FusedConfig())
    again, _ = load_router(store.folder("router", first.version), BagEncoder())
    second = save_router(again, store, EXAMPLES, FusedConfig())
    assert second.files == first.files
    assert again.route_many(TEXTS) == result.route_many(TEXTS)


def test_int8_heads_twice_are_int8_heads_once(router: Router) -> None:
    once = with_int8_heads(scorer_of(router))
    np.testing.assert_allclose(with_int8_heads(once).weights.sparse, once.weights.sparse, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(router: Router, share: float) -> None:
    with pytest.raises(ModelError, match="give a share from 0 up to 1"):
        run(compress(router, EXAMPLES, EXAMPLES, int8=False, prune=share))


def test_encoder_and_dense_heads_become_one_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    folder = small_bert(tmp_path / "bert")
    monkeypatch.setattr("nlp.compression.bundled_folder", lambda: folder)
    encoder = MiniLMEncoder(folder, open_onnx(tmp_path / "cache", folder, "weights"))
    router = run(train_router(EXAMPLES, encoder, FusedConfig(iterations=5)))
    export_onnx(router, tmp_path / "router.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "router.onnx", providers=["CPUExecutionProvider"])
    texts = ["how do i reset my password", "the office opens zzz at nine", "zzz zzz", ""]
    scorer, encoded = scorer_of(router), encoder.features(texts)

    assert scorer.weights.hidden is not None
    vectors = encoded.vectors * scorer.dense_scale
    expected = vectors @ scorer.weights.dense + scorer.weights.bias + scorer.weights.hidden.logits(vectors)
    for row, text in zip(expected, texts, strict=True):
        ids = np.array([encoder._tokenizer.encode(text).ids], np.int64)
        logits, coverage = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        np.testing.assert_allclose(logits[0], row, atol=1e-3)
        assert coverage[0] == pytest.approx(encoder.features([text]).coverage[0])
    with pytest.raises(ModelError, match="exists: choose a new file"):
        export_onnx(router, tmp_path / "router.onnx")


def test_an_encoder_that_is_not_the_bundled_one_is_not_exported(router: Router, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="encoder 'bag' cannot be exported"):
        export_onnx(router, tmp_path / "router.onnx")
    assert list(tmp_path.iterdir()) == []
