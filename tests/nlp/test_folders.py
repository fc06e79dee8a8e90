"""Folders that appear complete, or not at all."""

from pathlib import Path

import pytest

from nlp.errors import ReportError
from nlp.folders import new_folder


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with new_folder(tmp_path / "a" / "new", "the report", ReportError) as scratch:
        (scratch / "file").write_text("1")
        assert not (tmp_path / "a" / "new").exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]
    assert (tmp_path / "a" / "new" / "file").read_text() == "1"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("mine")])
def test_what_goes_wrong_inside_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail(scratch: Path) -> None:
        (scratch / "file").write_text("1")
        raise error

    with pytest.raises(type(error)), new_folder(tmp_path / "new", "the report", ReportError) as scratch:
        fail(scratch)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    words = "the report was not saved to .*new': No space left"
    with (
        pytest.raises(ReportError, match=words),
        new_folder(tmp_path / "new", "the report", ReportError),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(ReportError, match="cannot be written"),
        new_folder(tmp_path / "file" / "new", "the report", ReportError),
    ):
        pass
