"""`dawen bench ingest` over small models."""

from pathlib import Path

import pytest

from tests.support.apps import HANDBOOK_EN, HANDBOOK_ZH
from tests.support.models import BagEncoder
from tests.support.terminal import Terminal


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side of the comparison loads nothing either."""
    monkeypatch.setattr("bot.commands.bench.sentence_transformers_encode", lambda *_: BagEncoder().encode)


def test_ingestion_is_measured_beside_plain_encoding(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "handbook.md").write_text(HANDBOOK_EN, encoding="utf-8")
    (tmp_path / "手册.md").write_text(HANDBOOK_ZH, encoding="utf-8")
    found = terminal("bench", "ingest", tmp_path / "handbook.md", tmp_path / "手册.md", "--json").json
    assert (found["documents"], found["chunks"]) == (2, 4)
    assert min(found["ingest"], found["embedding"], found["sentence_transformers"]) > 0
    shown = terminal("bench", "ingest", tmp_path / "handbook.md").out
    assert "2 passages of 1 documents" in shown
    assert "sentence-transformers" in shown
    assert terminal("documents", "--json").json == {"documents": []}
    assert "does not exist" in terminal("bench", "ingest", "nowhere.md").complaint
