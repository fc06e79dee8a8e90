"""What is to leave no trace leaves none in the caches of any process."""

from pathlib import Path

import pytest

from nlp.retriever import Retriever
from storage.database import Database
from tests.bot.test_indexing import keys, opened
from tests.support.apps import HANDBOOK_EN, add_text, small_app
from tests.support.models import BagEncoder


async def test_what_one_process_purges_the_others_purge_too_and_after_a_restart_at_the_latest(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_app(database, tmp_path / "other") as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
    async with opened(database, tmp_path / "one") as one, opened(database, tmp_path / "two") as two:
        async with opened(database, tmp_path / "three"):
            pass
        before = two._retriever
        await two.follow()
        assert two._retriever is before
        await one.purge()
        await two.follow()
        assert two._retriever is not before
        after = two._retriever
        await two.follow()
        assert two._retriever is after
    made: list[Path] = []
    create = Retriever.create

    def noted(encoder: BagEncoder, folder: Path) -> Retriever:
        made.append(folder)
        return create(encoder, folder)

    monkeypatch.setattr(Retriever, "create", noted)
    for name in ("one", "two", "three", "three"):
        async with opened(database, tmp_path / name) as index:
            assert index.size == len(await keys(database))
    assert made == [tmp_path / "three"]
