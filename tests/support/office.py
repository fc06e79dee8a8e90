"""Office files, books and archives, made as programs make them."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPF = "http://www.idpf.org/2007/opf"
_CONTAINER = "urn:oasis:names:tc:opendocument:xmlns:container"


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]], hidden: Sequence[str] = (), title: str = "") -> bytes:
    """A workbook with these sheets, each given by its rows."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = title
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pptx(*slides: tuple[str, str], table: Sequence[Sequence[str]] = (), notes: str = "") -> bytes:
    """A presentation of slides with a title and a text; the last one may have a table and notes."""
    show = Presentation()
    for title, text in slides:
        slide = show.slides.add_slide(show.slide_layouts[1])
        assert slide.shapes.title is not None
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    if table:
        grid = slide.shapes.add_table(len(table), len(table[0]), Inches(1), Inches(5), Inches(4), Inches(1)).table
        for row, cells in enumerate(table):
            for column, text in enumerate(cells):
                grid.cell(row, column).text = text
    if notes:
        assert slide.notes_slide.notes_text_frame is not None
        slide.notes_slide.notes_text_frame.text = notes
    file = io.BytesIO()
    show.save(file)
    return file.getvalue()


def epub(title: str, *chapters: str, locked: bool = False) -> bytes:
    """A book with chapters in HTML, which say that they are encrypted when `locked`."""
    manifest = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    metadata = f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'<container xmlns="{_CONTAINER}" version="1.0"><rootfiles><rootfile '
        'full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OPS/book.opf": f'<package xmlns="{_OPF}" version="3.0">{metadata}<manifest>{manifest}</manifest>'
        f"<spine>{spine}</spine></package>",
    }
    parts |= {f"OPS/c{n}.xhtml": f"<html><body>{text}</body></html>" for n, text in enumerate(chapters)}
    if locked:
        parts["META-INF/encryption.xml"] = '<encryption><CipherReference URI="OPS/c0.xhtml"/></encryption>'
    return archive(parts)


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A compressed ZIP archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def with_part(package: bytes, name: str, content: str | bytes) -> bytes:
    """An Office file or book with one part added or replaced."""
    with zipfile.ZipFile(io.BytesIO(package)) as packed:
        parts: dict[str, str | bytes] = {entry: packed.read(entry) for entry in packed.namelist()}
    return archive({**parts, name: content})


def encrypted_office() -> bytes:
    """How an Office file with a password begins: a compound file whose directory names the encrypted package."""
    directory = "EncryptionInfo".encode("utf-16-le").ljust(128, b"\0") + "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory.ljust(512, b"\0")


def old_office() -> bytes:
    """How an Office file of before 2007 begins."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "WordDocument".encode("utf-16-le").ljust(512, b"\0")
