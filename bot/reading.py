"""Reading what people point at: files and links, parsed in a child process."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import unquote, urlsplit

from bot.dialogue import Attachment
from bot.fetch_limits import Page
from bot.fetching import SITEMAP_TYPES, Fetcher
from bot.robots import Robots
from nlp.documents import MAX_BYTES, MEDIA_TYPES, decode
from nlp.errors import DocumentError
from nlp.inspection import TEXTUAL
from nlp.sandbox import OWNER, Limits, SafeReader
from nlp.sitemap import Sitemap
from nlp.types import Document

_T = TypeVar("_T")
_UNSAFE = re.compile(r"[^\w.-]+")
_STEM_LENGTH, _SUFFIX_LENGTH = 50, 10  # characters, each up to four bytes of the 255 that a name may have
_MOST_SENT = min(MAX_BYTES, 20_000_000)  # bytes; Telegram lets bots download no more


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A fetched page in a temporary file."""

    path: Path
    media_type: str


class SourceReader:
    """Turns files and links into text, within `limits`. Close it after use, as its context manager does."""

    def __init__(self, fetcher: Fetcher | None = None, limits: Limits = OWNER) -> None:
        self._reader = SafeReader(limits)
        self._fetcher = fetcher or Fetcher()
        # Threads of its own: whoever waits for a child must not hold one that the rest of the program needs.
        self._threads = ThreadPoolExecutor(limits.children, thread_name_prefix="reading")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._fetcher.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._reader.close)

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def file(self, path: Path, media_type: str = "") -> Document:
        """The text of a file; `media_type` overrides its ending.

        Raises:
            DocumentError: it cannot be read.
        """
        return await self._run(lambda: self._reader.read(path, media_type))

    async def attachment(self, attachment: Attachment) -> Document:
        """The text of a file that was sent.

        Raises:
            DocumentError: it cannot be read.
        """
        async with saved(attachment) as path:
            return await self.file(path)

    async def url(self, url: str, person: int | None = None) -> Document:
        """The text of the page that a link leads to; `person` is who asks for it in a chat.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it holds nothing to read.
        """
        async with self.page(url, person) as page:
            return await self.file(page.path, page.media_type)

    async def sitemap(self, url: str) -> Sitemap:
        """The sitemap at an address.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it is no sitemap.
        """
        page = await self._fetcher.fetch(url, SITEMAP_TYPES)
        with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
            path = Path(folder) / f"{_stem(page.url)}.xml"
            path.write_bytes(page.data)
            return await self._run(lambda: self._reader.sitemap(path))

    def robots(self) -> Robots:
        """Asks which pages may be crawled."""
        return Robots(self._fetcher)

    @asynccontextmanager
    async def page(self, url: str, person: int | None = None) -> AsyncIterator[SavedPage]:
        """The page that a link leads to, as a file that is there until the block ends.

        Raises:
            FetchError: it cannot be fetched.
        """
        page = await self._fetcher.fetch(url, person=person)
        with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
            media_type = _media_type(page)
            folder_path, stem = Path(folder), _stem(page.url)
            path = await self._run(lambda: save_page(page.data, media_type, page.charset, folder_path, stem))
            yield SavedPage(path, media_type)


@asynccontextmanager
async def saved(attachment: Attachment) -> AsyncIterator[Path]:
    """A file that was sent, as one on this machine until the block ends.

    Raises:
        DocumentError: it is larger than a bot may download.
    """
    name = Path(attachment.name).name
    if attachment.size > _MOST_SENT:
        raise DocumentError(f"{name!r} is larger than a bot may download", "too_large")
    with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
        path = Path(folder) / _short(name)
        await attachment.save(path)
        yield path


def _short(name: str) -> str:
    """A name that every file system takes, with the same ending."""
    path = Path(name)
    return (path.stem.strip(". ")[:_STEM_LENGTH] or "file") + path.suffix[:_SUFFIX_LENGTH]


def save_page(data: bytes, media_type: str, charset: str, folder: Path, stem: str = "page") -> Path:
    """Write a fetched page for the reader; text is written as UTF-8, whatever the server said it was.

    `stem` is what the page is called where it has no title of its own.
    """
    path = folder / f"{stem}{MEDIA_TYPES[media_type]}"
    if path.suffix in TEXTUAL:
        data = decode(data, charset).encode("utf-8-sig", "replace")
    path.write_bytes(data)
    return path


def _media_type(page: Page) -> str:
    """What a page is. Many servers call every text plain: there the ending of the address is believed."""
    ending = Path(urlsplit(page.url).path).suffix.lower()
    if page.media_type != "text/plain" or ending not in TEXTUAL:
        return page.media_type
    return next((kind for kind, suffix in MEDIA_TYPES.items() if suffix == ending), page.media_type)


def _stem(url: str) -> str:
    """The last part of an address without its ending, or the host: a name that every file system takes."""
    parts = urlsplit(url)
    last = Path(unquote(parts.path)).name
    name = _UNSAFE.sub("_", Path(last).stem or parts.hostname or "")
    return name.strip("._ ")[:_STEM_LENGTH] or "page"
