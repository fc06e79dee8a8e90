"""The stream of new labels, as the benchmark measures it."""

import argparse
import json
from pathlib import Path

import pytest

from benchmarks.stream import Round, forgotten, read_stream, report
from nlp.training.feature_cache import CachedEncoder
from tests.benchmarks.conftest import write_examples
from tests.support.models import EXAMPLES, BagEncoder

DOMAINS = {"asking": ["question"], "talk": ["greeting"], "articles": ["summarize"], "rest": ["out_of_scope"]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "public" / "clinc150"
    folder.mkdir(parents=True)
    (folder / "domains.json").write_text(json.dumps(DOMAINS))
    for name in ("train", "test", "val"):
        write_examples(folder / f"{name}.jsonl", EXAMPLES)
    return tmp_path / "public"


def test_labels_come_stage_by_stage_and_every_row_once(data: Path) -> None:
    stream = read_stream(data / "clinc150", "test", rounds=8)
    assert [sorted({e.intent for e in new}) for new in stream.arrivals[::2]] == [*DOMAINS.values()]
    assert [len(new) for new in stream.arrivals] == [4] * 8
    assert {e.text for new in stream.arrivals for e in new} == {e.text for e in EXAMPLES}
    assert {label: len(rows) for label, rows in stream.tests.items()} == {x[0]: 8 for x in DOMAINS.values()}


def test_rounds_are_told_with_what_was_forgotten(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = read_stream(data / "clinc150", "val", rounds=4)
    assert len(whole.arrivals[0]) == 8
    (data / "clinc150" / "domains.json").write_text(json.dumps({"two": ["question", "greeting"], **_rest()}))
    options = argparse.Namespace(data=data, on="val", rounds=3, most=20)

    found = report(options, CachedEncoder(BagEncoder(), data / "cache"))

    assert [one["labels"] for one in found["rounds"]] == [2, 3, 4]
    assert [one["rows"] for one in found["rounds"]] == [16, 20, 20]
    assert found["at_once"]["rows"] == len(EXAMPLES)
    assert found["final_gap"] == pytest.approx(found["at_once"]["accuracy"] - found["final_accuracy"])
    assert found["final_accuracy"] > 0.5
    assert capsys.readouterr().out.count("forgotten since first") == 3


def _rest() -> dict[str, list[str]]:
    return {name: DOMAINS[name] for name in ("articles", "rest")}


def test_forgetting_is_the_fall_of_labels_of_earlier_stages() -> None:
    rounds = [
        _round(1, {"a": 0.5}),
        _round(2, {"a": 0.9}),
        _round(3, {"a": 1.0, "b": 0.4}),
        _round(4, {"a": 0.8, "b": 0.6}),
    ]
    found = forgotten(rounds, rounds[-1].by_label)
    assert found.since_first == pytest.approx(-30)
    assert found.since_complete == pytest.approx(10)
    assert found.since_best == pytest.approx(20)
    assert forgotten(rounds[:2], rounds[1].by_label).since_best == 0


def _round(number: int, by_label: dict[str, float]) -> Round:
    return Round(number, len(by_label), 10, 5, 1.0, 1.0, 0.5, by_label)
