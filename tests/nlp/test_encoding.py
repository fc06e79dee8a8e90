"""Texts per second, side by side."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from nlp.encoder import BUNDLED, load_encoder
from nlp.evaluation.encoding import sentence_transformers_encode, texts_per_second


def test_each_way_is_asked_in_turn_and_the_slower_one_has_the_lower_rate() -> None:
    asked: list[str] = []

    def quick(texts: Sequence[str]) -> None:
        asked.append("quick")

    def slow(texts: Sequence[str]) -> None:
        asked.append("slow")
        time.sleep(0.05)

    fast, lame = texts_per_second([quick, slow], ["a", "b"], rounds=2)
    assert asked == ["quick", "slow"] * 2
    assert fast > lame
    assert lame <= 2 / 0.05


@pytest.mark.slow
def test_both_ways_make_the_same_vectors() -> None:
    texts = ["When are refunds paid?", "The office opens at nine."]
    theirs = sentence_transformers_encode(BUNDLED, "cpu")(texts)
    np.testing.assert_allclose(load_encoder(device="cpu").encode(texts).vectors, theirs, atol=1e-4)
