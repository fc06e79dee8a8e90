"""Training data and router training: what is refused, and that the result learns, calibrates and repeats."""

import json
import tempfile
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.architectures.fused import fused_scorer
from nlp.errors import DataError
from nlp.training import Step, run
from nlp.training.configs import FusedConfig
from nlp.training.data import Example, read_examples, seed_files, snapshot
from nlp.training.router import train_router
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
        (b"\xff\xfe\x00", "line 1 is not UTF-8"),
        (b'{"text": "a", "label": "x"}\n{"text": "\xe4\xbd", "label": "x"}\n', "line 2 is not UTF-8"),
        (b'{"text": "a", "label": "\\ud800"}\n', "'\\\\ud800' with invisible characters"),
        (b'{"text": "a", "label": "x", "topic": "t\\u0000"}\n', "with invisible characters"),
        ("[" * 200_000, "line 1 is not JSON"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_examples(write(tmp_path, content))
    assert "train.jsonl" in str(caught.value)


def test_a_byte_order_mark_and_lone_surrogates_in_texts_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, b'\xef\xbb\xbf{"text": "a\\ud800b", "label": "x"}\n')
    assert read_examples(path) == [Example("ab", "x", None, "train.jsonl:1")]


ROWS = st.one_of(
    st.binary(max_size=60),
    st.fixed_dictionaries(
        {"text": st.text(st.characters(), max_size=8)},
        optional={
            "label": st.one_of(st.text(st.characters(), max_size=4), st.none(), st.integers()),
            "topic": st.one_of(st.text(max_size=4), st.floats()),
        },
    ).map(lambda row: json.dumps(row).encode()),
)


@given(st.lists(ROWS, max_size=4))
def test_any_file_is_read_or_refused_by_its_name(rows: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), b"\n".join(rows))
        try:
            examples = read_examples(path)
        except DataError as error:
            complaint = str(error).encode().decode()  # fails for what no terminal can show
        else:
            complaint = ""
            assert snapshot(examples).rows == len(examples) > 0
    assert not complaint or "train.jsonl" in complaint


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
        ([Example("a", "x"), Example("b", "y")], "each of the 2 labels has a single example, such as 'x'"),
        ([Example("a", "x"), Example("b", "oos"), Example("c", "oos")], "has a single example"),
    ],
)
def test_too_little_data_is_refused(examples: list[Example], words: str) -> None:
    with pytest.raises(DataError, match=words):
        run(train_router(examples, BagEncoder()))


def test_training_tells_its_steps() -> None:
    steps: list[Step] = []
    run(train_router(EXAMPLES, BagEncoder(), FusedConfig(iterations=20)), steps.append)
    assert [stage for stage, _ in groupby(step.stage for step in steps)] == ["embed", "calibrate", "fit"]
    for stage in ("calibrate", "fit"):
        told = [step for step in steps if step.stage == stage]
        assert [step.done for step in told] == list(range(1, told[0].total + 1))
        curves = [[step.loss for step in told if step.loss is not None]]
        curves += [
            [step.metrics[name] for step in told if name in step.metrics] for name in ("margin_loss", "hidden_loss")
        ]
        assert all(len(curve) > 0 and curve[-1] <= curve[0] for curve in curves)


def test_a_router_without_a_hidden_layer_can_be_had() -> None:
    router = run(train_router(EXAMPLES, BagEncoder(), FusedConfig(iterations=20, hidden_units=0)))
    assert fused_scorer(router).weights.hidden is None
    assert router.route("hello there").intent.label == "greeting"


def test_the_same_data_makes_the_same_router() -> None:
    one, other = (run(train_router(EXAMPLES, BagEncoder(), FusedConfig(iterations=10))).to_arrays() for _ in range(2))
    assert one[0] == other[0]
    for name, array in one[1].items():
        np.testing.assert_array_equal(array, other[1][name])


def test_it_learns_from_five_examples_a_class_without_topics() -> None:
    examples = [Example(f"{word} {n}", word) for word in ("alpha", "beta", "gamma") for n in range(5)]
    router = run(train_router(examples, BagEncoder(), FusedConfig(iterations=10)))
    assert [router.route(word).intent.label for word in ("alpha", "beta", "gamma")] == ["alpha", "beta", "gamma"]
    assert router.route("alpha").topics == ()


def test_contradictions_and_repeats_are_borne() -> None:
    examples = [
        *EXAMPLES,
        Example("hello there", "question"),
        Example("hello there", "greeting"),
        Example("", "greeting"),
    ]
    assert run(train_router(examples, BagEncoder(), FusedConfig(iterations=10))).route("hello").intents


def test_probabilities_mean_what_they_say() -> None:
    rng = np.random.default_rng(0)
    words = {"x": ["red", "blue"], "y": ["blue", "green"]}  # "blue" is either, half the time
    examples = [Example(rng.choice(words[label]), label) for label in ("x", "y") for _ in range(200)]
    router = run(train_router(examples, BagEncoder(), FusedConfig(iterations=20)))
    assert router.route("red").intent.score > 0.9
    assert router.route("blue").intent.score == pytest.approx(0.5, abs=0.15)


def test_a_snapshot_does_not_depend_on_order() -> None:
    one, other = snapshot(EXAMPLES), snapshot(EXAMPLES[::-1])
    assert one.sha256 == other.sha256
    assert one.rows == len(EXAMPLES)
    assert snapshot(EXAMPLES[1:]).sha256 != one.sha256
