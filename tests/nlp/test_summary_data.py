"""Files of articles with references, and the figures of the evaluation on them."""

from pathlib import Path
from typing import Any

import pytest

from nlp.errors import DataError
from nlp.evaluation.summaries import evaluate_summaries
from nlp.evaluation.summary_data import read_samples, usual_count
from nlp.summarizer import Summarizer
from tests.support.terminal import write_lines

ROWS: list[dict[str, Any]] = [
    {
        "title": "Ferry",
        "source": ["The ferry runs again.", "It was shut for a year."],
        "target": ["It runs.", "Ferry."],
    },
    {"article": "大桥昨天正式通车。全长两公里。\n\n过桥不收费。", "summary": "大桥通车。不收费。"},
    {"article": "One thing happened. Then another.", "target": "One thing. Another. A third.", "genre": "news"},
]


def test_articles_and_references_are_texts_or_lists(tmp_path: Path) -> None:
    ferry, bridge, other = read_samples(write_lines(tmp_path / "x.jsonl", ROWS))
    assert (ferry.document.title, ferry.references) == ("Ferry", ("It runs.", "Ferry."))
    assert ferry.sentences == tuple(ROWS[0]["source"])
    assert bridge.sentences == ("大桥昨天正式通车。", "全长两公里。", "过桥不收费。")
    assert (bridge.document.language, bridge.references) == ("zh", ("大桥通车。不收费。",))
    assert (other.genre, other.references) == ("news", ("One thing. Another. A third.",))


def test_the_count_is_that_of_the_references(tmp_path: Path) -> None:
    samples = read_samples(write_lines(tmp_path / "x.jsonl", ROWS))
    assert [usual_count([sample]) for sample in samples] == [1, 2, 3]
    assert usual_count(samples) == 2  # (1 + 1 + 2 + 3) / 4 = 1.75
    assert [s.document.title for s in read_samples(tmp_path / "x.jsonl", 2)] == ["Ferry", ""]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"target": "a"}, "line 2 lacks a 'source' or 'article'"),
        ({"source": "a"}, "line 2 lacks a 'target' or 'summary'"),
        ({"source": None, "target": "a"}, "line 2 lacks a 'source' or 'article'"),
        ({"article": ["a", 1], "target": "a"}, "line 2 has a 'article' that cannot be read"),
        ({"source": {"text": "a"}, "target": "a"}, "line 2 has a 'source' that cannot be read"),
        ({"source": [], "target": "a"}, "line 2 has nothing to read in its 'source'"),
        ({"source": "a", "summary": ["", "…"]}, "line 2 has nothing to read in its 'summary'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_samples(write_lines(tmp_path / "x.jsonl", [ROWS[0], row]))


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rows"):
        read_samples(write_lines(tmp_path / "x.jsonl", []))


def test_an_article_that_is_its_summary_scores_one(tmp_path: Path) -> None:
    rows = [{"source": "The ferry runs again today.", "target": ["the ferry runs again today"]}]
    told: list[tuple[int, int]] = []
    samples = read_samples(write_lines(tmp_path / "x.jsonl", rows))
    report = evaluate_summaries(samples, Summarizer(), lambda done, total: told.append((done, total))).as_dict()
    assert report.pop("ms_per_article") > 0
    assert set(report.values()) == {1.0}
    assert list(report) == ["rouge1", "rouge2", "rougeL", "lead_rouge1", "lead_rouge2", "lead_rougeL"]
    assert told == [(1, 1)]
