"""A web server on this machine that answers each path with given bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Server:
    """`pages` maps paths to whole answers; `request` is the latest request, in lower case; others are not found."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.base = ""
        self.request = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split(" ")[1]
        self.request = request.lower()
        writer.write(self.pages[path] if path in self.pages else page(b"", status="404 Not Found"))
        await writer.drain()
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
        listening.close()
        await listening.wait_closed()


def page(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=gb2312") -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
