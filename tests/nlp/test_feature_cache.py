"""The features of texts on disk: embedded once, whole after any end of a process, bounded, and forgotten on demand."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.encoder import Encoded
from nlp.training import feature_cache, run
from nlp.training.configs import FusedConfig
from nlp.training.feature_cache import CachedEncoder
from nlp.training.router import train_router
from tests.support.models import EXAMPLES, BagEncoder

TEXTS = ["how do i reset my password", "怎么重置密码", "hello there", "退款 policy", "", "👍"]


class TwoFormed(BagEncoder):
    """Has a light form, which reads otherwise and says the same of itself, as the bundled encoder's does."""

    def __init__(self, share: float = 1.0) -> None:
        super().__init__()
        self._share = share

    def features(self, texts: Sequence[str]) -> Encoded:
        """Vectors of a length of its own."""
        encoded = super().features(texts)
        return Encoded(encoded.vectors * np.float32(self._share), encoded.coverage)

    def quantized(self) -> "TwoFormed":
        """The light form."""
        return TwoFormed(0.5)


def fresh(folder: Path, **options: object) -> tuple[CachedEncoder, BagEncoder]:
    inner = BagEncoder()
    return CachedEncoder(inner, folder, **options), inner  # type: ignore[arg-type]


def embedded(inner: BagEncoder) -> list[str]:
    return [text for call in inner.calls for text in call]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.features"))


def test_another_process_embeds_only_what_is_new(tmp_path: Path) -> None:
    first, _ = fresh(tmp_path)
    cold = first.features(TEXTS[:4])
    again, inner = fresh(tmp_path)
    warm = again.features([*TEXTS, TEXTS[5], TEXTS[0]])

    assert embedded(inner) == TEXTS[4:]
    np.testing.assert_array_equal(warm.vectors[:4], cold.vectors)
    np.testing.assert_array_equal(warm.coverage[:4], cold.coverage)
    np.testing.assert_array_equal(warm.vectors[-1], cold.vectors[0])
    assert warm.vectors.dtype == warm.coverage.dtype == np.float32


def test_half_precision_is_near_and_full_precision_is_exact(tmp_path: Path) -> None:
    expected = BagEncoder().features(TEXTS)
    half, full = (fresh(tmp_path, precision=kind)[0].features(TEXTS) for kind in ("<f2", "<f4"))
    np.testing.assert_allclose(half.vectors, expected.vectors, atol=3e-4)
    np.testing.assert_array_equal(full.vectors, expected.vectors)


def test_a_router_is_the_same_whether_its_texts_were_cached_or_not(tmp_path: Path) -> None:
    cold, warm = (
        run(train_router(EXAMPLES, CachedEncoder(TwoFormed(), tmp_path), FusedConfig(iterations=5))) for _ in range(2)
    )
    for one, other in zip(cold.to_arrays()[1].values(), warm.to_arrays()[1].values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_forms_and_encoders_are_kept_apart(tmp_path: Path) -> None:
    encoder = CachedEncoder(TwoFormed(), tmp_path)
    light = encoder.quantized()
    assert light is not None
    assert encoder.quantized() is light
    assert fresh(tmp_path)[0].quantized() is None
    plain, short = encoder.features(TEXTS[:1]), light.features(TEXTS[:1])
    np.testing.assert_allclose(short.vectors, plain.vectors / 2, atol=1e-3)
    other = BagEncoder("another")
    CachedEncoder(other, tmp_path).features(TEXTS[:1])
    assert embedded(other) == TEXTS[:1]


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 900), data=st.randoms(use_true_random=False))
def test_what_a_killed_process_left_is_read_up_to_its_torn_tail(
    tmp_path_factory: pytest.TempPathFactory, cut: int, data: object
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    expected = fresh(folder)[0].features(TEXTS).vectors
    (path,) = files(folder)
    os.truncate(path, max(0, path.stat().st_size - cut))
    for _ in range(2):  # what is added behind it is whole, too
        np.testing.assert_array_equal(fresh(folder)[0].features(TEXTS).vectors, expected)
    last, inner = fresh(folder)
    last.features(TEXTS)
    assert not inner.calls


def test_damaged_records_and_strange_files_are_passed_over(tmp_path: Path) -> None:
    expected = fresh(tmp_path)[0].features(TEXTS).vectors
    (path,) = files(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[-40] ^= 1
    path.write_bytes(raw)
    (path.parent / "0.features").write_bytes(b"something else entirely, and long enough to have a header")
    (path.parent / "1.features").write_bytes(b"")
    again, inner = fresh(tmp_path)
    np.testing.assert_array_equal(again.features(TEXTS).vectors, expected)
    assert embedded(inner) == TEXTS[-1:]


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path) -> None:
    texts, limit = [f"text {n} 文本" for n in range(200)], 24_000
    encoder, _ = fresh(tmp_path, limit=limit)
    for text in texts:
        encoder.features([text])
        assert sum(path.stat().st_size for path in files(tmp_path)) <= limit
    again, inner = fresh(tmp_path, limit=limit)
    again.features(texts[-20:])
    assert not inner.calls
    again.features(texts[:1])
    assert embedded(inner) == texts[:1]
    encoder.features(texts)  # files that another let go are no trouble
    assert len(encoder.features(texts)) == len(texts)


def test_what_is_forgotten_is_on_no_disk_and_no_text_ever_was(tmp_path: Path) -> None:
    encoder = CachedEncoder(TwoFormed(), tmp_path)
    light = encoder.quantized()
    assert light is not None
    secret = light.features(TEXTS).vectors[0].astype("<f2").tobytes()
    encoder.features(TEXTS)
    assert any(secret in path.read_bytes() for path in files(tmp_path))
    files(tmp_path)[0].with_suffix(".new").write_bytes(
        secret
    )  # as a process leaves it that was killed while forgetting
    assert encoder.forget([TEXTS[0], "never seen"]) == 2
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in held
    assert all(text.encode() not in held for text in TEXTS if text)
    encoder.features(TEXTS)
    assert fresh(tmp_path)[0].forget(TEXTS) == 2 * len(TEXTS) - 1  # the light form has not met the first again
    assert feature_cache.forget(tmp_path, TEXTS) == 0


def test_a_disk_that_cannot_be_written_costs_time_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder, inner = fresh(tmp_path / "file")
    for _ in range(2):
        np.testing.assert_allclose(encoder.features(TEXTS).vectors, BagEncoder().features(TEXTS).vectors, atol=3e-4)
    assert len(inner.calls) == 2
    assert "cannot be written" in caplog.text


def test_vectors_pass_through(tmp_path: Path) -> None:
    encoder, inner = fresh(tmp_path)
    np.testing.assert_array_equal(encoder.encode(TEXTS, "query").vectors, BagEncoder().encode(TEXTS).vectors)
    assert encoder.features([]).vectors.shape == inner.features([]).vectors.shape
    assert not files(tmp_path)
