"""Parsing in child processes with limits on time, memory and size: the parent never parses what strangers send.

Children are kept between documents, because their imports take longer than most documents; a second one is started
only when somebody would have to wait for the first. Both sides speak JSON, so a child that a hostile document has taken
over can say nothing but text. A child that overruns is killed, not asked.
"""

import json
import multiprocessing
import os
import queue
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from nlp.documents import read_document
from nlp.errors import DocumentError
from nlp.sitemap import Sitemap, read_sitemap
from nlp.types import Document

_BYTES_PER_CHARACTER = 4  # at most, in UTF-8
_OVERHEAD = 20_000_000  # bytes of a reply that are not text
_OPEN_FILES = 64
_NICE = 5  # steps behind the parent, which has people waiting
# What a parser asks of the interpreter when a document makes it go elsewhere: the child has no business with any of it.
_FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: wall-clock `seconds`, address space in bytes, size of the result.

    `children` documents are read at a time.
    """

    seconds: float = 60
    memory: int = 3_000_000_000
    characters: int = 20_000_000
    sections: int = 300_000
    children: int = 2


OWNER = Limits()  # for what an owner adds
CHAT = Limits(seconds=8, memory=1_500_000_000, characters=5_000_000, sections=100_000)  # for what anybody sends


class SafeReader:
    """Reads documents in child processes. May be used from several threads; the others wait for a free child."""

    def __init__(self, limits: Limits = OWNER) -> None:
        self._limits = limits
        self._children = [_Child() for _ in range(limits.children)]
        # Those that run come first, so that nobody waits for a start without need.
        self._free: queue.PriorityQueue[tuple[bool, int]] = queue.PriorityQueue()
        for number in range(limits.children):
            self._free.put((True, number))

    def read(self, path: Path, media_type: str = "") -> Document:
        """As `nlp.documents.read_document`.

        Raises:
            DocumentError: also when reading takes too long, or needs more memory than is allowed.
        """
        with self._child() as child:
            raw = child.ask(self._limits, "document", path, media_type)["document"]
        return Document.restore(raw)

    def sitemap(self, path: Path) -> Sitemap:
        """As `nlp.sitemap.read_sitemap`.

        Raises:
            DocumentError: also when reading takes too long, or needs more memory than is allowed.
        """
        with self._child() as child:
            raw = child.ask(self._limits, "sitemap", path)["sitemap"]
        return Sitemap(tuple(raw["pages"]), tuple(raw["sitemaps"]))

    def close(self) -> None:
        """End the child processes; a document that is being read fails."""
        for child in self._children:
            child.end()

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        _, number = self._free.get()
        child = self._children[number]
        try:
            yield child
        finally:
            self._free.put((child.process is None, number))


class _Child:
    """One process, started when it is first asked and anew after it died."""

    def __init__(self) -> None:
        self.process: SpawnProcess | None = None
        self.pipe: Connection | None = None

    def ask(self, limits: Limits, task: str, path: Path, media_type: str = "") -> dict[str, Any]:
        """The child's reply to a request.

        Raises:
            DocumentError: the child gives a reason why there is none, or gives none at all.
        """
        try:
            pipe = self._start(limits)
        except OSError as error:
            reason = error.strerror or error
            raise DocumentError(f"{path.name!r} cannot be read now ({reason}): try again", "unreadable") from error
        try:
            pipe.send_bytes(json.dumps([task, str(path), media_type]).encode())
            if not pipe.poll(limits.seconds):
                self.end()
                raise DocumentError(
                    f"{path.name!r} took more than {limits.seconds:.0f} s to read: split or simplify it", "timeout"
                )
            reply: dict[str, Any] = json.loads(pipe.recv_bytes(_most_bytes(limits)))
        except (OSError, EOFError, ValueError) as error:
            self.end()
            raise DocumentError(
                f"{path.name!r} cannot be read: it is damaged or far too complex", "unreadable"
            ) from error
        if "reason" in reply:
            raise DocumentError(str(reply["message"]), str(reply["reason"]))
        return reply

    def end(self) -> None:
        """Kill the process."""
        process, pipe = self.process, self.pipe
        self.process = self.pipe = None
        if process is not None and pipe is not None:
            process.kill()
            process.join()
            process.close()
            pipe.close()

    def _start(self, limits: Limits) -> Connection:
        if self.pipe is None or self.process is None or not self.process.is_alive():
            self.end()
            context = multiprocessing.get_context("spawn")
            pipe, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, limits), daemon=True)
            process.start()
            theirs.close()
            self.process, self.pipe = process, pipe
        return self.pipe


def _most_bytes(limits: Limits) -> int:
    return _BYTES_PER_CHARACTER * limits.characters + _OVERHEAD


def _serve(pipe: Connection, limits: Limits) -> None:
    """The child's loop: one request, one reply, until the parent hangs up."""
    _confine(limits)
    while True:
        try:
            task, path, media_type = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        _ration(limits)
        pipe.send_bytes(_answer(limits, task, Path(path), media_type))


def _confine(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))
    os.nice(_NICE)
    # Parsers complain on stderr and quote what they read, which has no place in anybody's log.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.addaudithook(_refuse)


def _refuse(event: str, _: object) -> None:
    """Keep parsers from following links and starting programs; that they ask at all is how a document attacks."""
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is not for a reader of documents")


def _ration(limits: Limits) -> None:
    """Bound the processor time of the next document, for when no parent is left to watch the clock."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (spent + int(limits.seconds) + 2, hard))


def _answer(limits: Limits, task: str, path: Path, media_type: str) -> bytes:
    try:
        found = read_sitemap(path) if task == "sitemap" else _checked(read_document(path, media_type), path, limits)
        # Halves of surrogate pairs, which JSON and HTML can name, are no text that could be stored.
        return json.dumps({task: asdict(found)}, ensure_ascii=False).encode("utf-8", "replace")
    except DocumentError as error:
        reply = {"message": str(error), "reason": error.reason}
    except (MemoryError, RecursionError):
        reply = {"message": f"{path.name!r} is too large or too complex to read: split it", "reason": "too_large"}
    except Exception:  # any parser may fail in any way on hostile input; the reason is the same to the reader
        reply = {
            "message": f"{path.name!r} is damaged or not what its ending says: open and save it again",
            "reason": "unreadable",
        }
    return json.dumps(reply).encode()


def _checked(document: Document, path: Path, limits: Limits) -> Document:
    """The document, where it is small enough for the parent, which is not limited in memory, to take."""
    for size, most, what in (
        (len(document.text), limits.characters, "characters"),
        (len(document.sections), limits.sections, "sections"),
    ):
        if size > most:
            raise DocumentError(f"{path.name!r} holds more than {most:,} {what}: split it", "too_large")
    return document
