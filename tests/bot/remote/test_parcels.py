"""Folders that travel arrive as they were, and reach no other place."""

from pathlib import Path

import pytest

from bot.errors import ClusterError
from bot.remote.parcels import deliver, pack, unpack


def test_a_folder_arrives_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a.json").write_text("{}")
    (source / "deep" / "名字.bin").write_bytes(bytes(range(256)))
    parcel = pack(source)
    assert set(parcel) == {"a.json", "deep/名字.bin"}
    deliver(parcel, tmp_path / "target")
    assert pack(tmp_path / "target") == parcel


def test_a_file_travels_under_its_name_and_what_is_not_there_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("one")
    assert pack(tmp_path / "one.txt") == {"one.txt": b"one"}
    assert pack(tmp_path / "none") == {}


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ClusterError, match="leads out"):
        unpack({"fine": b"", name: b"x"}, tmp_path / "in")
    assert not (tmp_path / "in").exists()


def test_what_is_there_already_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").write_text("mine")
    with pytest.raises(ClusterError, match="not empty"):
        deliver({"theirs": b""}, tmp_path / "target")
    assert pack(tmp_path / "target") == {"mine": b"mine"}
