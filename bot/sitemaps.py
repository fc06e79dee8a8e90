"""Use case: which pages a sitemap leads to."""

from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.errors import FetchError
from bot.reading import SourceReader
from nlp.errors import DocumentError
from nlp.sitemap import Sitemap

MAX_PAGES = 1000
MAX_SITEMAPS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages to add, each once, and a sentence for everything that was left out."""

    pages: tuple[str, ...]
    complaints: tuple[str, ...]


def is_sitemap(url: str) -> bool:
    """True for a link that is read as a list of pages, not as a page: its path ends in .xml."""
    return url.partition("?")[0].partition("#")[0].lower().endswith(".xml")


async def list_pages(url: str, sources: SourceReader) -> Listing:
    """The pages of a sitemap and of the sitemaps that it names, on the same host, at most `MAX_PAGES`.

    Pages that the host's robots.txt asks not to read are left out.

    Raises:
        FetchError: it cannot be fetched. DocumentError: it is no sitemap.
    """
    walk = _Walk(url)
    walk.take(url, await sources.sitemap(url))
    while walk.waiting:
        further = walk.waiting.popleft()
        try:
            walk.take(further, await sources.sitemap(further))
        except (FetchError, DocumentError) as error:
            walk.complaints.append(f"{error} (a part of {url!r})")
    listing = walk.listing()
    allowed = await sources.robots().allowed(listing.pages)
    forbidden = len(listing.pages) - len(allowed)
    if forbidden:
        walk.complaints.append(
            f"{url!r} lists {forbidden:,} pages that robots.txt asks not to crawl: add them by their links if you may"
        )
    return Listing(tuple(allowed), tuple(walk.complaints))


@dataclass
class _Walk:
    """From sitemap to sitemap, breadth first."""

    start: str
    waiting: deque[str] = field(default_factory=deque)
    complaints: list[str] = field(default_factory=list)
    _pages: dict[str, None] = field(default_factory=dict)
    _sitemaps: dict[str, None] = field(default_factory=dict)

    def take(self, address: str, found: Sitemap) -> None:
        """Note what the sitemap at `address` lists."""
        self._sitemaps[address] = None
        self._pages.update(dict.fromkeys(self._at_home(address, found.pages)))
        new = [url for url in self._at_home(address, found.sitemaps) if url not in self._sitemaps]
        room = max(0, MAX_SITEMAPS - len(self._sitemaps))
        self._sitemaps.update(dict.fromkeys(new[:room]))
        self.waiting.extend(new[:room])
        if new[room:]:
            self.complaints.append(f"{address!r} leads to more than {MAX_SITEMAPS} sitemaps: add the others one by one")

    def listing(self) -> Listing:
        """What was found, up to the limit."""
        pages = tuple(self._pages)
        if len(pages) > MAX_PAGES:
            self.complaints.append(
                f"{self.start!r} lists {len(pages):,} pages, of which the first {MAX_PAGES:,} are read: "
                "add its parts or the other pages one by one"
            )
        return Listing(pages[:MAX_PAGES], tuple(self.complaints))

    def _at_home(self, address: str, links: tuple[str, ...]) -> list[str]:
        """The links to the host of the first sitemap; a sitemap has no say about other hosts."""
        here = [link for link in links if _host(link) == _host(self.start)]
        if len(here) < len(links):
            self.complaints.append(
                f"{address!r} lists {len(links) - len(here):,} of {len(links):,} links on other hosts: "
                "add those by themselves if they are wanted"
            )
        return here


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
