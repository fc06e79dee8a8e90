"""Word vectors: the formats there are, and what is wrong with a file."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import DataError
from nlp.tokens import WordTokenizer, count_words
from nlp.training import Step, run
from nlp.training.lstm import train_lstm
from nlp.training.vectors import read_vectors
from tests.support.models import EXAMPLES
from tests.support.networks import SMALL_LSTM

KNOWN = count_words(WordTokenizer(50).hashes(["hello world 你好"]), 1, 100)
GLOVE = "hello 1 2 3\nunasked 4 5 6\nWorld -0.5 1e-3 0\nworld 7 8 9\n你 1 1 1\n. . 9 9 9\n"


def write(path: Path, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("header", ["", "6 3\n"])
@pytest.mark.parametrize("name", ["v.txt", "v.vec.gz"])
def test_known_words_get_their_vectors(tmp_path: Path, header: str, name: str) -> None:
    vectors = read_vectors(write(tmp_path / name, header + GLOVE), KNOWN)
    found = {int(KNOWN[place]): row.tolist() for place, row in zip(vectors.places, vectors.rows, strict=True)}
    hello, world, you = (int(WordTokenizer(5).hashes([word])[0][0]) for word in ("hello", "world", "你"))
    assert found == {hello: [1, 2, 3], world: pytest.approx([-0.5, 1e-3, 0]), you: [1, 1, 1]}
    assert list(vectors.places) == sorted(vectors.places)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no word vectors"),
        ("5 3\n", "holds no word vectors"),
        ("a 1 2\nb 1\n", "line 2 has 1 numbers after the word instead of 2"),
        ("a 1 2\nb 1 2 3\n", "line 2 has 3 numbers after the word instead of 2"),
        ("2 3\na 1 2\n", "line 2 has 2 numbers after the word instead of 3"),
        ("a 1 2\nb 1 nan\n", "line 2 holds a number that is not finite"),
        ("a 1 inf\n", "line 1 holds a number that is not finite"),
        ("a 1 x\n", "line 1 holds what is not a number"),
        ("alone\n", "line 1 has 0 numbers"),
        (b"a 1 2\n\xff 1 2\n", "line 2 is not UTF-8"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_vectors(write(tmp_path / "bad.txt", content), KNOWN)
    assert "bad.txt" in str(caught.value)


def test_a_missing_or_damaged_file_and_another_dimension_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file or directory"):
        read_vectors(tmp_path / "none.txt", KNOWN)
    (tmp_path / "v.gz").write_bytes(gzip.compress(GLOVE.encode() * 50)[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        read_vectors(tmp_path / "v.gz", KNOWN)
    with pytest.raises(DataError, match="line 1 has 3 dimensions, and dimension is 50"):
        read_vectors(write(tmp_path / "v.txt", GLOVE), KNOWN, 50)


def test_training_begins_from_them_and_says_how_many_words_they_cover(tmp_path: Path) -> None:
    path = write(tmp_path / "v.txt", "hello 1 2 3 4 5\nthere 5 4 3 2 1\n")
    steps: list[Step] = []
    config = replace(SMALL_LSTM, epochs=1, dimension=None, vectors=str(path), learning_rate=1e-9, l2=0.0)
    router = run(train_lstm(EXAMPLES, config), steps.append)
    (found,) = [step for step in steps if step.stage == "vectors"]
    _, arrays = router.scorer.to_arrays()
    assert (found.done, found.total) == (2, len(arrays["known"]))
    assert found.metrics["coverage"] == pytest.approx(2 / len(arrays["known"]))
    (hello,) = WordTokenizer(5).hashes(["hello"])
    row = arrays["embedding.weight"][2 + int(np.searchsorted(arrays["known"], hello[0]))]
    np.testing.assert_allclose(row, [1, 2, 3, 4, 5], atol=1e-4)
