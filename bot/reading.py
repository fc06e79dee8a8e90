"""Reading what people point at: files and links, parsed in a child process."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from bot.dialogue import Attachment
from bot.fetching import SITEMAP_TYPES, Fetcher, Page
from nlp.documents import MAX_BYTES, MEDIA_TYPES, decode
from nlp.errors import DocumentError
from nlp.inspection import TEXTUAL
from nlp.sandbox import SafeReader
from nlp.sitemap import Sitemap
from nlp.types import Document

_UNSAFE = re.compile(r"[^\w.-]+")
_STEM_LENGTH, _SUFFIX_LENGTH = 50, 10  # characters, each up to four bytes of the 255 that a name may have
_MOST_SENT = min(MAX_BYTES, 20_000_000)  # bytes; Telegram lets bots download no more


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A fetched page in a temporary file."""

    path: Path
    media_type: str


class SourceReader:
    """Turns files and links into text. Close it after use, as its context manager does."""

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._reader = SafeReader()
        self._fetcher = fetcher or Fetcher()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._fetcher.close()
        await asyncio.to_thread(self._reader.close)

    async def file(self, path: Path, media_type: str = "") -> Document:
        """The text of a file; `media_type` overrides its ending.

        Raises:
            DocumentError: it cannot be read.
        """
        return await asyncio.to_thread(self._reader.read, path, media_type)

    async def attachment(self, attachment: Attachment) -> Document:
        """The text of a file that was sent.

        Raises:
            DocumentError: it cannot be read.
        """
        async with saved(attachment) as path:
            return await self.file(path)

    async def url(self, url: str) -> Document:
        """The text of the page that a link leads to.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it holds nothing to read.
        """
        async with self.page(url) as page:
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
            return await asyncio.to_thread(self._reader.sitemap, path)

    @asynccontextmanager
    async def page(self, url: str) -> AsyncIterator[SavedPage]:
        """The page that a link leads to, as a file that is there until the block ends.

        Raises:
            FetchError: it cannot be fetched.
        """
        page = await self._fetcher.fetch(url)
        with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
            media_type = _media_type(page)
            path = save_page(page.data, media_type, page.charset, Path(folder), _stem(page.url))
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
