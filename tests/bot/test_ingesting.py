"""kill -9 while a folder is added: what was committed stays whole, the rest goes on, the indexes follow."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import Database
from storage.records import Change
from tests.support.apps import small_app
from tests.support.ingesting import add_folder

FILES, SENTENCES, COMMITTED = 40, 60, 5

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Many files of several chunks each, in both languages."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(FILES):
        lines = [
            f"Rule {number}.{n}: parcels are paid within {n} days. 规定{number}：{n}天内付款。"
            for n in range(SENTENCES)
        ]
        (folder / f"{number:02}.md").write_text(f"# Paper {number}\n\n" + "\n\n".join(lines), encoding="utf-8")
    return folder


def kill_after(committed: int, database: Database, home: Path, folder: Path) -> None:
    """Add the folder in a process of its own, and end that as a power cut would once some files are committed."""
    command = [sys.executable, "-m", "tests.support.ingesting", database.url.render_as_string(), str(home), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(committed):
            assert process.stdout.readline()
        process.kill()


async def test_a_folder_goes_on_where_it_was_killed(sqlite: Database, tmp_path: Path, folder: Path) -> None:
    kill_after(COMMITTED, sqlite, tmp_path / "home", folder)
    async with sqlite.read() as tx:
        before = {document.uri: document for document in await tx.documents.all()}
    assert COMMITTED <= len(before) < FILES
    async with small_app(sqlite, tmp_path / "home") as app:
        assert app.knowledge.index.size == sum(document.chunks for document in before.values())
        added = await add_folder(app, folder)
        after = {document.uri: document for document in await app.knowledge.documents()}
        await app.knowledge.index.refresh()
        assert app.knowledge.index.size == sum(document.chunks for document in after.values())
    assert [item.change for item in added].count(Change.UNCHANGED) == len(before)
    assert len(after) == FILES
    assert len({document.chunks for document in after.values()}) == 1
    assert all(after[uri] == document for uri, document in before.items())
