"""The child that reads for us: what happens when it dies, says nonsense, or cannot be started."""

import multiprocessing
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import DocumentError
from nlp.sandbox import Limits, SafeReader, _Child, _confine, _ration


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


def busiest(reader: SafeReader) -> _Child:
    """The child that is asked first."""
    return reader._children[0]


def test_one_child_reads_many_documents(reader: SafeReader, note: Path) -> None:
    reader.read(note)
    child = busiest(reader).process
    reader.read(note)
    assert child is not None
    assert busiest(reader).process is child
    assert child.is_alive()


def test_a_child_that_died_meanwhile_is_replaced(reader: SafeReader, note: Path) -> None:
    reader.read(note)
    child = busiest(reader).process
    assert child is not None
    child.kill()
    child.join()
    assert reader.read(note).text == "A short note."


def test_a_child_that_dies_over_a_document_blames_it_and_is_replaced(
    reader: SafeReader, note: Path, long_read: Path
) -> None:
    reader.read(note)
    child = busiest(reader).process
    assert child is not None
    threading.Timer(0.3, child.kill).start()
    with pytest.raises(DocumentError, match=r"'long\.html' cannot be read: it is damaged or far too complex") as caught:
        reader.read(long_read)
    assert caught.value.reason == "unreadable"
    assert reader.read(note).text == "A short note."


def test_a_child_that_overruns_is_killed_and_replaced(note: Path, long_read: Path) -> None:
    reader = SafeReader(Limits(seconds=30))
    reader.read(note)
    child = busiest(reader).process
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
    monkeypatch.setattr(busiest(reader).pipe, "recv_bytes", lambda limit: reply)
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
    child = busiest(reader).process
    reader.close()
    reader.close()
    assert child is not None
    assert multiprocessing.active_children() == []
    assert reader.read(note).text == "A short note."


def test_a_document_that_takes_long_holds_up_nobody_else(reader: SafeReader, note: Path, long_read: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        for child in pool.map(lambda _: reader.read(note), range(2)):  # both children are there
            assert child.text == "A short note."
        reading = pool.submit(reader.read, long_read)
        time.sleep(0.2)
        for _ in range(20):
            assert reader.read(note).text == "A short note."
        assert not reading.done()
        for process in multiprocessing.active_children():
            process.kill()
        with pytest.raises(DocumentError):
            reading.result()


def test_a_second_child_is_started_only_when_it_is_needed(reader: SafeReader, note: Path) -> None:
    for _ in range(5):
        reader.read(note)
    assert len(multiprocessing.active_children()) == 1


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(sections=3, children=1), "holds more than 3 sections: split it"),
        (Limits(characters=30, children=1), "holds more than 30 characters: split it"),
    ],
)
def test_what_the_parent_takes_is_limited(tmp_path: Path, limits: Limits, words: str) -> None:
    reader = SafeReader(limits)
    path = tmp_path / "a.txt"
    path.write_text("Ten letters.\n\n" * 4)
    with pytest.raises(DocumentError, match=words) as caught:
        reader.read(path)
    reader.close()
    assert caught.value.reason == "too_large"


def test_half_letters_are_replaced(reader: SafeReader, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"q": "What is \\ud83d?", "a": "Half \\ude00 of it."}]')
    document = reader.read(path)
    assert document.text.encode()
    assert "What is ?" in document.text


def _attempt(pipe: Any, limits: Limits, folder: str) -> None:
    """In a child: try what no parser should, and tell what came of it."""
    _confine(limits)
    attempts: dict[str, Callable[[], object]] = {
        "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
        "look up": lambda: socket.getaddrinfo("localhost", 80),
        "run": lambda: subprocess.run(["true"]),
        "shell": lambda: os.system("true"),  # noqa: S605 - refused before any shell
        "fork": os.fork,
        "write": lambda: Path(folder, "new").write_bytes(b"x"),
        "files": lambda: [Path(os.devnull).open() for _ in range(200)],  # noqa: SIM115
        "memory": lambda: bytearray(limits.memory),
    }
    said = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            said[name] = "done"
        except (OSError, MemoryError) as error:
            said[name] = type(error).__name__
    pipe.send(said)
    _ration(Limits(seconds=-1))
    while True:
        pass


def test_a_child_reaches_nothing_and_ends_without_its_parent(tmp_path: Path) -> None:
    pipe, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(
        target=_attempt, args=(theirs, Limits(memory=1_000_000_000), str(tmp_path))
    )
    child.start()
    said = pipe.recv()
    child.join(10)
    assert said == {
        "connect": "PermissionError",
        "look up": "PermissionError",
        "run": "PermissionError",
        "shell": "PermissionError",
        "fork": "PermissionError",
        "write": "OSError",
        "files": "OSError",
        "memory": "MemoryError",
    }
    assert child.exitcode == -signal.SIGXCPU
