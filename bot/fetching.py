"""Fetching links that strangers send: public addresses only, few at a time, with a bound on everything.

`bot.addresses` decides at the moment of connecting, `bot.inflating` bounds what a body unpacks to, and
`bot.fetch_limits` keeps hosts and people from being a burden. A page that somebody asks for by its link is fetched as a
browser would fetch it; `bot.robots` is asked only where Dawen goes from page to page by itself.
"""

import asyncio
import ssl
from collections.abc import Collection
from email.message import Message
from ipaddress import ip_address

import httpcore
import httpx

from bot.addresses import Allowed, GuardedBackend, is_public, is_public_or_own
from bot.errors import FetchError
from bot.fetch_limits import Cache, Hosts, Page, People
from bot.inflating import Body
from nlp.documents import MEDIA_TYPES

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
STEP_SECONDS = 10.0  # to connect, and between two pieces
TOTAL_SECONDS = 9.5  # for everything: redirects, and a body that comes drop by drop
PORTS = frozenset({80, 443, 8080, 8443})
_ANY = range(1, 65_536)
AGENT = "Dawen"
SITEMAP_TYPES = ("application/xml", "text/xml")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": f"{AGENT}/0.1 (self-hosted question-answering bot)",
    "Accept-Encoding": "gzip, deflate",
}
_EXTENSIONS = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)}
_CONNECTIONS = 20
_LONGEST_TYPE = 200  # characters; taking a type apart takes time that grows with the square of its length


class Fetcher:
    """Gets pages. `allowed` decides which addresses may be connected to, `ports` which ports (None: all)."""

    def __init__(self, allowed: Allowed = is_public, ports: frozenset[int] | None = PORTS) -> None:
        self._allowed = allowed
        self._ports = _ANY if ports is None else ports
        self._backend = GuardedBackend(allowed)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=self._backend, max_connections=_CONNECTIONS
        )
        self._hosts = Hosts()
        self._people = People()
        self._cache = Cache()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
        self._backend.close()

    async def fetch(self, url: str, types: Collection[str] = MEDIA_TYPES, person: int | None = None) -> Page:
        """The page at `url`, which must be of one of the media types `types`.

        What a `person` in a chat asks for counts against that person's rate, and may have been fetched some minutes
        ago; without a person, as on the command line, the page is always fetched.

        Raises:
            FetchError: the address is not a public web page, cannot be reached, is too large or of another type, or
                too much was asked for lately.
        """
        if person is not None:
            self._people.count(person)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._follow(url, types, fresh=person is None)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise FetchError(f"{url!r} did not answer in time", "timeout") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise FetchError(f"{url!r} cannot be reached", "unreachable") from error

    async def _follow(self, url: str, types: Collection[str], *, fresh: bool) -> Page:
        target = self._check(url)
        for _ in range(MAX_REDIRECTS + 1):
            known = None if fresh else self._cache.get(str(target))
            if known is not None and known.media_type in types:
                return known
            answer = await self._request(target, types)
            if isinstance(answer, Page):
                return answer
            target = self._check(answer, target)
        raise FetchError(f"{url!r} redirects more than {MAX_REDIRECTS} times", "unreachable")

    async def _request(self, target: httpx.URL, types: Collection[str]) -> Page | str:
        """The page, or the address to which the server sends on."""
        wanted = {**_HEADERS, "Accept": ", ".join(types)}
        async with (
            self._hosts.turn(_host(target)),
            self._pool.stream("GET", str(target), headers=wanted, extensions=_EXTENSIONS) as response,
        ):
            headers = httpx.Headers(response.headers)
            if response.status in _REDIRECTS and "location" in headers:
                return headers["location"]
            page = await _read(str(target), response, headers, types)
        if "no-store" not in headers.get("cache-control", "").lower():
            self._cache.put(page)
        return page

    def _check(self, url: str, base: httpx.URL | None = None) -> httpx.URL:
        try:
            target = base.join(url) if base else httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"{url!r} is not a web address", "address") from error
        host = _host(target)
        if target.scheme not in ("http", "https") or not host or target.userinfo:
            raise FetchError(f"{url!r} is not a plain http or https address", "address")
        if self._is_private(host):
            raise FetchError(f"{host!r} is not a public address", "private")
        port = target.port or (443 if target.scheme == "https" else 80)
        if port not in self._ports:
            raise FetchError(f"{url!r} uses port {port}, which is not fetched from", "address")
        return target

    def _is_private(self, host: str) -> bool:
        """True for what can be told from its name alone, so that it is said before anything else about the link."""
        try:
            return not self._allowed(ip_address("127.0.0.1" if host.lower() == "localhost" else host))
        except ValueError:
            return False


def _host(target: httpx.URL) -> str:
    """The host as it is asked for; httpx's own property decodes it, and fails where it cannot be decoded."""
    return target.raw_host.decode("ascii")


def open_fetcher(*, private: bool) -> Fetcher:
    """A fetcher as set: of public pages, and of those on this machine and its private network only when `private`."""
    return Fetcher(is_public_or_own, None) if private else Fetcher()


async def _read(url: str, response: httpcore.Response, headers: httpx.Headers, types: Collection[str]) -> Page:
    if response.status != httpx.codes.OK:
        raise FetchError(f"{url!r} answered with status {response.status}", "status")
    kind = Message()
    kind["content-type"] = headers.get("content-type", "")[:_LONGEST_TYPE]
    media_type = kind.get_content_type() if headers.get("content-type") else ""
    if media_type not in types:
        raise FetchError(f"{url!r} is {media_type or 'of no type'}, which is not read there", "type")
    body = Body(url, headers.get("content-encoding", ""), MAX_BYTES)
    async for piece in response.aiter_stream():
        body.feed(piece)
    return Page(url, body.finish(), media_type, kind.get_content_charset() or "")
