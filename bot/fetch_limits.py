"""What keeps fetching friendly: few requests at once to one host, a rate for each person, and a small cache."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import FetchError
from bot.windows import Window

Clock = Callable[[], float]

AT_ONCE = 2  # requests to one host
HOST_SECONDS = 5.0  # that a request waits for its turn
FETCHES = 20  # by one person within WINDOW_SECONDS
WINDOW_SECONDS = 600.0
CACHE_BYTES = 32_000_000
CACHE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Page:
    """What a link led to: `url` after redirects, `data` inflated, `media_type` without parameters."""

    url: str
    data: bytes
    media_type: str
    charset: str


@dataclass
class _Turn:
    """The places at a host, and how many hold one or wait for one."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0


class Hosts:
    """Lets at most `AT_ONCE` requests through to a host at a time."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Hold a place at a host for the block.

        Raises:
            FetchError: none became free in time.
        """
        turn = self._turns.setdefault(host, _Turn())
        turn.users += 1
        try:
            await _acquire(turn.places, host)
            try:
                yield
            finally:
                turn.places.release()
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[host]


async def _acquire(places: asyncio.Semaphore, host: str) -> None:
    try:
        async with asyncio.timeout(HOST_SECONDS):
            await places.acquire()
    except TimeoutError as error:
        raise FetchError(f"{host!r} is being asked for several pages already: try again in a minute", "busy") from error


class People:
    """Counts what each person has fetched lately."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._window = Window(FETCHES, WINDOW_SECONDS)

    def count(self, person: int) -> None:
        """Count one fetch.

        Raises:
            FetchError: it is one too many; it is not counted, so that whoever waits gets on.
        """
        wait = self._window.take(person, self._clock())
        if wait > 0:
            minutes = max(1, round(wait / 60))
            raise FetchError(f"{FETCHES} links were opened for one person lately: wait {minutes} minutes", "busy")


class Cache:
    """Pages that were fetched lately, by their final address: the one used longest ago makes room."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._bytes = 0
        self._pages: OrderedDict[str, tuple[float, Page]] = OrderedDict()

    def get(self, url: str) -> Page | None:
        """The page at an address, while it is fresh."""
        since, page = self._pages.get(url, (0.0, None))
        if page is None:
            return None
        if self._clock() - since > CACHE_SECONDS:
            self._drop(url)
            return None
        self._pages.move_to_end(url)
        return page

    def put(self, page: Page) -> None:
        """Keep a page."""
        if page.url in self._pages:
            self._drop(page.url)
        self._pages[page.url] = (self._clock(), page)
        self._bytes += len(page.data)
        while self._bytes > CACHE_BYTES:
            self._drop(next(iter(self._pages)))

    def _drop(self, url: str) -> None:
        _, page = self._pages.pop(url)
        self._bytes -= len(page.data)
