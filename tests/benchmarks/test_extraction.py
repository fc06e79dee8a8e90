"""The comparison of extractors on two tiny pages."""

from pathlib import Path

from benchmarks.extraction import CONTENDERS, measure, own_tenths, shared_tenths, table
from nlp.evaluation.articles import read_pages
from tests.support.pages import EN, ZH, article, write_pages


def test_all_contenders_are_measured_on_the_same_pages(tmp_path: Path) -> None:
    made = {
        "en": (article("Wall", EN * 2), "\n".join(("Wall", *EN * 2))),
        "zh": (article("堤坝", ZH * 2), "\n".join(("堤坝", *ZH * 2))),
    }
    results = measure(read_pages(write_pages(tmp_path / "data", made)))
    assert [result.name for result in results] == list(CONTENDERS)
    assert results[0].scores == [1, 1]
    assert all(len(result.overlaps) == 2 and result.report.ms_per_page > 0 for result in results)
    assert any(result.report.f1 > 0 for result in results[1:])
    for result, shared in zip(results, shared_tenths(results), strict=True):
        assert own_tenths(result) == sorted(result.scores) == sorted(shared)
    lines = table(results).splitlines()
    assert lines[0] == "| | precision | recall | F1 | ms a page |"
    assert sum(line.startswith("| Dawen |") for line in lines) == 3
