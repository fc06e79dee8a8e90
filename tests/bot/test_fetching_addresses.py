"""Ten thousand links into the house, none of which opens a socket; a thousand ordinary ones, none of which is refused.

The blocks are those of IANA's registries of special-purpose addresses, written down here once more on purpose: the
program's own table is what is tested. Sockets are counted where they connect, below everything that checks.
"""

import ipaddress
import itertools
import random
import socket
from collections.abc import Callable, Iterable, Iterator

import httpcore
import pytest

from bot.addresses import Address, is_public, is_public_or_own
from bot.errors import FetchError
from bot.fetching import Fetcher, open_fetcher
from tests.support.web import Server, page, serve

V4_BLOCKS = """
0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
255.255.255.255/32
""".split()
V6_BLOCKS = """
::1/128 ::/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128
2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28
2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
""".split()
MAPPED = ipaddress.ip_network("::ffff:0:0/96")
PUBLIC = "93.184.216.34"
Resolver = Callable[[str], list[str]]


class Network:
    """Names as `resolve` says, and every address that a socket was asked to connect to."""

    def __init__(self) -> None:
        self.resolve: Resolver = lambda _name: [PUBLIC]
        self.connected: list[str] = []

    def getaddrinfo(self, host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        """As the system does it: numbers in any of their forms are addresses, other names are looked up."""
        number = _as_number(host)
        found = [number] if number else self.resolve(host)
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ipaddress.ip_address(address).version], socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]


def _as_number(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return ""


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network()

    async def connect(_self: object, host: str, *_: object) -> None:
        found.connected.append(host)
        raise httpcore.ConnectError("counted")

    monkeypatch.setattr(socket, "getaddrinfo", found.getaddrinfo)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: found.connected.append(str(address)))
    return found


def edges(blocks: Iterable[str], inside: int) -> list[Address]:
    """Both edges of every block, their neighbours within it, and some addresses between them."""
    chosen: dict[Address, None] = {}
    for block in map(ipaddress.ip_network, blocks):
        first, last = int(block[0]), int(block[-1])
        places = {first, last, min(first + 1, last), max(last - 1, first)}
        numbers = random.Random(str(block))  # noqa: S311 - chosen the same way each time
        if block != MAPPED:  # which holds all of IPv4, the public rest too
            places |= {numbers.randint(first, last) for _ in range(inside)}
        kind = ipaddress.IPv4Address if block.version == 4 else ipaddress.IPv6Address
        chosen |= dict.fromkeys(kind(place) for place in sorted(places))
    return list(chosen)


def spellings(address: ipaddress.IPv4Address) -> Iterator[str]:
    """An IPv4 address in every way that some resolver reads."""
    a, b, c, d = address.packed
    number = int(address)
    yield from (f"{a}.{b}.{c}.{d}", str(number), hex(number), f"0{number:o}")
    yield from (f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#04X}.{b}.0{c:o}.{d}")
    yield from (f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}", f"{a:#x}.{b:#x}.{number & 0xFFFF:#x}")
    yield from (
        f"{a}.{b}.{c}.{d}.",
        f"{a}。{b}．{c}｡{d}",
        f"000{a:o}.{b}.{c}.{d}",
        f"%{ord(str(a)[0]):x}{str(a)[1:]}.{b}.{c}.{d}",
    )
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    circled = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
    yield from (f"{a}.{b}.{c}.{d}".translate(wide), f"{a}.{b}.{c}.{d}".translate(circled))


def translations(address: ipaddress.IPv4Address) -> Iterator[str]:
    """IPv6 addresses that lead to an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo, ISATAP."""
    number, (a, b, c, d) = int(address), address.packed
    high, low = number >> 16, number & 0xFFFF
    yield from (
        f"::ffff:{address}",
        f"::ffff:{high:x}:{low:x}",
        f"0:0:0:0:0:ffff:{high:x}:{low:x}",
        f"::{high:x}:{low:x}",
    )
    yield from (f"::ffff:0:{high:x}:{low:x}", f"64:ff9b::{address}", f"64:ff9b::{high:x}:{low:x}")
    yield from (f"64:ff9b:1::{high:x}:{low:x}", f"64:ff9b:1:{high:x}:{low >> 8:x}:{(low & 0xFF) << 8:x}::")
    yield from (f"2002:{high:x}:{low:x}::", f"2002:{high:x}:{low:x}::1", f"2002:0808:0808::{high:x}:{low:x}")
    yield from (f"2001::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}", f"2001:0:{high:x}:{low:x}::1")
    yield from (
        f"fe80::5efe:{high:x}:{low:x}",
        f"2606:4700::5efe:{high:x}:{low:x}",
        f"2a00:1450:1::200:5efe:{high:x}:{low:x}",
    )
    yield f"::ffff:{a:d}.{b:d}.{c:d}.{d:d}%25eth0"


def refused_links() -> Iterator[str]:
    """Links whose host is an address that is not public, in some form."""
    for four in edges(V4_BLOCKS, 4):
        assert isinstance(four, ipaddress.IPv4Address)
        yield from (f"http://{host}/" for host in spellings(four))
        yield from (f"http://[{host}]/" for host in translations(four))
        yield from (
            f"https://{four}:8443/x?y=1#z",
            f"http://{four}:8080/",
            f"http://8.8.8.8@{four}/",
            f"http://{four}:22/",
        )
        yield from (
            f"http://a:b@{four}/",
            f"http://{four}#@8.8.8.8/",
            f"http:\\\\{four}\\",
            f"//{four}/",
            f"http:/{four}/",
        )
    for six in edges(V6_BLOCKS, 20):
        yield from (f"http://[{six}]/", f"https://[{six.exploded}]:8443/", f"http://8.8.8.8@[{six}]/")
        yield from (f"http://[{str(six).upper()}]:8080/x", f"http://[{six}%25lo]/")
    yield from (
        f"{scheme}://{PUBLIC}/" for scheme in ("file", "ftp", "gopher", "ws", "data", "javascript", "unix", "htt")
    )
    yield from (f"http://{PUBLIC}:{port}/" for port in range(1, 1025) if port not in (80, 443))


async def test_ten_thousand_links_open_no_socket(network: Network) -> None:
    # What the system's resolver leaves to a name server is answered as one that works for the attacker would.
    network.resolve = lambda _name: ["127.0.0.1"]
    fetcher = Fetcher()
    links = list(refused_links())
    for link in links:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(link)
        assert caught.value.reason in ("private", "address"), (link, caught.value)
    await fetcher.close()
    assert len(set(links)) >= 10_000
    assert network.connected == []


@pytest.mark.parametrize("block", V4_BLOCKS + V6_BLOCKS)
def test_both_edges_of_every_special_block_are_not_public(block: str) -> None:
    assert [address for address in edges([block], 200) if is_public(address)] == []


def test_outside_of_the_special_blocks_addresses_are_public() -> None:
    special = [ipaddress.ip_network(block) for block in V4_BLOCKS]
    for block in special:
        for number in (int(block[0]) - 1, int(block[-1]) + 1):
            if 0 <= number < 2**32 and not any(ipaddress.IPv4Address(number) in other for other in special):
                assert is_public(ipaddress.IPv4Address(number)), number
    for text in (
        "2001:200::",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2003::1",
        "2620:4f:7fff::1",
        "2620:4f:8001::1",
        "3fff:1000::1",
    ):
        assert is_public(ipaddress.ip_address(text)), text


def test_a_service_of_the_machine_s_landlord_is_not_public() -> None:
    assert not is_public(ipaddress.ip_address("168.63.129.16"))


def test_a_private_network_is_open_only_when_it_is_set() -> None:
    own = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd00::1"]
    never = ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "64:ff9b::7f00:1", "::ffff:169.254.169.254"]
    assert all(is_public_or_own(ipaddress.ip_address(address)) for address in [*own, PUBLIC])
    assert not any(is_public(ipaddress.ip_address(address)) for address in own)
    assert not any(is_public_or_own(ipaddress.ip_address(address)) for address in never)


@pytest.mark.parametrize(("private", "reason"), [(False, "private"), (True, None)])
async def test_the_setting_decides_whether_this_machine_is_open(private: bool, reason: str | None) -> None:
    fetcher = open_fetcher(private=private)
    async with serve() as server:
        server.pages = {"/": page(b"<p>x</p>")}
        try:
            assert (await fetcher.fetch(f"{server.base}/")).data == b"<p>x</p>"
            said = None
        except FetchError as error:
            said = error.reason
    await fetcher.close()
    assert said == reason


async def test_a_thousand_ordinary_names_and_addresses_are_not_refused(network: Network) -> None:
    numbers = random.Random(5)  # noqa: S311 - chosen the same way each time
    fetcher = Fetcher()
    seen = 0
    hosts = itertools.chain(_names(numbers), _public_addresses(numbers))
    for host in hosts:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(
                f"{numbers.choice(['http', 'https'])}://{host}{numbers.choice(['', ':8080', ':8443'])}/a?b=1"
            )
        assert caught.value.reason == "unreachable", (host, caught.value)  # by the socket that counted it
        seen += 1
    await fetcher.close()
    assert seen >= 1000
    assert len(network.connected) == seen


def _names(numbers: random.Random) -> Iterator[str]:
    words = (
        "news blog shop wiki docs 新闻 例え müller data open city localhost-guide 127 10-0-0-1 internal x--y".split()
    )
    for ending in "org com net io cn de co.uk edu 中国 info dev app".split():
        for first, second in itertools.product(words, words[:3]):
            yield f"{first}.{second}{numbers.randrange(100)}.{ending}".replace("x--y.", "xy.")


def _public_addresses(numbers: random.Random) -> Iterator[str]:
    special = [ipaddress.ip_network(block) for block in [*V4_BLOCKS, "168.63.129.16/32"]]
    found = (ipaddress.IPv4Address(numbers.getrandbits(32)) for _ in range(900))
    yield from (str(address) for address in found if not any(address in block for block in special))
    for _ in range(200):
        first, second, last = numbers.choice("46"), numbers.getrandbits(16), numbers.getrandbits(16)
        yield f"[2{first}00:{second:x}::{last:x}]"


async def test_one_address_that_is_not_public_among_several_is_enough(network: Network) -> None:
    fetcher = Fetcher()
    bad = edges(V4_BLOCKS, 0)[:60] + edges(V6_BLOCKS, 0)[:60]
    for number, address in enumerate(bad):
        answers = [PUBLIC, "2606:4700::1111", "1.1.1.1"]
        answers.insert(number % 4, str(address))
        network.resolve = lambda _name, answers=answers: answers  # type: ignore[misc]
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch("https://mixed.example/")
        assert caught.value.reason == "private"
    await fetcher.close()
    assert network.connected == []


async def test_a_thousand_rebound_names_reach_public_addresses_only(network: Network) -> None:
    """A name whose every look-up has another answer: what was checked is what is connected to, or nothing is."""
    numbers = random.Random(7)  # noqa: S311 - chosen the same way each time
    inside = [str(address) for address in edges(V4_BLOCKS, 0)]
    asked = itertools.count()

    def resolve(_name: str) -> list[str]:
        next(asked)
        return [numbers.choice(inside) if numbers.random() < 0.5 else PUBLIC]

    network.resolve = resolve
    fetcher = Fetcher()
    for round_ in range(1000):
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(f"http://rebound{round_ % 7}.example/{round_}")
        assert caught.value.reason in ("private", "unreachable")
    await fetcher.close()
    assert next(asked) == 1000  # one look-up for each, so nothing was asked for again after the check
    assert set(network.connected) == {PUBLIC}


@pytest.mark.parametrize("hop", range(6))
async def test_a_redirect_into_the_house_is_refused_at_every_hop(hop: int) -> None:
    """Hops 0 to 4 lead on; the page behind the fifth redirect is the last that is read."""
    fetcher = Fetcher(allowed=lambda address: str(address) == "127.0.0.1", ports=None)
    targets = ["http://127.0.0.2/", "http://[::1]/", "//169.254.169.254/x", "http://10.1/", "https://0x7f000002:8443/"]
    async with serve() as server:
        for target in targets:
            server.pages.clear()
            server.pages.update({f"/{n}": moved(f"/{n + 1}") for n in range(hop)})
            server.pages[f"/{hop}"] = moved(target)
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(f"{server.base}/0")
            assert caught.value.reason in (("private",) if hop < 5 else ("private", "unreachable")), target
        assert server.paths.count(f"/{hop}") == len(targets)
    await fetcher.close()


def moved(place: str) -> bytes:
    return page(b"", f"Location: {place}", status="302 Found")


@pytest.mark.parametrize(
    "place",
    [
        "http://[",
        "http://a:99999/",
        "http://exa mple/\x01",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://u:p@127.0.0.1/",
        "http://xn--a/",
    ],
)
async def test_a_redirect_to_no_web_address_is_refused(server: Server, place: str) -> None:
    fetcher = Fetcher(allowed=lambda address: str(address) == "127.0.0.1", ports=None)
    server.pages = {"/": moved(place)}
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(f"{server.base}/")
    await fetcher.close()
    assert caught.value.reason in ("address", "unreachable")
