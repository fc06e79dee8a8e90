"""Reading what people point at: files and links, parsed in a child process."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.fetching import MEDIA_TYPES, Fetcher
from nlp.documents import decode
from nlp.sandbox import SafeReader
from nlp.types import Document


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A fetched page in a temporary file."""

    path: Path
    media_type: str


class SourceReader:
    """Turns files and links into text. Close it after use, as its context manager does."""

    def __init__(self) -> None:
        self._reader = SafeReader()
        self._fetcher = Fetcher()

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

    async def url(self, url: str) -> Document:
        """The text of the page that a link leads to.

        Raises:
            FetchError: it cannot be fetched. DocumentError: it holds nothing to read.
        """
        async with self.page(url) as page:
            return await self.file(page.path, page.media_type)

    @asynccontextmanager
    async def page(self, url: str) -> AsyncIterator[SavedPage]:
        """The page that a link leads to, as a file that is there until the block ends.

        Raises:
            FetchError: it cannot be fetched.
        """
        page = await self._fetcher.fetch(url)
        with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
            yield SavedPage(save_page(page.data, page.media_type, page.charset, Path(folder)), page.media_type)


def save_page(data: bytes, media_type: str, charset: str, folder: Path) -> Path:
    """Write a fetched page for the reader; text is written as UTF-8, whatever the server said it was."""
    path = folder / f"page{MEDIA_TYPES[media_type]}"
    if media_type.startswith(("text/", "application/xhtml")):
        data = decode(data, charset).encode("utf-8-sig", "replace")
    path.write_bytes(data)
    return path
