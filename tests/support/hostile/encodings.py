"""Text that says it is in another encoding than it is in."""

from collections.abc import Iterator

Named = tuple[str, bytes]
_TEXT = "The harbour opens at eight. 港口八点开放，欢迎大家前来参观。\n" * 20
_CLAIMS = (
    "punycode idna unicode_escape raw_unicode_escape utf-7 utf-16 utf-32 utf-8 gb18030 big5 shift_jis iso-2022-jp hz "
    "cp037 undefined rot13 hex base64 zip bz2 mbcs palmos ascii x-none latin-1 koi8-r"
).split()
_MARKS = {
    "utf8": b"\xef\xbb\xbf",
    "utf16": b"\xff\xfe",
    "utf16be": b"\xfe\xff",
    "utf32": b"\xff\xfe\0\0",
    "gb": b"\x84\x31\x95\x33",
}


def mislabelled() -> Iterator[Named]:
    """Pages that name an encoding, marks that do, and bytes that are in none."""
    body = _TEXT.encode()
    for claim in _CLAIMS:
        yield f"{claim}.html", f'<meta charset="{claim}"><p>'.encode() + body
        yield f"{claim}-long.html", f'<meta charset="{claim}"><p>'.encode() + b"abc-" + b"xn--" * 100_000
    for name, mark in _MARKS.items():
        for suffix in (".txt", ".md", ".html", ".csv", ".json"):
            yield f"{name}{suffix}", mark + body
            yield f"{name}-odd{suffix}", mark + body + b"\xff"
    for encoding in ("utf-16-le", "utf-16-be", "utf-32", "utf-7", "gb18030", "big5", "cp037"):
        data = _TEXT.encode(encoding, "replace")
        yield f"real-{encoding}.txt", data
        yield f"cut-{encoding}.txt", data[:-1]
        yield f"said-{encoding}.html", b'<meta charset="utf-8">' + data
    yield "halves.txt", b"\xed\xa0\x80" * 100_000
    yield "overlong.txt", b"\xc0\xaf\xe0\x80\xaf" * 100_000
    yield "high.txt", bytes(range(128, 256)) * 20_000
