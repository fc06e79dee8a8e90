"""Links: what is refused before any socket is opened, and what is read from a server on this machine."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable

import httpcore
import pytest

from bot.errors import FetchError
from bot.fetching import MAX_BYTES, Fetcher, GuardedBackend, is_public
from tests.support.web import Server, page

Respond = Callable[[str], bytes]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.2.1",
        "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
        "::ffff:10.1.2.3", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
        "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


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


@pytest.mark.parametrize("addresses", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"]])
async def test_one_private_address_among_several_is_enough(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    async def resolve(_host: str, _port: int) -> list[object]:
        return [ipaddress.ip_address(address) for address in addresses]

    backend = GuardedBackend()
    monkeypatch.setattr(backend, "_resolve", resolve)
    with pytest.raises(FetchError):
        await backend.connect_tcp("mixed.example", 80)


async def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[str] = []

    async def connect(_self: object, host: str, *_: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("refused")

    answers = iter([["93.184.216.34"], ["127.0.0.1"]])  # a name that is rebound after the check

    async def resolve(_host: str, _port: int) -> list[object]:
        return [ipaddress.ip_address(address) for address in next(answers)]

    backend = GuardedBackend()
    monkeypatch.setattr(backend, "_resolve", resolve)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("rebound.example", 80)
    assert connected == ["93.184.216.34"]


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
    assert "accept-encoding: identity" in server.request


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
        (page(b"x", "Content-Encoding: gzip"), "type"),
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
