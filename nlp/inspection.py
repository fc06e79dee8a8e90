"""What a file is, told from its first bytes and its table of contents, before any parser sees it.

An ending is a promise of whoever named the file. Archives are judged by their directories: nothing is unpacked here.
"""

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

from nlp.errors import DocumentError

_HEAD = 8192
_PACKED = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
    "META-INF/container.xml": ".epub",
}
TEXTUAL = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".csv", ".tsv", ".json", ".jsonl"})
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Office files before 2007, and of encrypted ones
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NAMES = {
    ".pdf": "a PDF file",
    ".docx": "a Word file",
    ".pptx": "a PowerPoint file",
    ".xlsx": "an Excel workbook",
    ".epub": "an EPUB book",
}
# Signatures of what is never read, with what to do about it.
_OTHERS = (
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|BM.{4}\0\0\0\0|II\*\0|MM\0\*", "a picture", "run text recognition on it"),
    (rb"\{\\rtf", "a rich text file", "save it as .docx"),
    (rb"\x1f\x8b|7z\xbc\xaf\x27\x1c|Rar!\x1a|BZh[1-9]1AY|\xfd7zXZ", "an archive", "unpack it and add the files in it"),
    (rb"MZ.\0|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program", "add documents only"),
    (rb"SQLite format 3\0", "a database", "save its tables as .csv"),
)
_OTHER_KINDS = tuple((re.compile(pattern, re.DOTALL), name, remedy) for pattern, name, remedy in _OTHERS)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.01  # of a text's bytes; in compressed data it is 0.1

_LEAST_ZEROS = 0.2  # of the high bytes of a text in UTF-16 with some Latin in it
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those of Office files and of books
_MOST_ENTRIES = 20_000
_MOST_UNPACKED = 500_000_000  # bytes
_MOST_RATIO = 100  # of unpacked to packed bytes, in archives that unpack to more than _HARMLESS
_HARMLESS = 20_000_000


def inspect(path: Path, kind: str) -> None:
    """Make sure that a file is what its `kind` (an ending with its dot) says, and can be unpacked without harm.

    Raises:
        DocumentError: it is something else, protected by a password, or an archive made to exhaust its reader.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        _inspect_archive(path, kind)
    elif head.startswith(_COMPOUND):
        _refuse_compound(path)
    elif head.lstrip().startswith(b"%PDF-"):
        _expect(path, kind, ".pdf")
    else:
        _refuse_others(path, head)
        if kind in TEXTUAL and _is_binary(head):
            raise DocumentError(f"{path.name!r} holds binary data, not text: check where it comes from", "mismatch")


def _expect(path: Path, kind: str, found: str) -> None:
    if kind != found:
        raise DocumentError(
            f"{path.name!r} seems to be {_NAMES[found]}: rename it so that it ends in {found}", "mismatch"
        )


def _refuse_compound(path: Path) -> None:
    if _ENCRYPTED in path.read_bytes():
        raise DocumentError(f"{path.name!r} is protected by a password: remove it first", "protected")
    raise DocumentError(
        f"{path.name!r} seems to be an Office file of before 2007: save it as .docx, .pptx or .xlsx", "mismatch"
    )


def _refuse_others(path: Path, head: bytes) -> None:
    for pattern, name, remedy in _OTHER_KINDS:
        if pattern.match(head):
            raise DocumentError(f"{path.name!r} seems to be {name}: {remedy}", "mismatch")


def _is_binary(head: bytes) -> bool:
    """True for bytes that no encoding turns into text."""
    even, odd = head[::2], head[1::2]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_wide(even, odd) or _is_wide(odd, even):
        return False
    return len(_CONTROLS.findall(head)) > _MOST_CONTROLS * len(head)


def _is_wide(high: bytes, low: bytes) -> bool:
    """True for UTF-16 without a mark: the high halves of its letters are often zero, the low ones never."""
    return high.count(0) > _LEAST_ZEROS * len(high) and 0 not in low


def _inspect_archive(path: Path, kind: str) -> None:
    entries = _directory(path)
    found = _kind_of({entry.filename for entry in entries})
    if not found:
        raise DocumentError(f"{path.name!r} seems to be an archive: unpack it and add the files in it", "mismatch")
    _expect(path, kind, found)
    if any(entry.compress_type not in _PACKINGS for entry in entries):
        raise _unknown_packing(path)
    if any(entry.flag_bits & 1 for entry in entries) or _has_locked_pages(path, entries):
        raise DocumentError(f"{path.name!r} is protected by a password: remove it first", "protected")
    _refuse_bomb(path, entries)


def _directory(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except NotImplementedError as error:
        raise _unknown_packing(path) from error
    except (zipfile.BadZipFile, ValueError) as error:
        raise DocumentError(
            f"{path.name!r} is damaged, perhaps cut short: get it or save it again", "unreadable"
        ) from error


def _unknown_packing(path: Path) -> DocumentError:
    return DocumentError(
        f"{path.name!r} is packed in a way that is not known here: save it again, or with another program", "unreadable"
    )


def _kind_of(names: Collection[str]) -> str:
    return next((kind for name, kind in _PACKED.items() if name in names), "")


def _has_locked_pages(path: Path, entries: Collection[zipfile.ZipInfo]) -> bool:
    """True for a book whose chapters are encrypted; many books encrypt their fonts, which nobody needs for reading."""
    locks = [entry for entry in entries if entry.filename == "META-INF/encryption.xml"]
    if not locks or locks[0].file_size > _HARMLESS:
        return False
    with zipfile.ZipFile(path) as archive:
        return re.search(rb"""URI=["'][^"']*\.x?html?["']""", archive.read(locks[0])) is not None


def _refuse_bomb(path: Path, entries: Collection[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_ENTRIES:
        size = f"{len(entries):,} parts"
    elif unpacked > _MOST_UNPACKED or unpacked > max(_HARMLESS, _MOST_RATIO * path.stat().st_size):
        size = f"{unpacked / 1e6:,.0f} MB"
    else:
        return
    raise DocumentError(
        f"{path.name!r} would unpack to {size}, too much for what it is: save it again, or split it", "too_large"
    )
