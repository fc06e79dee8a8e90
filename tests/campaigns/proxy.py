"""A network that fails as it is told to: a proxy for HTTP/1.1 between two programs on this machine.

Whoever wants a fault plans it for the next request of some kind; the proxy tells when it has come about.
"""

import asyncio
import itertools
import json
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 1 << 20
_LINGER_NOT = struct.pack("ii", 1, 0)  # the connection is reset when it is closed
_WRONG = (b"[]", b'"no"', b'{"ok": true}', b'{"ok": true, "result": 5}', b'{"ok": false}', b"<html>a portal</html>")
_BLACK_HOLE = 1.5  # seconds for which a half-open network swallows everything
_REASONS = {401: "Unauthorized", 403: "Forbidden", 409: "Conflict", 500: "Internal Server Error"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: the last part of the path, and the chat that it is about, if it is about one."""

    name: str
    chat: int | None
    raw: bytes


@dataclass
class Fault:
    """What befalls the next request of a name, to a chat where one is given. `hit_at` is when that was."""

    kind: str
    name: str
    chat: int | None = None
    retry_after: int = 1
    hit: threading.Event = field(default_factory=threading.Event)
    hit_at: float = 0.0

    def befalls(self, request: Request) -> bool:
        """True where it is meant for this request."""
        return self.name == request.name and self.chat in (None, request.chat)


class _GoneError(ConnectionError):
    """A side has closed the connection."""


class Proxy:
    """Stands before a server on a port of this machine.

    `early` counts messages to a chat that had to wait; `unheard`, by chat, the requests that were passed on and whose
    client did not wait for the answer, as happens on a machine that has too much to do.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._planned: list[Fault] = []
        self._silent_until = 0.0
        self._waits: dict[int, float] = {}  # until when nothing may be said in a chat
        self._wrong = itertools.cycle(_WRONG)
        self._lock = threading.Lock()
        self.early = 0
        self.unheard: Counter[int] = Counter()

    def __enter__(self) -> Self:
        started: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True, name="proxy")
        self._thread.start()
        self.port = started.result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def plan(self, fault: Fault) -> Fault:
        """Let a fault come about at the next request that it is meant for."""
        with self._lock:
            self._planned.append(fault)
        return fault

    def _run(self, started: "Future[int]") -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD))
        started.set_result(server.sockets[0].getsockname()[1])
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests, each with an answer or a fault."""
        upstream = None
        try:
            while True:
                request = _request(*await _message(reader))
                if upstream is None:
                    upstream = await asyncio.open_connection("127.0.0.1", self._target)
                await self._pass(request, reader, writer, upstream)
        except (OSError, asyncio.CancelledError):  # cancelled when the proxy ends
            pass
        finally:
            for end in (writer, *([upstream[1]] if upstream else [])):
                end.close()

    async def _pass(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        fault = self._take(request)
        if fault is None and time.monotonic() < self._silent_until:
            await _gone(reader)
        if fault is None or fault.kind == "reply lost":
            upstream[1].write(request.raw)
            asked = asyncio.ensure_future(_message(upstream[0]))
            left = asyncio.ensure_future(reader.read(1))  # the client does not speak before it has its answer
            await asyncio.wait((asked, left), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                asked.cancel()
                self.unheard[request.chat or 0] += 1
                raise _GoneError
            left.cancel()
            with suppress(asyncio.CancelledError):
                await left
            head, body = await asked
            if fault is not None:
                raise _reset(writer)
            writer.write(head + body)
            await writer.drain()
            return
        await self._spoil(fault, reader, writer)

    def _take(self, request: Request) -> Fault | None:
        with self._lock:
            if request.name == "sendMessage" and time.monotonic() < self._waits.get(request.chat or 0, 0.0):
                self.early += 1
            fault = next((fault for fault in self._planned if fault.befalls(request)), None)
            if fault is None:
                return None
            self._planned.remove(fault)
        fault.hit_at = time.monotonic()
        fault.hit.set()
        return fault

    async def _spoil(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Everything that keeps a request from its server."""
        match fault.kind:
            case "time-out":
                await _gone(reader)
            case "half-open":
                self._silent_until = time.monotonic() + _BLACK_HOLE
                await _gone(reader)
            case "reset":
                raise _reset(writer)
            case "truncated JSON":
                body = b'{"ok": true, "result": {"message_id": 1, "da'
                writer.write(_answer(200, body, length=2 * len(body)))
                await writer.drain()
                raise _GoneError
            case "wrong JSON":
                writer.write(_answer(200, next(self._wrong)))
            case _:
                await self._refuse(fault, writer)

    async def _refuse(self, fault: Fault, writer: asyncio.StreamWriter) -> None:
        status = int(fault.kind)
        said: dict[str, Any] = {"ok": False, "error_code": status, "description": _REASONS.get(status, "")}
        if status == 429:
            self._waits[fault.chat or 0] = time.monotonic() + fault.retry_after
            said |= {"description": "Too Many Requests", "parameters": {"retry_after": fault.retry_after}}
        # What stands between programs answers in HTML; it is not Telegram that speaks.
        body = b"<html>nginx</html>" if status in (403, 502, 503) else json.dumps(said).encode()
        writer.write(_answer(status, body))
        await writer.drain()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next message of a connection: head and body.

    Raises:
        _GoneError: there is none.
    """
    try:
        head = await reader.readuntil(_HEAD)
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
        return head, await reader.readexactly(int(fields.get(b"content-length", b"0")))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise _GoneError from error


async def _gone(reader: asyncio.StreamReader) -> None:
    """Say nothing until the client has lost its patience."""
    with suppress(OSError):
        await reader.read(1)
    raise _GoneError


def _request(head: bytes, body: bytes) -> Request:
    name = urlsplit(head.split(b" ", 2)[1].decode("latin-1")).path.rpartition("/")[2]
    chat = parse_qs(body.decode("utf-8", "replace")).get("chat_id", [None])[0]
    return Request(name, int(chat) if chat else None, head + body)


def _reset(writer: asyncio.StreamWriter) -> _GoneError:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()
    return _GoneError()


def _answer(status: int, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode() + body
