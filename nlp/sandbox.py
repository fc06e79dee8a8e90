"""Parsing in a child process with limits on time, memory and size: the parent never parses what strangers send.

The child is kept between documents, because its imports take longer than most documents. Both sides speak JSON, so a
child that a hostile document has taken over can say nothing but text. A child that overruns is killed, not asked.
"""

import json
import multiprocessing
import os
import resource
import threading
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from nlp.documents import read_document
from nlp.errors import DocumentError
from nlp.sitemap import Sitemap, read_sitemap
from nlp.types import Document, Section, Span


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: wall-clock `seconds`, address space and result size in bytes."""

    seconds: float = 60
    memory: int = 3_000_000_000
    characters: int = 20_000_000


class SafeReader:
    """Reads documents in a child process. May be used from several threads; documents are read one at a time."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._child: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def read(self, path: Path, media_type: str = "") -> Document:
        """As `nlp.documents.read_document`.

        Raises:
            DocumentError: also when reading takes too long, or needs more memory than is allowed.
        """
        with self._lock:
            return self._document(path.name, self._exchange("document", path, media_type))

    def sitemap(self, path: Path) -> Sitemap:
        """As `nlp.sitemap.read_sitemap`.

        Raises:
            DocumentError: also when reading takes too long, or needs more memory than is allowed.
        """
        with self._lock:
            raw = self._exchange("sitemap", path)["sitemap"]
        return Sitemap(tuple(raw["pages"]), tuple(raw["sitemaps"]))

    def close(self) -> None:
        """End the child process."""
        if self._child is not None and self._pipe is not None:
            self._child.kill()
            self._child.join()
            self._child.close()
            self._pipe.close()
        self._child = self._pipe = None

    def _exchange(self, task: str, path: Path, media_type: str = "") -> dict[str, Any]:
        """The child's reply to a request.

        Raises:
            DocumentError: the child gives a reason why there is none, or gives none at all.
        """
        try:
            pipe = self._start()
        except OSError as error:
            reason = error.strerror or error
            raise DocumentError(f"{path.name!r} cannot be read now ({reason}): try again", "unreadable") from error
        try:
            pipe.send_bytes(json.dumps([task, str(path), media_type]).encode())
            if not pipe.poll(self._limits.seconds):
                self.close()
                raise DocumentError(
                    f"{path.name!r} took more than {self._limits.seconds:.0f} s to read: split or simplify it",
                    "timeout",
                )
            reply: dict[str, Any] = json.loads(pipe.recv_bytes(8 * self._limits.characters))
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise DocumentError(
                f"{path.name!r} cannot be read: it is damaged or far too complex", "unreadable"
            ) from error
        if "reason" in reply:
            raise DocumentError(str(reply["message"]), str(reply["reason"]))
        return reply

    def _start(self) -> Connection:
        if self._pipe is None or self._child is None or not self._child.is_alive():
            self.close()
            context = multiprocessing.get_context("spawn")
            pipe, theirs = context.Pipe()
            child = context.Process(target=_serve, args=(theirs, self._limits), daemon=True)
            child.start()
            theirs.close()
            self._child, self._pipe = child, pipe
        return self._pipe

    def _document(self, name: str, reply: dict[str, Any]) -> Document:
        raw = reply["document"]
        if len(raw["text"]) > self._limits.characters:
            raise DocumentError(
                f"{name!r} holds more than {self._limits.characters:,} characters: split it", "too_large"
            )
        sections = tuple(Section(Span(**item.pop("span")), **item) for item in raw.pop("sections"))
        return Document(**raw, sections=sections)


def _serve(pipe: Connection, limits: Limits) -> None:
    """The child's loop: one request, one reply, until the parent hangs up."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Parsers complain on stderr and quote what they read, which has no place in anybody's log.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    while True:
        try:
            task, path, media_type = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        pipe.send_bytes(json.dumps(_answer(task, Path(path), media_type)).encode())


def _answer(task: str, path: Path, media_type: str) -> dict[str, Any]:
    try:
        return {task: asdict(read_sitemap(path) if task == "sitemap" else read_document(path, media_type))}
    except DocumentError as error:
        return {"message": str(error), "reason": error.reason}
    except (MemoryError, RecursionError):
        return {"message": f"{path.name!r} is too large or too complex to read: split it", "reason": "too_large"}
    except Exception:  # any parser may fail in any way on hostile input; the reason is the same to the reader
        return {
            "message": f"{path.name!r} is damaged or not what its ending says: open and save it again",
            "reason": "unreadable",
        }
