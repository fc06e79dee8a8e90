"""Compressed bodies, inflated piece by piece with a bound: what a small bomb unpacks to is never held in memory."""

import zlib

from bot.errors import FetchError

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_IDENTITY = ("", "identity")
_MOST_RATIO = 200  # of inflated to sent bytes: of pages about 5, of the most repetitive logs about 60, of a bomb 1,000
_HARMLESS = 1_000_000


class Body:
    """The body of one answer, gathered as it comes: at most `limit` bytes, both as sent and inflated.

    Args:
        name: what the body is of, for messages.
        encoding: the Content-Encoding header. gzip and deflate are inflated; like browsers, this ignores what comes
            after the end of the compressed data.
        limit: in bytes.

    Raises:
        FetchError: the encoding is another one, or there are several.
    """

    def __init__(self, name: str, encoding: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._sent = 0
        self._data = bytearray()
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in (*_IDENTITY, "gzip", "deflate"):
            raise FetchError(f"{name!r} is compressed as {encoding!r}, which was not asked for", "encoding")
        self._inflate = zlib.decompressobj(_GZIP) if self._encoding == "gzip" else None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes as they were sent.

        Raises:
            FetchError: they are too many, inflate to too many, or are damaged.
        """
        self._sent += len(piece)
        self._data += piece if self._encoding in _IDENTITY else self._inflated(piece)
        if len(self._data) > self._limit or self._sent > self._limit:
            raise FetchError(f"{self._name!r} is larger than {self._limit // 1_000_000} MB", "too_large")
        if len(self._data) > max(_HARMLESS, _MOST_RATIO * self._sent) and self._inflate:
            raise FetchError(f"{self._name!r} is compressed beyond what a page can be", "too_large")

    def finish(self) -> bytes:
        """All of it.

        Raises:
            FetchError: compressed data ended too early.
        """
        if self._sent and self._inflate is not None and not self._inflate.eof:
            raise self._damaged()
        return bytes(self._data)

    def _inflated(self, piece: bytes) -> bytes:
        try:
            if self._inflate is None:
                return self._begin_deflate(piece)
            return self._inflate.decompress(piece, self._room)
        except zlib.error as error:
            raise self._damaged() from error

    def _begin_deflate(self, piece: bytes) -> bytes:
        """The first piece of "deflate", which some servers send in zlib's wrapping and others without."""
        wrapped = zlib.decompressobj(_ZLIB)
        try:
            data = wrapped.decompress(piece, self._room)
            self._inflate = wrapped
        except zlib.error:
            self._inflate = zlib.decompressobj(_RAW)
            data = self._inflate.decompress(piece, self._room)
        return data

    @property
    def _room(self) -> int:
        """One byte more than may still come: with it the limit is seen to be passed, and the rest never inflated."""
        return self._limit - len(self._data) + 1

    def _damaged(self) -> FetchError:
        return FetchError(f"{self._name!r} came damaged: its compressed data cannot be read", "encoding")
