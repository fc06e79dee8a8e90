"""The measure of article extraction, on examples counted by hand."""

import json
from pathlib import Path

import pytest

from nlp.errors import DataError
from nlp.evaluation.articles import Overlap, compare, evaluate_articles, f1_error, page_text, read_pages, scores
from tests.support.pages import EN, ZH, article, write_pages


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        ("a b c d e", "a b c d e", (1, 0, 0)),
        ("a b c d e", "a b c d x", (1 / 3, 1 / 3, 1 / 3)),  # abcd shared, bcdx too many, bcde missing
        ("a b c d", "a b c d e f", (1 / 3, 2 / 3, 0)),
        ("a b c d a b c d", "a b c d", (1 / 5, 0, 4 / 5)),  # abcd counts twice
        ("a b", "a b", (1, 0, 0)),  # shorter than a shingle: one
        ("a b", "a b c", (0, 1 / 2, 1 / 2)),
        ("A b c d", "a b c d", (0, 1 / 2, 1 / 2)),  # case tells
        ("a, b - c: d_1!", "a b c d_1", (1, 0, 0)),  # punctuation does not
        ("你好，世界。再见，朋友", "你好 世界 再见 朋友", (1, 0, 0)),
        ("", "a b c d e", (0, 1, 0)),
        ("a b c d e", "", (0, 0, 1)),
        ("", " . ", (0, 0, 0)),
    ],
)
def test_shingles_are_counted(truth: str, found: str, expected: tuple[float, float, float]) -> None:
    overlap = compare(truth, found)
    assert (overlap.shared, overlap.extra, overlap.missing) == pytest.approx(expected)


def test_precision_and_recall_are_means_over_the_pages_that_have_them() -> None:
    pages = [Overlap(1, 0, 0), Overlap(0.5, 0.5, 0), Overlap(0.25, 0.25, 0.5), Overlap(0, 0, 1), Overlap(0, 1, 0)]
    found = scores(pages)
    assert found.precision == pytest.approx((1 + 0.5 + 0.5 + 0) / 4)  # nothing was found on the fourth
    assert found.recall == pytest.approx((1 + 1 + 1 / 3 + 0) / 4)  # nothing is to be found on the fifth
    assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))
    assert [round(page.f1, 3) for page in pages] == [1, 0.667, 0.4, 0, 0]
    assert Overlap(0, 0, 0).f1 == 1


def test_nothing_found_anywhere_is_zero() -> None:
    assert scores([Overlap(0, 0, 1)] * 3).f1 == 0


def test_the_error_of_f1_shrinks_with_the_pages_and_is_the_same_every_time() -> None:
    pages = [Overlap(1, 0, 0), Overlap(0, 1, 0), Overlap(0.5, 0.5, 0)]
    assert f1_error(pages) == f1_error(pages)
    assert 0 < f1_error(pages * 16) < f1_error(pages) / 2
    assert f1_error([Overlap(1, 0, 0)] * 5) == 0


def test_pages_are_read_and_measured(tmp_path: Path) -> None:
    made = {"en": (article("Wall", EN), "\n".join(EN)), "zh": (article("堤坝", ZH), "\n".join(("堤坝", *ZH)))}
    pages = read_pages(write_pages(tmp_path / "data", made))
    told: list[tuple[int, int]] = []
    report = evaluate_articles(pages, on_page=lambda *counts: told.append(counts))
    assert told == [(1, 2), (2, 2)]
    assert report.recall == 1
    assert 0.9 < report.precision < 1  # the title is not in the first one's truth
    assert report.ms_per_page > 0
    assert evaluate_articles(pages, lambda _: "").f1 == 0


def test_a_page_without_text_has_none() -> None:
    assert page_text(b"<script>x</script>") == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"id": "a"}, "line 1 lacks an 'id' or an 'articleBody'"),
        ({"id": "../a", "articleBody": "x"}, "line 1 lacks an 'id'"),
        ({"id": "b", "articleBody": "x"}, "b.html.gz' cannot be read"),
        ({"id": "a", "articleBody": "x"}, "a.html.gz' is not an intact .gz file"),
        (None, "has no rows"),
    ],
)
def test_a_bad_folder_is_named(tmp_path: Path, row: object, words: str) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html.gz").write_bytes(b"not packed")
    (tmp_path / "ground_truth.jsonl").write_text(json.dumps(row) if row else "\n")
    with pytest.raises(DataError, match=words):
        read_pages(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ground_truth.jsonl' cannot be read .*: check the path"):
        read_pages(tmp_path / "nowhere")
