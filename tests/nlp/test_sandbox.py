"""The child that reads for us: what happens when it dies, says nonsense, or cannot be started."""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import DocumentError
from nlp.sandbox import Limits, SafeReader


@pytest.fixture
def reader() -> Iterator[SafeReader]:
    reader = SafeReader()
    yield reader
    reader.close()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("A short note.")
    return path


@pytest.fixture
def long_read(tmp_path: Path) -> Path:
    """A page that keeps the child busy for seconds."""
    path = tmp_path / "long.html"
    path.write_text("<p>word</p>" * 300_000)
    return path


def test_one_child_reads_many_documents(reader: SafeReader, note: Path) -> None:
    reader.read(note)
    child = reader._child
    reader.read(note)
    assert child is not None
    assert reader._child is child
    assert child.is_alive()


def test_a_child_that_died_meanwhile_is_replaced(reader: SafeReader, note: Path) -> None:
    reader.read(note)
    assert reader._child is not None
    reader._child.kill()
    reader._child.join()
    assert reader.read(note).text == "A short note."


def test_a_child_that_dies_over_a_document_blames_it_and_is_replaced(
    reader: SafeReader, note: Path, long_read: Path
) -> None:
    reader.read(note)
    child = reader._child
    assert child is not None
    threading.Timer(0.3, child.kill).start()
    with pytest.raises(DocumentError, match=r"'long\.html' cannot be read: it is damaged or far too complex") as caught:
        reader.read(long_read)
    assert caught.value.reason == "unreadable"
    assert reader.read(note).text == "A short note."


def test_a_child_that_overruns_is_killed_and_replaced(note: Path, long_read: Path) -> None:
    reader = SafeReader(Limits(seconds=30))
    reader.read(note)
    child = reader._child
    assert child is not None
    pid = child.pid
    reader._limits = Limits(seconds=0.1)
    start = time.perf_counter()
    with pytest.raises(DocumentError, match=r"'long\.html' took more than"):
        reader.read(long_read)
    assert time.perf_counter() - start < 5
    assert pid not in {process.pid for process in multiprocessing.active_children()}
    reader._limits = Limits(seconds=30)
    assert reader.read(note).text == "A short note."
    reader.close()


@pytest.mark.parametrize("reply", [b"no json", b"\xff"])
def test_a_child_that_says_nonsense_is_replaced(
    reader: SafeReader, note: Path, reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.read(note)
    monkeypatch.setattr(reader._pipe, "recv_bytes", lambda limit: reply)
    with pytest.raises(DocumentError, match="damaged or far too complex"):
        reader.read(note)
    assert reader.read(note).text == "A short note."


def test_a_child_that_cannot_be_started_is_tried_again(
    reader: SafeReader, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(process: Any) -> None:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr("multiprocessing.process.BaseProcess.start", refuse)
        with pytest.raises(DocumentError, match=r"'note\.txt' cannot be read now \(no more processes\): try again"):
            reader.read(note)
    assert reader.read(note).text == "A short note."


def test_several_threads_get_their_own_documents(reader: SafeReader, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(12)]
    for path in paths:
        path.write_text(f"This is number {path.stem}.")
    with ThreadPoolExecutor(6) as pool:
        assert [document.text for document in pool.map(reader.read, paths)] == [
            f"This is number {number}." for number in range(12)
        ]


def test_closing_is_repeatable_and_not_the_end(reader: SafeReader, note: Path) -> None:
    reader.close()
    assert reader.read(note).text == "A short note."
    child = reader._child
    reader.close()
    reader.close()
    assert child is not None
    assert multiprocessing.active_children() == []
    assert reader.read(note).text == "A short note."
