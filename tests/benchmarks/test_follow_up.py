"""The figures of follow-ups on a handful of rows whose figures are known."""

import json
from pathlib import Path

import pytest

from benchmarks import follow_up
from benchmarks.follow_up import Row, f1, measure, read_rows

ROWS = [
    {"context": ["你知道简爱吗", "知道"], "question": "它的作者是谁", "rewrite": "简爱的作者是谁"},
    {"context": ["怎么退款", "填表"], "question": "我也是", "rewrite": "我也是退款"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    return path


def test_the_halves_are_every_second_row(data: Path) -> None:
    assert [row.question for row in read_rows(data, 0)] == ["它的作者是谁"]
    assert [row.question for row in read_rows(data, 1)] == ["我也是"]


def test_figures_of_one_restored_and_one_untouched(data: Path) -> None:
    found = measure([*read_rows(data, 0), *read_rows(data, 1)])
    assert (found.rows, found.exact, found.restored) == (2, 0.5, 0.5)
    assert (found.restored_pronouns, found.restored_touched) == (1.0, 1.0)
    assert found.left_alone == 1.0
    assert found.f1_before < found.f1 < 1.0


@pytest.mark.parametrize(("made", "meant", "value"), [("ab", "ab", 1.0), ("ab", "bc", 0.5), ("", "a", 0.0)])
def test_f1_counts_characters(made: str, meant: str, value: float) -> None:
    assert f1(made, meant) == value


def test_what_is_missing_is_what_the_meaning_adds() -> None:
    assert Row("", "", "作者是谁", "简爱的作者是谁").missing == "简爱"
    assert Row("", "", "好", "好").missing == ""


def test_the_command_prints_every_figure(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["follow_up", "--data", str(data), "--half", "0"])
    follow_up.main()
    assert capsys.readouterr().out.splitlines()[:2] == ["rows                   1", "exact                  1"]
