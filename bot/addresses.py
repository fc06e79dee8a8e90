"""Which addresses may be connected to, and a network back end that asks at the moment of connecting.

The check sits below redirects and below name resolution: a name is resolved once, every address it has must be
allowed, and the connection goes to one of those very addresses. Rebinding a name between check and connection
therefore gains nothing, and neither does a redirect.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpcore

from bot.errors import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Allowed = Callable[[Address], bool]

_LOOKUPS = 16  # names resolved at once; a slow name server holds a thread longer than anybody waits for it


def _networks(*blocks: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(block) for block in blocks)


# The registries of special-purpose addresses (IANA), also where they call a block globally reachable: such blocks
# hold relays, sinks and translators, never a web page. Then multicast, reserved space, and a public-looking address
# behind which Azure keeps the services of its virtual machines.
_NOT_PUBLIC_V4 = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
)  # fmt: skip
# Of IPv6 only 2000::/3 is given to networks; these are the blocks in it that lead back, or nowhere.
_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
_OWN = _networks("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_ISATAP = (0x00005EFE, 0x02005EFE)  # bits 64 to 95 of an address that a router unpacks to the IPv4 address behind them


def is_public(address: Address) -> bool:
    """True for an address on the public Internet that can belong to one host."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not _is_in(address, _NOT_PUBLIC_V4)
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    low = int(address)
    if low >> 32 & 0xFFFFFFFF in _ISATAP and not is_public(ipaddress.IPv4Address(low & 0xFFFFFFFF)):
        return False
    return address in _UNICAST_V6 and address.is_global and not _is_in(address, _NOT_PUBLIC_V6)


def is_public_or_own(address: Address) -> bool:
    """True for a public address, for this machine and for a private network; never for link-local services."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public_or_own(address.ipv4_mapped)
    return is_public(address) or _is_in(address, _OWN)


def _is_in(address: Address, blocks: Iterable[Network]) -> bool:
    return any(address in block for block in blocks if block.version == address.version)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to a name only when all of its addresses are allowed, and then to one of those addresses."""

    def __init__(self, allowed: Allowed = is_public) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()
        self._lookups = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="lookup")

    def close(self) -> None:
        """Let go of the threads; lookups that still run end by themselves."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

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
            FetchError: an address of the host is not allowed.
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

    async def _resolve(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._lookups, _look_up, host, port)
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(f"{host!r} has no address") from error
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _look_up(host: str, port: int) -> list[tuple[object, object, object, str, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
