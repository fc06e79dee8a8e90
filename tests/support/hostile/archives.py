"""Office files, books and archives: bombs, entities, overlaps, lies in their directories."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from nlp.documents import SUFFIXES
from tests.support.files import docx
from tests.support.office import archive, epub, pptx, with_part, xlsx

Named = tuple[str, bytes]
MEGABYTE = 1_000_000
PACKAGES: dict[str, tuple[bytes, str, str]] = {
    ".docx": (docx("Rules", "Text."), "word/document.xml", "w:document"),
    ".xlsx": (xlsx({"S": [["a"], ["b"]]}), "xl/worksheets/sheet1.xml", "worksheet"),
    ".pptx": (pptx(("Title", "Text.")), "ppt/slides/slide1.xml", "p:sld"),
    ".epub": (epub("Title", "<p>Text.</p>"), "OPS/c0.xhtml", "html"),
}
# As any encoder of theirs makes them: the smallest frames that say "100 MB of zeros follow".
_ZSTD = bytes.fromhex("28b52ffda000e1f505") + b"\x02\x00\x10\x00" * 800 + b"\x03\x00\x10\x00"
_BROTLI = bytes.fromhex("cf3fffffff00") + bytes(600)


def packed() -> Iterator[Named]:
    """Compressed data, many times its size and layer in layer, under every name that is read."""
    zeros = bytes(10 * MEGABYTE)
    layers = gzip.compress(gzip.compress(gzip.compress(zeros)))
    bodies = {
        "gz": gzip.compress(zeros),
        "layers": layers,
        "bz2": bz2.compress(zeros),
        "xz": lzma.compress(zeros, preset=0),
        "zlib": zlib.compress(zeros),
        "zst": _ZSTD,
        "br": _BROTLI,
        "zip": archive({"a.txt": zeros}),
    }
    for suffix in SUFFIXES:
        yield from ((f"{name}{suffix}", body) for name, body in bodies.items())


def bombs() -> Iterator[Named]:
    """Packages whose parts unpack to much, nest deeply, or hold archives in archives."""
    inner = archive({"bomb.txt": bytes(30 * MEGABYTE)})
    for _ in range(5):
        inner = archive({f"{number}.zip": inner for number in range(4)})
    for suffix, (package, part, root) in PACKAGES.items():
        contents: dict[str, bytes] = {
            "spaces": f"<{root}>".encode() + b" " * (25 * MEGABYTE),
            "small": f"<{root}>".encode() + b" " * (4 * MEGABYTE) + f"</{root}>".encode(),
            "deep": b"<a>" * 300_000,
            "closed": b"<a>" * 200_000 + b"</a>" * 200_000,
            "attributes": b"<a " + b" ".join(b"a%d='x'" % number for number in range(200_000)) + b"/>",
            "name": b"<" + b"a" * (5 * MEGABYTE) + b"/>",
            "siblings": f"<{root}>".encode() + b"<a/>" * 1_000_000 + f"</{root}>".encode(),
        }
        yield from ((f"{name}{suffix}", with_part(package, part, content)) for name, content in contents.items())
        yield f"nested{suffix}", with_part(package, "embedded/inner.zip", inner)
        yield f"only-nested{suffix}", inner


def entities() -> Iterator[Named]:
    """XML entities that grow, loop, or name files and hosts."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    long = "x" * 50_000
    types = {
        "laughs": (f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>', "&l9;"),
        "quadratic": (f'<!DOCTYPE x [<!ENTITY a "{long}">]>', "&a;" * 20_000),
        "loop": ('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
        "file": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"),
        "endless": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///dev/zero">]>', "&a;"),
        "host": ('<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]>', "&a;"),
        "parameter": ('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>', ""),
        "outside": ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
    }
    for suffix, (package, part, root) in PACKAGES.items():
        for name, (types_, used) in types.items():
            xml = f'<?xml version="1.0"?>{types_}<{root}>{used}</{root}>'
            yield f"{name}{suffix}", with_part(package, part, xml)
            yield f"{name}-types{suffix}", with_part(package, "[Content_Types].xml", xml)


def broken() -> Iterator[Named]:
    """Packages cut short, and with bytes that are not what they were."""
    for suffix, (package, part, _) in PACKAGES.items():
        for tenth in range(1, 10):
            yield f"cut{tenth}{suffix}", package[: len(package) * tenth // 10]
            middle = len(package) * tenth // 10
            yield f"hole{tenth}{suffix}", package[:middle] + b"\xff" * 16 + package[middle + 16 :]
        for name, content in {
            "empty": b"",
            "nul": bytes(1000),
            "text": b"no xml",
            "wide": "<a/>".encode("utf-32"),
        }.items():
            yield f"{name}{suffix}", with_part(package, part, content)
        yield f"before{suffix}", b"PK\x03\x04" + bytes(5000) + package
        yield f"after{suffix}", package + bytes(70_000)


def lying() -> Iterator[Named]:
    """Directories that say something else than what is there."""
    changes: dict[str, Callable[[zipfile.ZipInfo], None]] = {
        "small": lambda entry: setattr(entry, "file_size", 10),
        "huge": lambda entry: setattr(entry, "file_size", 2**31),
        "crc": lambda entry: setattr(entry, "CRC", 1),
        "method": lambda entry: setattr(entry, "compress_type", 99),
        "implode": lambda entry: setattr(entry, "compress_type", 6),
        "stored": lambda entry: setattr(entry, "compress_type", 0),
        "lzma": lambda entry: setattr(entry, "compress_type", 14),
        "version": lambda entry: setattr(entry, "extract_version", 255),
        "far": lambda entry: setattr(entry, "header_offset", 10**9),
        "locked": lambda entry: setattr(entry, "flag_bits", entry.flag_bits | 1),
    }
    for suffix, (package, part, _) in PACKAGES.items():
        for name, change in changes.items():
            yield f"{name}{suffix}", with_directory(package, change)
        yield f"overlap{suffix}", _overlapping(package, part, 15_000)
        yield f"twice{suffix}", _twice(package, part)
        for name in ("../../../tmp/out", "/etc/out", "a" * 60_000, "\u202egpj.exe", "con", "a/" * 5000):
            yield f"name{len(name)}{suffix}", with_part(package, name, "x")


def with_directory(package: bytes, change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """The package with every entry of its directory changed; the data stays as it is."""
    file = io.BytesIO(package)
    with zipfile.ZipFile(file, "a") as packed:
        for entry in packed.infolist():
            change(entry)
        packed._didModify = True  # type: ignore[attr-defined]
    return file.getvalue()


def _overlapping(package: bytes, part: str, times: int) -> bytes:
    """A directory that names one part many times: little to send, much to unpack (Fifield 2019)."""
    file = io.BytesIO(with_part(package, part, b"<a>" + b" " * 200_000))
    with zipfile.ZipFile(file, "a") as packed:
        first = packed.getinfo(part)
        for number in range(times):
            entry = zipfile.ZipInfo(f"{part}{number}")
            for name in ("compress_type", "compress_size", "file_size", "CRC", "header_offset"):
                setattr(entry, name, getattr(first, name))
            packed.filelist.append(entry)
        packed._didModify = True  # type: ignore[attr-defined]
    return file.getvalue()


def _twice(package: bytes, part: str) -> bytes:
    """Two parts of one name: whoever checks the one may read the other."""
    twin = part[:-1] + "X"
    data = with_part(package, twin, b"<a>" + b" " * (15 * MEGABYTE))
    old, new = twin.encode(), part.encode()
    return data.replace(struct.pack("<H", 0) + old, struct.pack("<H", 0) + new).replace(old, new)
