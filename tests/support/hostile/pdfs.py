"""PDF files that loop, unpack to much, or are broken."""

import zlib
from collections.abc import Iterator

from tests.support.files import pdf, pdf_file

Named = tuple[str, bytes]
CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
TRAILER = "<< /Size {size} /Root 1 0 R >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
MEGABYTE = 1_000_000


def stream(data: bytes, extra: str = "") -> bytes:
    """A stream object."""
    return f"<< /Length {len(data)} {extra} >>\nstream\n".encode() + data + b"\nendstream"


def one_page(
    content: bytes, resources: str = "/Font << /F1 5 0 R >>", *more: str | bytes, box: str = "0 0 595 842"
) -> bytes:
    """A PDF of one page with this content stream as object 4, the font as 5, then `more`."""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << {resources} >> >>"
    return pdf_file([CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, content, FONT, *more], TRAILER)


def text(words: bytes) -> bytes:
    """Content that shows words."""
    return b"BT /F1 12 Tf 72 700 Td (" + words + b") Tj ET"


def loops() -> Iterator[Named]:
    """References that lead back to where they came from."""
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    trees = {
        "self": ["<< /Type /Pages /Kids [2 0 R] /Count 1 >>"],
        "pair": ["<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 4 >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 4 >>"],
        "wide": ["<< /Type /Pages /Kids [" + "3 0 R " * 20_000 + "] /Count 20000 >>", page],
        "twins": [f"<< /Type /Pages /Kids [{n} 0 R {n} 0 R] /Count 2 >>" for n in range(3, 40)] + [page],
        "parent": ["<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>", page.replace("2 0 R", "3 0 R")],
        "chain": [f"<< /Type /Pages /Kids [{n} 0 R] /Count 1 >>" for n in range(3, 3000)] + [page],
        "kids": ["<< /Type /Pages /Kids 3 0 R /Count 1 >>", "3 0 R"],
        "number": ["2 0 R"],
        "count": ["<< /Type /Pages /Kids [] /Count 999999999999 >>"],
    }
    yield from ((f"tree-{name}.pdf", pdf_file([CATALOG, *objects], TRAILER)) for name, objects in trees.items())
    plain = pdf("Text.")
    start = plain.rindex(b"xref\n0 ")
    yield "prev.pdf", plain.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)
    yield "xref-stream.pdf", plain.replace(b"/Root 1 0 R", b"/Root 1 0 R /XRefStm %d" % start)
    yield "root.pdf", plain.replace(b"/Root 1 0 R", b"/Root 99 0 R")
    form = stream(
        b"/X1 Do /X1 Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X1 6 0 R >> >>"
    )
    yield "form.pdf", one_page(stream(b"/X1 Do"), "/XObject << /X1 6 0 R >>", form)
    forms = [
        stream(b"/X Do /X Do", f"/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {n} 0 R >> >>")
        for n in range(7, 37)
    ]
    yield (
        "forms.pdf",
        one_page(stream(b"/X Do"), "/XObject << /X 6 0 R >>", *forms, stream(text(b"x"), "/Subtype /Form")),
    )
    yield "length.pdf", one_page(b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream")
    yield "filter.pdf", one_page(b"<< /Length 5 /Filter 4 0 R >>\nstream\nBT ET\nendstream")
    yield "resources.pdf", one_page(stream(text(b"x")), "/Font 3 0 R")
    outline = "<< /Title (x) /First 6 0 R /Next 6 0 R /Parent 6 0 R >>"
    yield "outline.pdf", one_page(stream(text(b"x")), "/Font << /F1 5 0 R >>", outline)


def bombs() -> Iterator[Named]:
    """Streams, numbers and tables far larger than what they come in."""
    zeros = zlib.compress(bytes(100 * MEGABYTE), 9)
    yield "flate.pdf", one_page(stream(zeros, "/Filter /FlateDecode"))
    yield "flate2.pdf", one_page(stream(zlib.compress(zeros), "/Filter [/FlateDecode /FlateDecode]"))
    yield "flates.pdf", one_page(stream(zlib.compress(b"BT ET"), "/Filter [" + "/FlateDecode " * 20_000 + "]"))
    yield "words.pdf", one_page(stream(zlib.compress(text(b"word " * 3) * 300_000), "/Filter /FlateDecode"))
    yield "runs.pdf", one_page(stream(b"\x81 " * MEGABYTE, "/Filter /RunLengthDecode"))
    yield "lzw.pdf", one_page(stream(bytes(range(256)) * 4000, "/Filter /LZWDecode"))
    yield "hex.pdf", one_page(stream(b"20" * MEGABYTE, "/Filter /ASCIIHexDecode"))
    yield "ascii85.pdf", one_page(stream(b"z" * MEGABYTE, "/Filter /ASCII85Decode"))
    predict = "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 999999999 /Colors 999 >>"
    yield "predictor.pdf", one_page(stream(zlib.compress(bytes(MEGABYTE)), predict))
    for name, data in {
        "arrays": b"[" * 500_000,
        "closed-arrays": b"[" * 100_000 + b"]" * 100_000,
        "dicts": b"<<" * 300_000,
        "parens": b"(" * MEGABYTE,
        "saves": b"q " * MEGABYTE,
        "restores": b"Q " * MEGABYTE,
        "numbers": b"9" * MEGABYTE,
        "operands": b"1 " * MEGABYTE,
        "curves": b"0 0 m 1 1 l S " * 100_000,
        "boxes": b"0 0 9 9 re f " * 100_000,
        "image": b"BI /W 999999999 /H 999999999 ID " + b"x" * MEGABYTE,
        "letters": text(b"x" * 400_000),
        "scattered": b"BT /F1 1 Tf "
        + b"".join(b"%d %d Td (x) Tj " % (n * 7 % 600, n * 13 % 800) for n in range(20_000))
        + b"ET",
        "names": b"/" + b"a" * MEGABYTE + b" Do",
        "escapes": text(b"\\777" * 100_000),
    }.items():
        yield f"{name}.pdf", one_page(stream(data))
    for box in ("0 0 1e99 1e99", "9 9 0 0", "0 0 0 0", "-1e30 -1e30 1e30 1e30", "1 2 3", "(a) (b) (c) (d)"):
        yield f"box{len(box)}.pdf", one_page(stream(text(b"Text.")), box=box)
    ranges = b"1 begincodespacerange <00> <ffff> endcodespacerange 1 beginbfrange <0000> <ffffffff> <0000> endbfrange"
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>"
    )
    wide = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /W [0 999999999 500] >>"
    yield "cmap.pdf", one_page(stream(text(b"abcd")), "/Font << /F1 6 0 R >>", font, wide, stream(ranges))


def broken() -> Iterator[Named]:
    """Files cut short, with holes, and with numbers that lead nowhere."""
    whole = pdf("Text.", "More text.")
    for tenth in range(1, 10):
        yield f"cut{tenth}.pdf", whole[: len(whole) * tenth // 10]
        yield f"hole{tenth}.pdf", whole[: len(whole) * tenth // 10] + bytes(40) + whole[len(whole) * tenth // 10 + 40 :]
    for number in (0, -1, 1, 10**9, 10**30):
        yield f"start{number % 97}.pdf", whole[: whole.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF" % number
        yield f"size{number % 97}.pdf", whole.replace(b"xref\n0 ", b"xref\n%d " % number)
        yield f"length{number % 97}.pdf", whole.replace(b"/Length 41", b"/Length %d" % number)
    yield "objects.pdf", whole[:9] + b"1 0 obj\n" * 300_000
    yield (
        "tables.pdf",
        whole[:9] + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Prev 9 >>\n" * 20_000 + b"startxref\n9\n%%EOF",
    )
    yield "head.pdf", b"%PDF-1.4\n"
    yield "twice.pdf", whole + whole
    yield "noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 4000
    widths = "/Type /XRef /W [99999999 99999999 99999999] /Index [0 999999999] /Size 999999999 /Root 1 0 R"
    yield "widths.pdf", b"%PDF-1.5\n1 0 obj\n" + stream(bytes(100), widths) + b"\nendobj\nstartxref\n9\n%%EOF"
    lock = "<< /Size {size} /Root 1 0 R /Encrypt << /Filter /Standard /V 99 /R 99 /O (x) /U (x) /P 0 >> >>"
    yield "lock.pdf", pdf_file([CATALOG, "<< /Type /Pages /Kids [] /Count 0 >>"], lock)
