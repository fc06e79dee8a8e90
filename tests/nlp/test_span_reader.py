"""Close reading: pairs are cut and passed in any number, short answers lie in the text, and training teaches both."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as random_arrays

from nlp.backends import Ids, Vectors
from nlp.errors import ModelError
from nlp.model_store import Arrays
from nlp.span_reader import (
    LONGEST,
    SpanReader,
    encode_pairs,
    load_span_reader,
    pair_tokenizer,
)
from nlp.training import Step, run
from nlp.training.spans import Lesson, SpanConfig, train_spans
from tests.support.berts import small_bert

PLACES = "a b c d e f g h".split()
THINGS = "office password reset".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_bert(tmp_path_factory.mktemp("spans") / "bert", spread=0.2)


class LastToken:
    """Scores a pair by its last word's number, and finds the answer in its last two words."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        self.shapes.append(ids.shape)
        ends = mask.sum(axis=1) - 2
        places = np.full((*ids.shape, 2), -1e4, np.float32)
        for row, end in enumerate(ends):
            places[row, [end - 1, end], [0, 1]] = 10.0
        return ids[np.arange(len(ids)), ends].astype(np.float32), places


def test_texts_are_read_in_small_passes_and_come_back_in_order(folder: Path) -> None:
    forward, texts = LastToken(), ["opens at nine", "a", "closes at six and opens at nine a", "b c"]
    reader = SpanReader(pair_tokenizer(folder), forward, tokens=20)
    readings = reader.read("how do i reset my password", texts)
    ids = [pair_tokenizer(folder).token_to_id(text.split()[-1]) for text in texts]
    assert [reading.score for reading in readings] == ids
    assert len(forward.shapes) > 1
    assert texts[0][readings[0].span.start : readings[0].span.end] == "at nine"
    assert readings[0].sure > 0.99


@pytest.mark.parametrize(
    ("question", "text"), [("", ""), ("a " * 500, "b " * 500), ("🙂", "🙂🙂"), ("[SEP] a", "b [SEP]")]
)
def test_any_pair_is_cut_to_what_can_be_read(folder: Path, question: str, text: str) -> None:
    (row,) = encode_pairs(pair_tokenizer(folder), question, [text])
    assert len(row.ids) <= LONGEST
    (reading,) = load_span_reader(untrained(folder), "cpu", base=folder).read(question, [text])
    assert np.isfinite(reading.score)
    assert 0 <= reading.span.start <= reading.span.end <= len(text)
    assert 0 <= reading.sure <= 1


@given(random_arrays(np.float32, st.tuples(st.integers(5, 40), st.just(2)), elements=st.floats(-20, 20, width=32)))
def test_the_likeliest_answer_is_never_backwards_nor_longer_than_allowed(logits: Vectors) -> None:
    from nlp.span_reader import _LONGEST_ANSWER, _likeliest

    offsets = [(place, place + 1) for place in range(len(logits))]
    span, sure = _likeliest(logits, offsets)
    assert 0 <= span.start < span.end <= len(logits)
    assert span.end - span.start <= _LONGEST_ANSWER
    assert 0 <= sure <= 1


def test_only_questions_whose_words_are_known_are_trusted(folder: Path) -> None:
    reader = SpanReader(pair_tokenizer(folder), LastToken(), tokens=100)
    assert reader.trust("how do i reset my password") == 1.0
    assert reader.trust("怎么重置密码") == 0.0
    assert reader.trust("") == 0.0


def untrained(folder: Path) -> Arrays:
    return run(train_spans(lessons()[:8], SpanConfig(rank=4, epochs=1, questions=8, base=str(folder)), 0))


def lessons() -> list[Lesson]:
    """Where something is stands after "at"; sentences about other things do not answer."""
    chance, found = random.Random(0), list[Lesson]()  # noqa: S311
    for number in range(160):
        thing, other = chance.sample(THINGS, 2)
        place, wrong, late = chance.sample(PLACES, 3)
        texts = (f"the {thing} closes at {place}", f"the {other} closes at {wrong}", f"the {other} opens at {late}")
        answered = number % 4 > 0
        order = chance.sample(range(3), 3)
        right = np.array([i == 0 and answered for i in order])
        shown = tuple(texts[i] if answered or i else texts[1] for i in order)
        found.append(Lesson(f"how closes the {thing}", shown, right, (place,) if answered else ()))
    return found


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Arrays, list[Step]]:
    steps: list[Step] = []
    config = SpanConfig(rank=8, epochs=12, learning_rate=8e-3, base=str(folder))
    return run(train_spans(lessons(), config, 0), steps.append), steps


def test_the_right_sentence_and_its_words_are_learned(folder: Path, trained: tuple[Arrays, list[Step]]) -> None:
    arrays, steps = trained
    assert steps[-1].done == steps[-1].total
    reader, hits, exact = load_span_reader(arrays, "cpu", base=folder), [], []
    for lesson in lessons():
        readings = reader.read(lesson.question, lesson.texts)
        best = max(range(3), key=lambda i: readings[i].score)
        if lesson.right.any():
            hits.append(lesson.right[best])
            span = readings[best].span
            exact.append(lesson.texts[best][span.start : span.end] == lesson.golds[0])
    assert np.mean(hits) > 0.9
    assert np.mean(exact) > 0.3  # a guess finds one in fifteen


def test_training_again_gives_the_same(folder: Path) -> None:
    one, other = untrained(folder), untrained(folder)
    assert all((array == other[name]).all() for name, array in one.items())


def test_the_graph_reads_as_torch_does(folder: Path, trained: tuple[Arrays, list[Step]], tmp_path: Path) -> None:
    arrays = trained[0]
    texts = ["the office closes at a", "the reset opens at b and closes at c", ""]
    torch, graph, again = (
        load_span_reader(arrays, "cpu", cache, base=folder).read("how closes the office", texts)
        for cache in (None, tmp_path, tmp_path)
    )
    for one, two in zip(torch, graph, strict=True):
        assert one.score == pytest.approx(two.score, abs=1.0)  # weights of random int8 are coarser than trained ones
    assert np.argmax([found.score for found in torch]) == np.argmax([found.score for found in graph])
    assert graph == again
    assert len(list((tmp_path / "spans").iterdir())) == 2


def test_arrays_of_another_encoder_are_refused(folder: Path, trained: tuple[Arrays, list[Step]]) -> None:
    with pytest.raises(ModelError, match="do not fit"):
        load_span_reader({name: array for name, array in trained[0].items() if "lora" not in name}, "cpu", base=folder)
