"""What a path, a folder or a pattern on the command line means."""

from pathlib import Path

import pytest

from bot.sources import expand, is_url
from nlp.errors import DocumentError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Readable files, others, and hidden ones."""
    for name in ("a.md", "b/c.TXT", "b/d/e.pdf", "b/.hidden/f.md", "g.exe", "[h].md", "手册/i.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def test_folders_mean_every_readable_file_in_them(tmp_path: Path) -> None:
    for name in ("a.md", "b/c.TXT", "b/.hidden/d.md", "e.exe"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in expand(str(tmp_path))] == ["a.md", "c.TXT"]
    assert expand(str(tmp_path / "e.exe")) == [tmp_path / "e.exe"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentError, match="holds no readable file"):
        expand(str(tmp_path / "empty"))
    with pytest.raises(DocumentError, match="does not exist"):
        expand(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.md", ["[h].md", "a.md"]),
        ("*", ["[h].md", "a.md"]),
        ("**/*", ["[h].md", "a.md", "c.TXT", "e.pdf", "i.xlsx"]),
        ("**/*.pdf", ["e.pdf"]),
        ("b/?.TXT", ["c.TXT"]),
        ("[ab].md", ["a.md"]),
        ("[h].md", ["[h].md"]),
        ("手*/*", ["i.xlsx"]),
    ],
)
def test_patterns_mean_the_readable_files_that_match(folder: Path, pattern: str, names: list[str]) -> None:
    assert [path.name for path in expand(str(folder / pattern))] == names


def test_patterns_are_read_from_the_folder_that_one_is_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert expand("b/**/*.pdf") == [Path("b/d/e.pdf")]


@pytest.mark.parametrize("pattern", ["*.exe", "nowhere/*", "**/*.epub"])
def test_a_pattern_without_a_readable_file_is_named(folder: Path, pattern: str) -> None:
    with pytest.raises(DocumentError, match="matches no readable file: supported are") as caught:
        expand(str(folder / pattern))
    assert caught.value.reason == "empty"


def test_links_are_told_from_paths() -> None:
    assert is_url("HTTPS://example.org/*")
    assert not is_url("docs/https://x")
