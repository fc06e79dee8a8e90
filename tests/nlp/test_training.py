"""Training data and router training: what is refused, and that the result learns, calibrates and repeats."""

from pathlib import Path

import numpy as np
import pytest

from nlp.errors import DataError
from nlp.training import Step, run
from nlp.training.data import Example, read_examples, seed_files, snapshot
from nlp.training.router import RouterConfig, train_router
from tests.support.models import EXAMPLES, BagEncoder


def write(folder: Path, text: str | bytes, name: str = "train.jsonl") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_rows_name_their_intent_and_topic_in_several_ways(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"text": "a", "label": "x"}\n\n{"text": "b", "intent": "y", "topic": "t", "more": 1}\n'
        '{"text": "c", "label": "x", "scenario": "s"}\n',
    )
    assert read_examples(path) == [
        Example("a", "x", None, "train.jsonl:1"),
        Example("b", "y", "t", "train.jsonl:3"),
        Example("c", "x", "s", "train.jsonl:4"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "has no rows"),
        ("not json\n", "line 1 is not JSON"),
        ("[1]\n", "line 1 is not a JSON object"),
        ('{"text": "a"}\n', "lacks a 'text' or a 'label'"),
        ('{"label": "a"}\n', "lacks a 'text' or a 'label'"),
        ('{"text": 1, "label": "a"}\n', "lacks a 'text' or a 'label'"),
        ('{"text": "a", "label": "x", "topic": 3}\n', "'topic' that is not a string"),
        (b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_examples(write(tmp_path, content))
    assert "train.jsonl" in str(caught.value)


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="check the path"):
        read_examples(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataError, match=r"holds no \.jsonl files"):
        seed_files(tmp_path)


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        ([], "two different labels, 0 found"),
        ([Example("a", "x"), Example("b", "x")], "two different labels, 1 found"),
        ([Example("a", "x"), Example("b", "x"), Example("c", "y")], "label 'y' has a single example"),
    ],
)
def test_too_little_data_is_refused(examples: list[Example], words: str) -> None:
    with pytest.raises(DataError, match=words):
        run(train_router(examples, BagEncoder()))


def test_training_tells_its_steps() -> None:
    steps: list[Step] = []
    run(train_router(EXAMPLES, BagEncoder(), RouterConfig(iterations=10)), steps.append)
    assert [step.stage for step in steps] == ["embed", "calibrate", "calibrate", "fit", "fit"]
    losses = [step.loss for step in steps if step.stage == "fit" and step.loss is not None]
    assert losses[1] < losses[0]


def test_the_same_data_makes_the_same_router() -> None:
    one, other = (run(train_router(EXAMPLES, BagEncoder(), RouterConfig(iterations=10))).to_arrays() for _ in range(2))
    assert one[0] == other[0]
    for name, array in one[1].items():
        np.testing.assert_array_equal(array, other[1][name])


def test_it_learns_from_five_examples_a_class_without_topics() -> None:
    examples = [Example(f"{word} {n}", word) for word in ("alpha", "beta", "gamma") for n in range(5)]
    router = run(train_router(examples, BagEncoder(), RouterConfig(iterations=10)))
    assert [router.route(word).intent.label for word in ("alpha", "beta", "gamma")] == ["alpha", "beta", "gamma"]
    assert router.route("alpha").topics == ()


def test_contradictions_and_repeats_are_borne() -> None:
    examples = [
        *EXAMPLES,
        Example("hello there", "question"),
        Example("hello there", "greeting"),
        Example("", "greeting"),
    ]
    assert run(train_router(examples, BagEncoder(), RouterConfig(iterations=10))).route("hello").intents


def test_probabilities_mean_what_they_say() -> None:
    rng = np.random.default_rng(0)
    words = {"x": ["red", "blue"], "y": ["blue", "green"]}  # "blue" is either, half the time
    examples = [Example(rng.choice(words[label]), label) for label in ("x", "y") for _ in range(200)]
    router = run(train_router(examples, BagEncoder(), RouterConfig(iterations=20)))
    assert router.route("red").intent.score > 0.9
    assert router.route("blue").intent.score == pytest.approx(0.5, abs=0.15)


def test_a_snapshot_does_not_depend_on_order() -> None:
    one, other = snapshot(EXAMPLES), snapshot(EXAMPLES[::-1])
    assert one.sha256 == other.sha256
    assert one.rows == len(EXAMPLES)
    assert snapshot(EXAMPLES[1:]).sha256 != one.sha256
