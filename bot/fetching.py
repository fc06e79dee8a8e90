"""Fetching links that strangers send: public addresses only, checked at the moment of connecting.

The check sits in the network back end, below redirects and below name resolution: a name is resolved once, every
address it has must be public, and the connection goes to one of those very addresses. Rebinding a name between check
and connection therefore gains nothing, and neither does a redirect. Bodies are read raw with a limit; compressed
bodies are not asked for and not accepted, because inflating them has no bound.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from email.message import Message

import httpcore
import httpx

from bot.errors import FetchError
from nlp.documents import MEDIA_TYPES

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
STEP_SECONDS = 10.0
TOTAL_SECONDS = 30.0
PORTS = frozenset({80, 443, 8080, 8443})
SITEMAP_TYPES = ("application/xml", "text/xml")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "Dawen/0.1 (self-hosted question-answering bot)",
    "Accept-Encoding": "identity",
}
_EXTENSIONS = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)}
# Ranges that Python calls global although they lead back into a private network or to no host at all.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in ("192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "fec0::/10")
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Allowed = Callable[[Address], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """What a link led to: `url` after redirects, `data` as sent, `media_type` without parameters."""

    url: str
    data: bytes
    media_type: str
    charset: str


def is_public(address: Address) -> bool:
    """True for an address on the public Internet that can belong to one host."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if any(address in block for block in _NOT_PUBLIC if block.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to a name only when all of its addresses are allowed, and then to one of those addresses."""

    def __init__(self, allowed: Allowed = is_public) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, connect.

        Raises:
            FetchError: an address of the host is not public.
            httpcore.ConnectError: it has none, or none of them answers.
        """
        addresses = await self._resolve(host, port)
        if not all(self._allowed(address) for address in addresses):
            raise FetchError(f"{host!r} is not a public address", "private")
        error: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
        raise error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - the interface of httpcore
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise FetchError(f"{path!r} is not a public address", "private")

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks between attempts."""
        await asyncio.sleep(seconds)

    @staticmethod
    async def _resolve(host: str, port: int) -> list[Address]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host!r} has no address") from error
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


class Fetcher:
    """Gets pages. `allowed` decides which addresses may be connected to, `ports` which ports (None: all)."""

    def __init__(self, allowed: Allowed = is_public, ports: frozenset[int] | None = PORTS) -> None:
        self._allowed = allowed
        self._ports = ports
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=GuardedBackend(allowed), max_connections=20
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def fetch(self, url: str, types: Collection[str] = MEDIA_TYPES) -> Page:
        """The page at `url`, which must be of one of the media types `types`.

        Raises:
            FetchError: the address is not a public web page, cannot be reached, or is too large or of another type.
        """
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._follow(url, types)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise FetchError(f"{url!r} did not answer in time", "timeout") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise FetchError(f"{url!r} cannot be reached", "unreachable") from error

    async def _follow(self, url: str, types: Collection[str]) -> Page:
        wanted = {**_HEADERS, "Accept": ", ".join(types)}
        for _ in range(MAX_REDIRECTS + 1):
            target = self._check(url)
            async with self._pool.stream("GET", str(target), headers=wanted, extensions=_EXTENSIONS) as response:
                headers = httpx.Headers(response.headers)
                if response.status not in _REDIRECTS or "location" not in headers:
                    return await _read(str(target), response, headers, types)
                url = str(target.join(headers["location"]))
        raise FetchError(f"{url!r} redirects more than {MAX_REDIRECTS} times", "unreachable")

    def _check(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError(f"{url!r} is not a web address", "address") from error
        if target.scheme not in ("http", "https") or not target.host or target.userinfo:
            raise FetchError(f"{url!r} is not a plain http or https address", "address")
        if self._is_private(target.host):
            raise FetchError(f"{target.host!r} is not a public address", "private")
        port = target.port or (443 if target.scheme == "https" else 80)
        if self._ports is not None and port not in self._ports:
            raise FetchError(f"{url!r} uses port {port}, which is not fetched from", "address")
        return target

    def _is_private(self, host: str) -> bool:
        """True for what can be told from its name alone, so that it is said before anything else about the link."""
        try:
            return not self._allowed(ipaddress.ip_address("127.0.0.1" if host.lower() == "localhost" else host))
        except ValueError:
            return False


async def _read(url: str, response: httpcore.Response, headers: httpx.Headers, types: Collection[str]) -> Page:
    if response.status != httpx.codes.OK:
        raise FetchError(f"{url!r} answered with status {response.status}", "status")
    kind = Message()
    kind["content-type"] = headers.get("content-type", "")
    media_type = kind.get_content_type() if headers.get("content-type") else ""
    if media_type not in types:
        raise FetchError(f"{url!r} is {media_type or 'of no type'}, which is not read there", "type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchError(f"{url!r} is compressed although that was not asked for", "type")
    data = bytearray()
    async for piece in response.aiter_stream():
        data += piece
        if len(data) > MAX_BYTES:
            raise FetchError(f"{url!r} is larger than {MAX_BYTES // 1_000_000} MB", "too_large")
    return Page(url, bytes(data), media_type, kind.get_content_charset() or "")
