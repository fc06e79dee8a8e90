"""Trees of HTML, and of what trafilatura makes of it, as blocks.

Both are read by one walk: trafilatura names its elements as TEI does (head, item, row, cell), HTML in its own way.
Markdown in between would lose the spaces around what is bold, and take an asterisk that somebody wrote for markup.
"""

import re
from typing import TYPE_CHECKING

from nlp.blocks import Block, table_lines

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_ROWS = ("row", "tr")
_CELLS = ("cell", "td", "th")
_BREAKS = ("lb", "br")
_VERBATIM = ("code", "pre")
_PARTS = frozenset(
    (
        "address article aside blockquote body caption cell center dd details div dl dt fieldset figcaption figure "
        "footer form frameset header hr html item li list main nav ol option p quote row section summary table "
        "td th tr ul"
    ).split()
)
_SILENT = frozenset("button iframe noframes noscript object script select style svg template textarea title".split())
_SPACE = re.compile(r"\s+")
_SPACES = re.compile(" +")


def tree_blocks(tree: "_Element") -> list[Block]:
    """The blocks of a tree in reading order: headings, paragraphs, items, rows of tables, code with its line ends."""
    reader = _Reader()
    reader.read(tree)
    return reader.blocks


class _Reader:
    """Walks a tree and ends a block wherever a part begins or ends. lxml nests at most 256 deep, so it may recurse."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []

    def read(self, element: "_Element") -> None:
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            return
        if element.tag in _BREAKS:
            self._pieces.append("\n")
        elif element.tag in _VERBATIM and "\n" in _text(element).strip():
            self._end()
            self.blocks.append(Block(_text(element).strip("\n").rstrip()))
        elif element.tag == "table" and (lines := _lines(element)):
            self._end()
            self.blocks += map(Block, lines)
        else:
            self._read_inside(element)

    def _read_inside(self, element: "_Element") -> None:
        level = _level(element)
        is_part = level > 0 or element.tag in _PARTS
        if is_part:
            self._end()
        self._pieces.append(_SPACE.sub(" ", element.text or ""))
        for child in element:
            self.read(child)
            self._pieces.append(_SPACE.sub(" ", child.tail or ""))
        if is_part:
            self._end(level)

    def _end(self, level: int = 0) -> None:
        """What was read since the last end is a block; an empty line parts it, as two breaks in a row are meant to."""
        text, self._pieces = "".join(self._pieces), []
        for paragraph in re.split(r"\n[ \n]*\n", text):
            lines = [line.strip() for line in _SPACES.sub(" ", paragraph).split("\n")]
            kept = (" " if level else "\n").join(filter(None, lines))
            if kept:
                self.blocks.append(Block(kept, level))


def _level(element: "_Element") -> int:
    """The level of a heading, 1 to 6; 0 for anything else."""
    return _HEADINGS.get(element.get("rend", "h2") if element.tag == "head" else str(element.tag), 0)


def _text(element: "_Element") -> str:
    """The text in an element as it stands, with its breaks as line ends."""
    inside = "".join(_text(child) + (child.tail or "") for child in element if isinstance(child.tag, str))
    return "\n" if element.tag in _BREAKS else (element.text or "") + inside


def _lines(table: "_Element") -> list[str]:
    """A line for each row of a table: its cells behind the names of their columns where the page marks such names.

    None for a table that only lays out a page: with one column, or with tables inside.
    """
    if next(table.iterdescendants("table"), None) is not None:
        return []
    rows = [list(row.iterchildren(*_CELLS)) for row in table.iter(*_ROWS)]
    if max(map(len, rows), default=0) < 2:
        return []
    texts = [[" ".join(_text(cell).split()) for cell in row] for row in rows]
    named = len(rows[0]) > 1 and all(cell.tag == "th" or cell.get("role") == "head" for cell in rows[0])
    return table_lines(texts) if named else [" | ".join(filter(None, row)) for row in texts]
