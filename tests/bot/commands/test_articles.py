"""`dawen evaluate articles` on two small pages."""

import json
from pathlib import Path

from tests.support.pages import EN, ZH, article, write_pages
from tests.support.terminal import Terminal

MADE = {"en": (article("Wall", EN), "\n".join(("Wall", *EN))), "zh": (article("堤坝", ZH), "\n".join(("堤坝", *ZH)))}


def test_articles_are_measured(tmp_path: Path) -> None:
    outcome = Terminal()("evaluate", "articles", "--data", write_pages(tmp_path / "data", MADE), "--json")
    report = json.loads(outcome.out)
    assert list(report) == ["precision", "recall", "f1", "f1_stderr", "ms_per_page"]
    assert (report["precision"], report["recall"], report["f1"], report["f1_stderr"]) == (1, 1, 1, 0)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in Terminal()("evaluate", "articles", "--data", tmp_path / "nowhere", "--json").complaint
