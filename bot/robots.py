"""robots.txt (RFC 9309), asked where Dawen goes from page to page by itself: the pages of a sitemap.

A link that somebody sends is opened as that person's browser would open it, without asking.
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from bot.errors import FetchError
from bot.fetching import AGENT, Fetcher

_MOST_BYTES = 500_000  # that RFC 9309 asks a crawler to read


class Robots:
    """Which pages may be crawled; the rules of each site are fetched once."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, RobotFileParser] = {}

    async def allowed(self, urls: Sequence[str]) -> list[str]:
        """Those of the addresses that their sites let everybody, or Dawen by name, go to; all of a site without rules.

        A file of rules that cannot be fetched is none.
        """
        for origin in dict.fromkeys(map(_origin, urls)):
            if origin not in self._rules:
                self._rules[origin] = await self._fetch(origin)
        return await asyncio.to_thread(lambda: [url for url in urls if self._allows(url)])

    def _allows(self, url: str) -> bool:
        try:
            return self._rules[_origin(url)].can_fetch(AGENT, url)
        except ValueError:  # an address so odd that it cannot be taken apart
            return False

    async def _fetch(self, origin: str) -> RobotFileParser:
        try:
            text = (await self._fetcher.fetch(f"{origin}/robots.txt", ("text/plain",))).data[:_MOST_BYTES]
        except FetchError:
            text = b""
        rules = RobotFileParser()
        rules.parse(text.decode("utf-8-sig", "replace").splitlines())
        return rules


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
