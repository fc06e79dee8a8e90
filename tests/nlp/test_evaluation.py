"""Measures against values worked out by hand, and the evaluation commands on small files."""

from pathlib import Path

import numpy as np
import pytest

from nlp.errors import DataError
from nlp.evaluation import metrics
from nlp.evaluation.answers import Bench, evaluate_answers
from nlp.evaluation.qa_data import QaData, Question, read_qa
from nlp.evaluation.retrieval import evaluate_retrieval
from nlp.evaluation.router import evaluate_router
from nlp.training.configs import FusedConfig
from tests.support.models import EXAMPLES, BagEncoder

DATA = QaData(
    passages=(
        "Refunds are paid within thirty days. Keep it.",
        "The office opens at nine. Ring twice.",
        "退款在三十天内支付。",
    ),
    articles=("a", "b", "c"),
    questions=(
        Question("When are refunds paid?", 0, ("thirty days",)),
        Question("When does the office open?", 1, ("nine", "at nine")),
        Question("退款多少天内支付？", 2, ("三十天",)),
    ),
)


def test_label_scores() -> None:
    expected, predicted = ["a", "a", "b", "c"], ["a", "b", "b", "b"]
    assert metrics.accuracy(predicted, expected) == 0.5
    assert metrics.macro_f1(predicted, expected) == pytest.approx((2 / 3 + 2 / 4 + 0) / 3)


def test_auroc_counts_ties_half() -> None:
    assert metrics.auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert metrics.auroc(np.array([1.0]), np.array([2.0])) == 0


def test_calibration_error() -> None:
    confidence, right = np.array([0.95, 0.95, 0.35, 0.35]), np.array([True, True, False, True])
    assert metrics.expected_calibration_error(confidence, right, 10) == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)
    assert metrics.expected_calibration_error(np.array([1.0]), np.array([True])) == 0


def test_ranks() -> None:
    assert metrics.recall_at([1, 3, None], 1) == pytest.approx(1 / 3)
    assert metrics.recall_at([1, 3, None], 5) == pytest.approx(2 / 3)
    assert metrics.reciprocal_rank([1, 4, 20], 10) == pytest.approx((1 + 0.25) / 3)


@pytest.mark.parametrize(
    ("predicted", "gold", "exact", "f1"),
    [
        ("The Eiffel Tower!", "eiffel tower", 1, 1),
        ("in the year 1890", "1890", 0, 0.5),
        ("三十天。", "三十天", 1, 1),
        ("三十天内", "三十天", 0, pytest.approx(6 / 7)),
        ("", "x", 0, 0),
    ],
)
def test_answer_scores(predicted: str, gold: str, exact: float, f1: float) -> None:
    assert metrics.exact_match(predicted, [gold]) == exact
    assert metrics.overlap_f1(predicted, [gold, "something else"]) == f1


def test_an_answer_is_contained_in_normal_form() -> None:
    assert metrics.contains_answer("Paid within Thirty Days.", ["thirty days"])
    assert metrics.contains_answer("退款在三十天内支付", ["三十天"])
    assert not metrics.contains_answer("退款", ["", "三十天"])


def test_retrieval_is_reported_beside_its_halves() -> None:
    seen: list[tuple[int, int]] = []
    report = evaluate_retrieval(DATA, BagEncoder(), lambda done, total: seen.append((done, total))).as_dict()
    assert (report["questions"], report["passages"], report["recall@1"]) == (3, 3, 1.0)
    assert isinstance(report["bm25"], dict)
    assert isinstance(report["dense"], dict)
    assert report["bm25"]["recall@1"] == 1.0
    assert 0 < report["dense"]["recall@1"] <= 1.0
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_answers_are_reported() -> None:
    report = evaluate_answers(DATA, BagEncoder()).as_dict()
    assert report["sentence_hit@1"] == 1.0
    assert report["sentence_hit"] == 1.0
    assert report["refused"] == 0.0
    assert report["refusal_auroc"] == 1.0
    assert 0 < (report["answer_ms_p50"] or 0) <= (report["answer_ms_p95"] or 0)


def test_a_router_is_reported() -> None:
    report = evaluate_router(
        EXAMPLES, EXAMPLES, ["zzz qqq"], BagEncoder(), FusedConfig(iterations=15)
    ).figures.as_dict()
    assert report["accuracy"] == 1.0
    assert report["topic_accuracy"] == 1.0
    assert report["oos_auroc"] is not None
    assert 0.5 < report["oos_auroc"] <= 1.0
    assert report["train_rows"] == report["test_rows"] == len(EXAMPLES)
    assert evaluate_router(EXAMPLES, EXAMPLES, [], BagEncoder(), FusedConfig(iterations=5)).figures.oos_auroc is None


def test_files_are_read_with_their_distinct_contexts(tmp_path: Path) -> None:
    path = tmp_path / "qa.jsonl"
    path.write_text(
        '{"question": "q1", "context": "c1", "answers": [{"text": "a", "start": 0}], "title": "t"}\n'
        '{"question": "q2", "context": "c1", "answers": ["b"], "title": "t"}\n'
        '{"question": "q3", "context": "c2", "answers": []}\n'
    )
    data = read_qa(path)
    assert data.passages == ("c1", "c2")
    assert [(q.passage, q.golds) for q in data.questions] == [(0, ("a",)), (0, ("b",)), (1, ())]
    assert [q.text for q in data.first(2).questions] == ["q1", "q2"]
    assert data.first(None) is data
    assert data.headings == ()


def test_headings_stand_above_the_passages_of_papers(tmp_path: Path) -> None:
    path = tmp_path / "qa.jsonl"
    path.write_text(
        '{"question": "q1", "context": "c1", "answers": ["a"], "title": "t", "heading": "h1"}\n'
        '{"question": "q2", "context": "c2", "answers": [], "title": "t"}\n'
        '{"question": "q3", "context": "c3", "answers": [], "title": "u", "heading": "h3"}\n'
    )
    data = read_qa(path)
    assert data.headings == ("h1", "", "h3")
    part = data.only([2, 0])
    assert (part.passages, part.articles, part.headings) == (("c3", "c1"), ("u", "t"), ("h3", "h1"))
    assert [(q.text, q.passage) for q in part.questions] == [("q1", 1), ("q3", 0)]
    assert [p.label for p in Bench(data, BagEncoder()).passages] == ["h1", "", "h3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "has no rows"),
        ('{"question": "q"}\n', "line 1 lacks a 'question' or a 'context'"),
        ('{"question": "q", "context": "c", "answers": [{"start": 3}]}\n', "line 1 has 'answers' that cannot be read"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "qa.jsonl").write_text(content)
    with pytest.raises(DataError, match=words):
        read_qa(tmp_path / "qa.jsonl")
