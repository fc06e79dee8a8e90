"""Texts to passes: order, padding, coverage."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.backends import Ids, Vectors
from nlp.encoder import trust
from nlp.minilm import MiniLMEncoder, pad, passes
from tests.support.berts import small_bert


class CountingBackend:
    """A sentence's vector holds its number of tokens and their sum."""

    tokens = 24

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        """See `nlp.backends.Backend.forward`."""
        self.shapes.append(ids.shape)
        facts = np.stack([mask.sum(1), ids.sum(1)], axis=1).astype(np.float32)
        return facts, np.concatenate([facts, facts, facts], axis=1)

    def quantized(self) -> "CountingBackend":
        """See `nlp.backends.Backend.quantized`."""
        return CountingBackend()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return small_bert(tmp_path_factory.mktemp("bert"))


def test_texts_go_in_smallpasses_and_come_back_in_order(folder: Path) -> None:
    backend = CountingBackend()
    encoder = MiniLMEncoder(folder, backend)
    encoded = encoder.encode(["a b c d e f", "a", "", "unknown words here", "a b", "a b c d e f g h"], floor=-1)
    assert encoded.vectors[:, 0].tolist() == [8, 3, 2, 5, 4, 10]
    assert encoded.coverage.tolist() == [1, 1, 0, 0, 1, 1]
    assert backend.shapes[1:] == [(4, 5), (2, 10)]
    assert encoder.features(["a", "unknown"]).vectors.shape == (2, 12)
    assert not encoder.features(["unknown"]).vectors.any()


def test_chinese_is_read_through_its_gloss_and_trusted_less(tmp_path: Path) -> None:
    encoder = MiniLMEncoder(small_bert(tmp_path / "bert", words=["doctor", "at", "where"]), CountingBackend())
    encoded = encoder.encode(["医生在哪儿？", "doctor at where", "医生 where x"])
    assert encoded.vectors[0].tolist() == encoded.vectors[1].tolist() == [5, encoded.vectors[1][1]]
    assert 0 < trust(encoded.coverage)[0] < 0.5 < trust(encoded.coverage)[1]
    assert encoded.coverage[2] == pytest.approx(2 / 3)


def test_a_quantized_encoder_is_another_one_with_the_same_tokens(folder: Path) -> None:
    backend = CountingBackend()
    encoder = MiniLMEncoder(folder, backend)
    light = encoder.quantized()
    calls = len(backend.shapes)
    assert light.features(["a b"]).vectors.tolist() == encoder.features(["a b"]).vectors.tolist()
    assert len(backend.shapes) == calls + 1


def test_many_passages_go_to_the_back_end_for_many_which_is_opened_once(folder: Path) -> None:
    few, many = CountingBackend(), CountingBackend()
    opened: list[CountingBackend] = []

    def open_many() -> CountingBackend:
        opened.append(many)
        return many

    encoder = MiniLMEncoder(folder, few, open_many)
    calls = len(few.shapes)
    encoder.encode(["a b"] * 31, floor=-1)
    encoder.encode(["a b"] * 40, "query", floor=-1)
    assert not opened
    before = len(few.shapes)
    assert before > calls
    encoder.encode(["a b"] * 32, floor=-1)
    assert encoder.encode(["a b"] * 5, floor=-1).vectors[:, 0].tolist() == [4] * 5
    assert len(opened) == 1
    assert len(many.shapes) > 1
    assert len(few.shapes) == before
    encoder.encode(["a b"], floor=-1)
    assert len(few.shapes) == before + 1


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 100))
def test_every_row_is_in_one_pass_and_no_pass_of_several_is_too_large(lengths: list[int], tokens: int) -> None:
    rows = [[1] * length for length in lengths]
    groups = list(passes(rows, list(range(len(rows))), tokens))
    assert sorted(i for group in groups for i in group) == list(range(len(rows)))
    assert all(len(group) == 1 or len(group) * max(lengths[i] for i in group) <= tokens for group in groups)


def test_rows_are_padded_to_the_longest() -> None:
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
