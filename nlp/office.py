"""Office files and books to blocks: Word, PowerPoint, Excel and EPUB."""

from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp.blocks import Block, assemble, markdown_blocks
from nlp.entries import blocks_with_entries
from nlp.tables import row_blocks
from nlp.types import Document

if TYPE_CHECKING:
    from markitdown import DocumentConverter, DocumentConverterResult

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OPEN_XML}wordprocessingml.document"
PPTX = f"{_OPEN_XML}presentationml.presentation"
XLSX = f"{_OPEN_XML}spreadsheetml.sheet"
EPUB = "application/epub+zip"
# Word's title is a style of its own, not a heading: without this it would be a paragraph like any other.
_TITLE_STYLE = "p[style-name='Title'] => h1:fresh\np.Title => h1:fresh"
_SLIDE_TITLE = 1
_SHEET_NAME = 1


def read_docx(path: Path) -> Document:
    """A Word file."""
    from markitdown.converters import DocxConverter

    converted = convert(DocxConverter(), path, style_map=_TITLE_STYLE)  # type: ignore[no-untyped-call]
    return assemble(blocks_with_entries(converted.text_content, markdown_blocks), path.stem, DOCX)


def read_epub(path: Path) -> Document:
    """A book: what is known of it, then its chapters in reading order."""
    from markitdown.converters import EpubConverter

    converted = convert(EpubConverter(), path)  # type: ignore[no-untyped-call]
    return assemble(markdown_blocks(converted.text_content), path.stem, EPUB, title=converted.title or "")


def convert(converter: "DocumentConverter", path: Path, **options: str) -> "DocumentConverterResult":
    """What one of markitdown's converters makes of a file."""
    from markitdown import StreamInfo

    with path.open("rb") as file:
        return converter.convert(file, StreamInfo(extension=path.suffix.lower()), **options)


def read_pptx(path: Path) -> Document:
    """A presentation: the slides as pages, their titles as headings, the speaker's notes below."""
    from pptx import Presentation

    slides = Presentation(str(path)).slides
    blocks = [block for page, slide in enumerate(slides, 1) for block in _slide_blocks(slide, page)]
    return assemble(blocks, path.stem, PPTX)


def _slide_blocks(slide: Any, page: int) -> list[Block]:
    """The title of a slide above what it says; a slide that has only a title says just that."""
    title = slide.shapes.title
    name = " ".join(title.text_frame.text.split()) if title is not None else ""
    body = [block for block in _body_blocks(slide, title, page) if block.text]
    return [Block(name, _SLIDE_TITLE, page), *(body or [Block(name, 0, page)])]


def _body_blocks(slide: Any, title: Any, page: int) -> Iterator[Block]:
    for shape in sorted(_shapes(slide.shapes), key=_reading_place):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape_blocks(shape, page)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from _paragraphs(slide.notes_slide.notes_text_frame, page)


def _shapes(shapes: Any) -> Iterator[Any]:
    """The shapes, those in groups one by one."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _reading_place(shape: Any) -> tuple[int, int]:
    return shape.top or 0, shape.left or 0


def _shape_blocks(shape: Any, page: int) -> Iterator[Block]:
    if getattr(shape, "has_table", False):
        yield from row_blocks([[cell.text for cell in row.cells] for row in shape.table.rows], page)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame, page)


def _paragraphs(frame: Any, page: int) -> Iterator[Block]:
    for paragraph in frame.paragraphs:
        yield Block(paragraph.text.replace("\v", "\n").strip(), 0, page)


def read_xlsx(path: Path) -> Document:
    """A workbook: the visible sheets as headings, each row as a line, values as they were last calculated."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    sheets = [(sheet.title, _sheet_blocks(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    book.close()
    blocks = [block for name, found in sheets for block in _named(name, found, alone=len(sheets) == 1)]
    return assemble(blocks, path.stem, XLSX, title=book.properties.title or path.stem)


def _named(name: str, blocks: list[Block], *, alone: bool) -> list[Block]:
    """The blocks of a sheet below its name, which says nothing above entries that are all there is."""
    if not blocks or (alone and any(block.whole for block in blocks)):
        return blocks
    return [Block(name, _SHEET_NAME), *blocks]


def _sheet_blocks(sheet: Any) -> list[Block]:
    sheet.reset_dimensions()  # the size that a file gives for its sheets is often wrong
    return row_blocks([[_cell(cell) for cell in row] for row in sheet.iter_rows()])


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, float) and "%" in (cell.number_format or ""):
        return f"{value * 100:.10g}%"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
