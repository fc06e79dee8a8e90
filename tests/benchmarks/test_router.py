"""The benchmark of routers as a whole, on rows made up for it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks.contenders import TfidfSvm
from benchmarks.footprint import footprint
from benchmarks.machine import describe_machine
from benchmarks.router import Plan, measure, show, table
from benchmarks.router_sets import read_sets
from benchmarks.routing import Result
from tests.benchmarks.test_contenders import embed
from tests.support.models import EXAMPLES, BagEncoder


def measured(public_sets: Path, *names: str) -> list[Result]:
    plan = Plan(read_sets(public_sets, names), BagEncoder(), embed, repeats=2)
    return list(measure(plan))


def test_contenders_are_measured_side_by_side(public_sets: Path) -> None:
    fused, logistic, svm = measured(public_sets, "clinc150")

    assert (fused.contender, logistic.contender, svm.contender) == (
        "Dawen fused",
        "sentence-transformers + logistic regression",
        "TF-IDF + linear SVM",
    )
    for result in (fused, logistic, svm):
        assert result.trainings == 2
        assert result.oos_auroc is not None
        assert 0 <= result.oos_auroc <= 1
        assert 0 < result.speed.ms_p50 <= result.speed.ms_p95
        assert result.speed.texts_per_s > 0
    assert fused.quality["test"].accuracy > 0.9
    assert fused.quality["test"].topic_accuracy is not None
    assert svm.quality["test"].ece is None


def test_without_the_encoder_sentence_transformers_takes_no_part(public_sets: Path) -> None:
    results = measured(public_sets, "thucnews_titles")

    assert [result.contender for result in results] == ["Dawen fused", "TF-IDF + linear SVM"]


def test_the_table_has_a_row_a_result_and_names_every_file_of_tests(public_sets: Path) -> None:
    results = measured(public_sets, "massive")
    header, rule, *rows = table(results)

    assert len(rows) == len(results) == 9
    assert {line.count("|") for line in (header, rule, *rows)} == {13}
    assert "zh-CN in traditional characters 0." in rows[0] or "zh-CN in traditional characters 1." in rows[0]


def test_figures_are_printed_and_written_as_json(
    public_sets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found: dict[str, Any] = {"machine": asdict(describe_machine()), "routers": [asdict(*measured_one(public_sets))]}

    show(found, tmp_path / "figures.json")

    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8")) == json.loads(capsys.readouterr().out)
    assert found["machine"]["libraries"]["torch"]
    assert found["machine"]["threads"] >= 1


def measured_one(public_sets: Path) -> list[Result]:
    return measured(public_sets, "thucnews_titles")[:1]


@pytest.mark.slow
def test_memory_is_measured_in_a_process_of_its_own() -> None:
    held = footprint(TfidfSvm, EXAMPLES)

    assert held is not None
    assert held.contender == "TF-IDF + linear SVM"
    assert 20 < held.start_mb < held.serving_mb < 5_000
    assert held.training_mb > held.start_mb
