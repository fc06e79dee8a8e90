"""Servers that drip, never end, lie about lengths or send bombs: each is given up in time, with a sentence."""

import asyncio
import gzip
import time
import zlib
from collections.abc import Awaitable, Callable

import psutil
import pytest

from bot import texts
from bot.errors import FetchError
from bot.fetching import TOTAL_SECONDS, Fetcher
from bot.reading import SourceReader
from nlp.errors import DocumentError
from tests.support.web import Behaviour, Server, page

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MEMORY = 256_000_000


def dripping(first: bytes, drop: bytes, pause: float) -> Behaviour:
    """A server that sends `drop` for ever."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


def bomb(wbits: int, megabytes: int = 200) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


SLOW: dict[str, Behaviour] = {
    "drops of body": dripping(HEAD + b"\r\n", b"x", 0.01),
    "drops of headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.01),
    "drops of status": dripping(b"HTTP/1.1 200 ", b"O", 0.01),
    "drops of chunks": dripping(CHUNKED, b"1\r\nx\r\n", 0.01),
    "drops of gzip": dripping(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b"", 0.01),
    "a length that never comes": dripping(HEAD + b"Content-Length: 100000\r\n\r\nx", b"", 0.05),
    "nothing": dripping(b"", b"", 0.05),
    "drops of information": dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.01),
}
FAST: dict[str, bytes | Behaviour] = {
    "an endless body": dripping(HEAD + b"\r\n", b"x" * 65_536, 0),
    "endless chunks": dripping(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n", 0),
    "endless headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 60_000 + b"\r\n", 0),
    "an endless header": dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 65_536, 0),
    "an endless status": dripping(b"HTTP/1.1 200 ", b"O" * 65_536, 0),
    "an endless chunk size": dripping(CHUNKED, b"0" * 65_536, 0),
    "an endless gzip": dripping(HEAD + b"Content-Encoding: gzip\r\n\r\n", bomb(31, 20)[:16_384], 0),
    "a gzip bomb": HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + bomb(31),
    "a deflate bomb": HEAD + b"Content-Encoding: deflate\r\nConnection: close\r\n\r\n" + bomb(15),
    "a raw deflate bomb": HEAD + b"Content-Encoding: deflate\r\nConnection: close\r\n\r\n" + bomb(-15),
    "a brotli bomb": HEAD + b"Content-Encoding: br\r\nConnection: close\r\n\r\n" + bytes(600),
    "a zstd bomb": HEAD + b"Content-Encoding: zstd\r\nConnection: close\r\n\r\n\x28\xb5\x2f\xfd" + bytes(600),
    "two encodings": HEAD + b"Content-Encoding: br\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + bytes(600),
    "too long a length": HEAD + b"Content-Length: 10\r\nConnection: close\r\n\r\nx",
    "too short a length": HEAD + b"Content-Length: 1\r\nConnection: close\r\n\r\n" + b"x" * 1000,
    "a negative length": HEAD + b"Content-Length: -1\r\nConnection: close\r\n\r\nx",
    "a huge length": HEAD + b"Content-Length: 99999999999999999999999\r\nConnection: close\r\n\r\nx",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nxy",
    "no number": HEAD + b"Content-Length: many\r\nConnection: close\r\n\r\nx",
    "length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    "chunks that are none": CHUNKED + b"zz\r\nx\r\n",
    "a chunk of minus one": CHUNKED + b"-1\r\nx\r\n",
    "a huge chunk": CHUNKED + b"fffffffffffffffffff\r\nx",
    "a chunk cut short": CHUNKED + b"10\r\nx",
    "no end": HEAD,
    "HTTP/0.9": b"<html>hello</html>",
    "HTTP/9": b"HTTP/9.9 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "status 999": b"HTTP/1.1 999 Odd\r\nConnection: close\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "a nul": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\0\r\n\r\n",
    "folded headers": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n ;x\r\n\tcharset=y\r\nConnection: close\r\n\r\nx",
    "noise": bytes(range(256)) * 100,
    "TLS": b"\x15\x03\x01\x00\x02\x02\x28",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a loop": page(b"", "Location: /", status="302 Found"),
    "an odd place": page(b"", "Location: http://xn--\xff/".replace("\xff", "a"), status="302 Found"),
    "no place": page(b"", status="302 Found"),
}
KINDS = [
    *(
        f"text/html; charset={name}"
        for name in 'punycode idna undefined utf-7 zip rot13 unicode_escape x "" utf-16'.split()
    ),
    "text/html; charset*=utf-8''%ff",
    "text/html; charset*0=ut; charset*1=f-8",
    "text/html;" + "charset=x;" * 5000,
    "text/plain; charset=" + "x" * 50_000,
]


async def complaint(work: Awaitable[object]) -> str:
    """The reason why a page was not read, or nothing; it must come in time, and in little memory."""
    process = psutil.Process()
    before, start = process.memory_info().rss, time.perf_counter()
    try:
        await work
        said = ""
    except (FetchError, DocumentError) as error:
        said = error.reason
    assert said in {"", *texts.LINK_ERRORS, *texts.FILE_ERRORS}
    assert time.perf_counter() - start < 10
    assert process.memory_info().rss - before < MEMORY
    return said


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Fetcher]:
    """Makes a fetcher of pages on this machine that gives up after some seconds."""

    def make(seconds: float) -> Fetcher:
        monkeypatch.setattr("bot.fetching.TOTAL_SECONDS", seconds)
        monkeypatch.setattr("bot.fetch_limits.AT_ONCE", 20)
        return Fetcher(allowed=lambda address: address.is_loopback, ports=None)

    return make


async def test_slow_servers_are_given_up_in_time(server: Server, local: Callable[[float], Fetcher]) -> None:
    """All at once, and a quick page is served meanwhile as if they were not there."""
    assert TOTAL_SECONDS < 10
    fetcher = local(1.0)
    server.pages = {f"/{number}": behave for number, behave in enumerate(SLOW.values())} | {"/quick": page(b"x")}
    slow = [asyncio.create_task(complaint(fetcher.fetch(f"{server.base}/{number}"))) for number in range(len(SLOW))]
    await asyncio.sleep(0.1)
    start = time.perf_counter()
    for _ in range(20):
        await fetcher.fetch(f"{server.base}/quick")
    assert time.perf_counter() - start < 0.9
    assert not any(task.done() for task in slow)
    assert dict(zip(SLOW, await asyncio.gather(*slow), strict=True)) == dict.fromkeys(SLOW, "timeout")
    await fetcher.close()


@pytest.mark.parametrize("name", FAST)
async def test_broken_and_endless_answers_end_in_a_sentence(
    server: Server, local: Callable[[float], Fetcher], name: str
) -> None:
    fetcher = local(5.0)
    server.pages = {"/": FAST[name]}
    said = await complaint(fetcher.fetch(f"{server.base}/"))
    await fetcher.close()
    if "bomb" in name or name in ("an endless body", "endless chunks", "an endless gzip"):
        assert said in ("too_large", "encoding")
    else:
        assert said in ("unreachable", "status", "type", "encoding", "address", ""), said
        assert said or name in ("no end", "length and chunks", "too short a length", "folded headers")


@pytest.mark.slow
async def test_odd_names_of_encodings_do_no_harm(server: Server, sources: SourceReader) -> None:
    text = "The harbour opens at eight. 港口八点开放。".encode() + b"abc-" + b"xn--" * 5_000
    for number, kind in enumerate(KINDS):
        server.pages = {f"/{number}": page(b"<p>" + text, kind=kind)}
        assert await complaint(sources.url(f"{server.base}/{number}")) in ("", "unreachable")
