"""Files and pages to text. They come from strangers, so callers use `nlp.sandbox`, which reads in a child process."""

import re
from collections.abc import Callable
from pathlib import Path

from nlp.articles import html_document
from nlp.blocks import assemble, markdown_blocks, plain_blocks
from nlp.entries import blocks_with_entries
from nlp.errors import DocumentError
from nlp.inspection import inspect
from nlp.office import DOCX, EPUB, PPTX, XLSX, convert, read_docx, read_epub, read_pptx, read_xlsx
from nlp.tables import delimited_blocks, json_blocks, json_lines_blocks
from nlp.types import Document

MAX_BYTES = 50_000_000
_CHARSET_NAME = re.compile(r"[\w.:-]{2,40}", re.ASCII)
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape"})  # codecs, one of them slow
_CHARSET = re.compile(rb"""charset=["']?([\w-]{2,40})""", re.IGNORECASE)


def read_document(path: Path, media_type: str = "") -> Document:
    """The text of a file, chosen by its ending or, where given, by its media type.

    Raises:
        DocumentError: the file is missing, unreadable, protected, empty, too large, of an unknown type or of another
            one than its ending says.
    """
    kind = check_file(path, media_type)
    inspect(path, kind)
    document = _CONVERTERS[kind](path)
    if not document.text.strip():
        raise DocumentError(f"{path.name!r} holds no text: if it is a scan, run text recognition on it first", "empty")
    return document


def check_file(path: Path, media_type: str = "") -> str:
    """The kind of a file, an ending with its dot, where its type and size are such that it may be read.

    Raises:
        DocumentError: it is missing, empty, too large or of an unknown type.
    """
    kind = MEDIA_TYPES.get(media_type, path.suffix.lower())
    if kind not in _CONVERTERS:
        raise DocumentError(
            f"{path.name!r} has the unknown type {kind or 'none'!r}: supported are {', '.join(SUFFIXES)}", "unsupported"
        )
    _check_size(path)
    return kind


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DocumentError(f"{str(path)!r} cannot be read ({error.strerror}): check the path", "missing") from error
    if size > MAX_BYTES:
        raise DocumentError(
            f"{path.name!r} has {size / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f} MB are read: split it", "too_large"
        )
    if not size:
        raise DocumentError(f"{path.name!r} is an empty file: nothing to read", "empty")


def _read_markdown(path: Path) -> Document:
    return assemble(blocks_with_entries(decode(path.read_bytes()), markdown_blocks), path.stem, "text/markdown")


def _read_plain(path: Path) -> Document:
    return assemble(blocks_with_entries(decode(path.read_bytes()), plain_blocks), path.stem, "text/plain")


def _read_html(path: Path) -> Document:
    return html_document(decode(path.read_bytes()), path.stem)


def _read_csv(path: Path) -> Document:
    return assemble(delimited_blocks(decode(path.read_bytes()), path.name), path.stem, "text/csv")


def _read_tsv(path: Path) -> Document:
    return assemble(
        delimited_blocks(decode(path.read_bytes()), path.name, "\t"), path.stem, "text/tab-separated-values"
    )


def _read_json(path: Path) -> Document:
    return assemble(json_blocks(decode(path.read_bytes()), path.name), path.stem, "application/json", title=path.stem)


def _read_json_lines(path: Path) -> Document:
    return assemble(json_lines_blocks(decode(path.read_bytes()), path.name), path.stem, "application/jsonl")


def _read_pdf(path: Path) -> Document:
    from markitdown.converters import PdfConverter
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    try:
        text = convert(PdfConverter(), path).text_content
    except PDFPasswordIncorrect as error:
        raise DocumentError(f"{path.name!r} is protected by a password: remove it first", "protected") from error
    return assemble(plain_blocks(text), path.stem, "application/pdf")


def decode(data: bytes, declared: str = "") -> str:
    """Bytes as text: by byte order mark, declared or embedded charset, UTF-8, GB 18030, or the likeliest guess."""
    embedded = _CHARSET.search(data[:4096])
    names = ["utf-8-sig"] if data.startswith(b"\xef\xbb\xbf") else []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names.append("utf-16")
    names += [declared, embedded[1].decode() if embedded else "", "utf-8", "gb18030"]
    for name in names:
        if not _CHARSET_NAME.fullmatch(name) or name.lower().replace("-", "_") in _NO_CHARSETS:
            continue
        try:
            return data.decode(name)
        except (UnicodeError, LookupError):
            continue
    return _guess(data)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000]).best()
    return data.decode(best.encoding if best else "utf-8", errors="replace")


_CONVERTERS: dict[str, Callable[[Path], Document]] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_plain,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": read_docx,
    ".pptx": read_pptx,
    ".xlsx": read_xlsx,
    ".epub": read_epub,
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
}
SUFFIXES = tuple(_CONVERTERS)
MEDIA_TYPES = {
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    DOCX: ".docx",
    PPTX: ".pptx",
    XLSX: ".xlsx",
    EPUB: ".epub",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
