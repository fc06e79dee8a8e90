"""Links: what is refused before any socket is opened, and what is read from a server on this machine."""

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import pytest

from bot.addresses import GuardedBackend
from bot.errors import FetchError
from bot.fetch_limits import AT_ONCE, CACHE_BYTES, CACHE_SECONDS, FETCHES, WINDOW_SECONDS, Cache, Page, People
from bot.fetching import MAX_BYTES, Fetcher
from bot.inflating import Body
from bot.robots import Robots
from tests.support.web import Server, page


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:8080/", "private"),
        ("http://localhost/", "private"),
        ("http://[::1]/", "private"),
        ("http://0x7f.1/", "private"),
        ("http://2130706433/", "private"),
        ("http://0177.0.0.1/", "address"),
        ("http://[::ffff:7f00:1]/", "private"),
        ("http://169.254.169.254/latest/meta-data", "private"),
        ("ftp://example.org/", "address"),
        ("file:///etc/passwd", "address"),
        ("http://ada:secret@example.org/", "address"),
        ("http://1.1.1.1:22/", "address"),
        ("http://", "address"),
        ("http://exam ple.org:99999/", "address"),
    ],
)
async def test_no_socket_is_opened_for(monkeypatch: pytest.MonkeyPatch, url: str, reason: str) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: opened.append(address))
    fetcher = Fetcher()
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url)
    await fetcher.close()
    assert caught.value.reason == reason
    assert opened == []


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    found = Fetcher(allowed=lambda address: address.is_loopback, ports=None)
    yield found
    await found.close()


async def test_a_page_is_read_after_redirects(server: Server, fetcher: Fetcher) -> None:
    server.pages = {"/a": page(b"", "Location: /b", status="302 Found"), "/b": page("你好".encode("gb2312"))}
    found = await fetcher.fetch(f"{server.base}/a")
    assert (found.url, found.media_type, found.charset) == (f"{server.base}/b", "text/html", "gb2312")
    assert found.data.decode(found.charset) == "你好"
    assert "accept-encoding: gzip, deflate" in server.request
    assert "user-agent: dawen/" in server.request


async def test_a_redirect_into_the_house_is_refused(server: Server) -> None:
    fetcher = Fetcher(allowed=lambda address: str(address) == "127.0.0.1", ports=None)
    server.pages = {"/a": page(b"", "Location: http://127.0.0.2/secret", status="302 Found")}
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(f"{server.base}/a")
    await fetcher.close()
    assert caught.value.reason == "private"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page(b"", status="404 Not Found"), "status"),
        (page(b"", kind="image/png"), "type"),
        (page(b"", kind=""), "type"),
        (page(b"x", "Content-Encoding: gzip"), "encoding"),
        (page(b"x", "Content-Encoding: br"), "encoding"),
        (page(b"x", "Content-Encoding: zstd"), "encoding"),
        (page(gzip.compress(gzip.compress(b"x")), "Content-Encoding: gzip, gzip"), "encoding"),
        (page(gzip.compress(b"x" * 5000)[:-9], "Content-Encoding: gzip"), "encoding"),
        (page(zlib.compress(b"x" * 100)[:-2], "Content-Encoding: deflate"), "encoding"),
        (page(b"", "Location: /a", status="302 Found"), "unreachable"),
        (b"not http at all\r\n\r\n", "unreachable"),
        (page(b"x" * (MAX_BYTES + 1)), "too_large"),
    ],
)
async def test_other_things_are_refused(server: Server, fetcher: Fetcher, answer: bytes, reason: str) -> None:
    server.pages = {"/a": answer}
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(f"{server.base}/a")
    assert caught.value.reason == reason


async def test_a_server_that_says_nothing_is_given_up(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr("bot.fetching.TOTAL_SECONDS", 0.2)
    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(f"http://127.0.0.1:{port}/")
    listening.close()
    assert caught.value.reason == "timeout"


async def test_a_closed_port_is_unreachable(fetcher: Fetcher) -> None:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch("http://127.0.0.1:9/")
    assert caught.value.reason == "unreachable"


async def test_no_socket_file_is_ever_opened() -> None:
    with pytest.raises(FetchError, match="is not a public address"):
        await GuardedBackend().connect_unix_socket("/run/docker.sock")


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("gzip", lambda data: gzip.compress(data) + b"\0\0trailing"),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
        ("gzip", lambda data: b""),
    ],
)
async def test_compressed_pages_are_read(
    server: Server, fetcher: Fetcher, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    text = "".join(f"<p>段落 number {number} of {number * number}</p>" for number in range(20_000)).encode()
    packed = pack(text)
    server.pages = {"/a": page(packed, f"Content-Encoding: {encoding}")}
    assert (await fetcher.fetch(f"{server.base}/a")).data == (text if packed else b"")


def _feed(body: Body, data: bytes) -> None:
    for start in range(0, len(data), 65_536):
        body.feed(data[start : start + 65_536])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [2_000_000, 9_000_000, 11_000_000, 300_000_000])
def test_a_bomb_is_never_unpacked(encoding: str, size: int) -> None:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()
    body = Body("bomb", encoding, MAX_BYTES)
    tracemalloc.start()
    with pytest.raises(FetchError) as caught:
        _feed(body, bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.reason == "too_large"
    assert most < 4 * MAX_BYTES


async def test_two_requests_go_to_a_host_at_a_time(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = [0]
    most: list[int] = []

    async def slowly(writer: asyncio.StreamWriter) -> None:
        running[0] += 1
        most.append(running[0])
        await asyncio.sleep(0.02)
        running[0] -= 1
        writer.write(page(b"x"))

    server.pages = {"/a": slowly}
    await asyncio.gather(*(fetcher.fetch(f"{server.base}/a") for _ in range(8)))
    assert (len(most), max(most)) == (8, AT_ONCE)

    monkeypatch.setattr("bot.fetch_limits.HOST_SECONDS", 0.01)
    results = await asyncio.gather(*(fetcher.fetch(f"{server.base}/a") for _ in range(3)), return_exceptions=True)
    assert [result.reason for result in results if isinstance(result, FetchError)] == ["busy"]
    assert fetcher._hosts._turns == {}


def test_a_person_has_a_rate_and_others_are_not_touched_by_it() -> None:
    now = [0.0]
    people = People(lambda: now[0])
    for _ in range(FETCHES):
        people.count(1)
        now[0] += 1
    with pytest.raises(FetchError, match="wait 10 minutes") as caught:
        people.count(1)
    assert caught.value.reason == "busy"
    people.count(2)
    now[0] = WINDOW_SECONDS  # the first one is old enough now, and no other
    people.count(1)
    with pytest.raises(FetchError):
        people.count(1)
    now[0] = 5 * WINDOW_SECONDS
    people.count(3)
    assert list(people._window._uses) == [3]


async def test_a_page_that_a_person_asks_for_again_comes_from_the_cache(server: Server, fetcher: Fetcher) -> None:
    server.pages = {
        "/from": page(b"", "Location: /a", status="302 Found"),
        "/a": page(b"one"),
        "/private": page(b"two", "Cache-Control: private, no-store"),
        "/gone": page(b"", status="404 Not Found"),
    }
    for path in ("/from", "/a", "/private", "/private"):
        await fetcher.fetch(server.base + path, person=1)
    assert server.paths == ["/from", "/a", "/private", "/private"]
    with pytest.raises(FetchError, match="which is not read there"):
        await fetcher.fetch(f"{server.base}/a", ("application/pdf",), person=1)
    await fetcher.fetch(f"{server.base}/a")
    assert server.paths[4:] == ["/a", "/a"]  # of another type, and without a person who asks
    for _ in range(2):
        with pytest.raises(FetchError):
            await fetcher.fetch(f"{server.base}/gone", person=1)
    assert server.paths[6:] == ["/gone", "/gone"]


def test_the_cache_is_bounded_and_forgets() -> None:
    now = [0.0]
    cache = Cache(lambda: now[0])
    size = CACHE_BYTES // 4
    for number in range(5):
        cache.put(Page(str(number), bytes(size), "text/html", ""))
        assert cache.get("0") is not None  # used, so that another makes room
    assert [number for number in range(5) if cache.get(str(number))] == [0, 2, 3, 4]
    cache.put(Page("2", b"x", "text/html", ""))
    assert cache._bytes == 3 * size + 1
    now[0] = CACHE_SECONDS + 1
    assert cache.get("0") is None


async def test_a_type_that_takes_long_to_take_apart_is_cut(server: Server, fetcher: Fetcher) -> None:
    server.pages = {"/a": page(b"x", kind="text/html" + ';"' * 20_000)}
    start = time.perf_counter()
    await fetcher.fetch(f"{server.base}/a")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (b"User-agent: *\nDisallow: /b", ["/a", "/c"]),
        (b"User-agent: Dawen\nDisallow: /\nUser-agent: *\nDisallow:", []),
        (b"\xef\xbb\xbfUser-agent: other\nDisallow: /", ["/a", "/b", "/c"]),
        (b"\xff\xfe no rules \0" * 1000, ["/a", "/b", "/c"]),
        (None, ["/a", "/b", "/c"]),
    ],
)
async def test_robots_txt_says_what_may_be_crawled(
    server: Server, fetcher: Fetcher, rules: bytes | None, allowed: list[str]
) -> None:
    server.pages = {} if rules is None else {"/robots.txt": page(rules, kind="text/plain")}
    robots = Robots(fetcher)
    links = [server.base + path for path in ("/a", "/b", "/c")]
    for _ in range(2):
        assert await robots.allowed(links) == [server.base + path for path in allowed]
    assert server.paths == ["/robots.txt"]
