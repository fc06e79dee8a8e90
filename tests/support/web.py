"""A web server on this machine that answers each path with given bytes, or in a way of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """`pages` maps paths to whole answers, or to what writes one; others are not found.

    `request` is the latest request, in lower case; `paths` are those of all of them.
    """

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Behaviour] = {}
        self.base = ""
        self.request = ""
        self.paths: list[str] = []
        self._answering: set[asyncio.Task[None]] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; whoever asked may hang up at any time."""
        task = asyncio.ensure_future(self._answer(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def stop(self) -> None:
        """Give up answers that have no end."""
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split(" ")[1]
        self.request = request.lower()
        self.paths.append(path)
        found = self.pages.get(path, page(b"", status="404 Not Found"))
        try:
            with suppress(ConnectionError):
                if isinstance(found, bytes):
                    writer.write(found)
                else:
                    await found(writer)
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    """A server that listens on a free port of loopback; `base` is its address."""
    found = Server()
    listening = await asyncio.start_server(found.answer, "127.0.0.1", 0)
    found.base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        await found.stop()
        listening.close()
        await listening.wait_closed()


def page(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=gb2312") -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
