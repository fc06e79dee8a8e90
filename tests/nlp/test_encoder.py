"""Encoders: the contract on every implementation, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.encoder import BUNDLED, Encoder, bundled_folder, check_sha256, load_encoder, pick_device, pool, trust
from nlp.errors import EncoderError
from nlp.text import has_han
from tests.support.models import BagEncoder

TEXTS = [
    "How do I reset my password?",
    "怎么重置密码",
    "",
    "a much longer sentence about how passwords are reset " * 40,
]


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return load_encoder(BUNDLED, "cpu")


@pytest.fixture(scope="module")
def from_folder() -> Encoder:
    return load_encoder(str(bundled_folder()), "cpu")


@pytest.fixture(
    params=["bag", pytest.param("bundled", marks=pytest.mark.slow), pytest.param("from_folder", marks=pytest.mark.slow)]
)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "bag":
        return BagEncoder()
    found: Encoder = request.getfixturevalue(request.param)
    return found


def test_vectors_have_unit_norm_and_the_order_of_the_texts(encoder: Encoder) -> None:
    encoded = encoder.encode(TEXTS, floor=-1)
    assert encoded.vectors.dtype == np.float32
    assert encoded.vectors.shape == (len(TEXTS), encoder.dimension)
    alone = [encoder.encode([text], floor=-1).vectors[0] for text in TEXTS]
    np.testing.assert_allclose(encoded.vectors, np.stack(alone), atol=1e-5)
    assert np.linalg.norm(encoded.vectors[0]) == pytest.approx(1, abs=1e-5)


def test_coverage_tells_what_is_understood(encoder: Encoder) -> None:
    coverage = encoder.encode(TEXTS).coverage
    assert coverage[0] == 1.0
    assert trust(coverage)[1] < 0.5
    assert coverage[2] == 0.0


def test_texts_below_the_floor_cost_nothing_and_are_zero(encoder: Encoder) -> None:
    encoded = encoder.encode(["password", "🦖🦕"])
    assert np.linalg.norm(encoded.vectors[0]) == pytest.approx(1, abs=1e-5)
    assert not encoded.vectors[1].any()


def test_no_texts_make_no_vectors(encoder: Encoder) -> None:
    encoded = encoder.encode([])
    assert encoded.vectors.shape == (0, encoder.dimension)
    assert len(encoded) == 0


@pytest.mark.slow
def test_the_lean_encoder_agrees_with_sentence_transformers(bundled: Encoder, from_folder: Encoder) -> None:
    texts = [text for text in TEXTS if text and not has_han(text)]  # Chinese it reads through glosses
    one, other = bundled.encode(texts, floor=-1).vectors, from_folder.encode(texts, floor=-1).vectors
    assert (one * other).sum(axis=1).min() > 0.9999


@pytest.mark.slow
def test_like_means_near(bundled: Encoder) -> None:
    vectors = bundled.encode(["reset my password", "I forgot my login code", "the soup is too salty"]).vectors
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


@pytest.mark.parametrize(("coverage", "expected"), [(0.0, 0.0), (0.7, 0.0), (0.825, 0.5), (0.95, 1.0), (1.0, 1.0)])
def test_trust_grows_with_coverage(coverage: float, expected: float) -> None:
    assert trust(np.array([coverage], np.float32))[0] == pytest.approx(expected, abs=1e-5)


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"something else")
    with pytest.raises(EncoderError, match="not the official ones"):
        check_sha256(weights, "0" * 64)
    with pytest.raises(EncoderError, match="cannot be read"):
        check_sha256(tmp_path / "missing", "0" * 64)


@pytest.mark.slow
def test_an_unknown_encoder_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="'no-such/encoder' cannot be loaded: give the folder"):
        load_encoder("no-such/encoder", "cpu")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(tmp_path), "cpu")


def test_devices_are_checked() -> None:
    import torch

    assert pick_device("cpu") == "cpu"
    assert pick_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(EncoderError, match="not known"):
        pick_device("abacus")


def test_a_gpu_that_is_not_there_is_refused() -> None:
    import torch

    if torch.cuda.is_available():
        assert pick_device("cuda") == "cuda"
    else:
        with pytest.raises(EncoderError, match="finds no GPU here"):
            pick_device("cuda:0")


def test_features_are_as_long_as_they_can_be_relied_on(encoder: Encoder) -> None:
    lengths = np.linalg.norm(encoder.features([*TEXTS, "😀", "?!"]).vectors, axis=1)
    assert lengths[0] == pytest.approx(1, abs=1e-4)
    assert lengths[2] == 0
    assert (lengths < 1 + 1e-4).all()


@pytest.mark.slow
def test_chinese_is_near_the_english_that_says_the_same(bundled: Encoder) -> None:
    pairs = [
        ("怎么重置密码", "how do I reset my password"),
        ("播放音乐", "play some music"),
        ("退款要多久", "how long do refunds take"),
    ]
    vectors = bundled.features([text for pair in pairs for text in pair]).vectors
    nearness = vectors[::2] @ vectors[1::2].T
    assert nearness.argmax(axis=1).tolist() == [0, 1, 2]
    assert np.linalg.norm(vectors[0]) < np.linalg.norm(vectors[1])


@pytest.mark.slow
def test_of_a_long_text_both_ends_are_read(bundled: Encoder) -> None:
    middle = "something about the weather " * 200
    one, other, same = (f"I want a refund. {middle} {end}" for end in ("Thanks!", "The printer is on fire.", "Thanks!"))
    vectors = bundled.features([one, other, same]).vectors
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_rare_tokens_weigh_more_in_one_of_the_means() -> None:
    states = [torch.zeros(1, 2, 4)] * 5
    states[-1] = torch.tensor([[[1.0, 0, 0, 0], [0, 1, 0, 0]]])
    states[3] = states[4] = states[-1]
    sentence, features = pool(states, torch.tensor([[1996, 29_000]]), torch.ones(1, 2, dtype=torch.long))
    mean, rare = features[0, :4], features[0, 4:8]
    assert sentence[0, 0] == pytest.approx(float(sentence[0, 1]))
    assert mean[0] == pytest.approx(float(mean[1]))
    assert rare[1] > 5 * rare[0] > 0
