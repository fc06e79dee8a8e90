"""Documents as blocks: headings and paragraphs, the common form that every file type is brought to."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from nlp.text import clean, detect_language
from nlp.types import HEADING_JOINER, Document, Section, Span

_SENTENCE_END = tuple(".!?:;。！？：；…”\"'）)」』")
# Kangxi radicals and Latin ligatures: glyphs that PDF fonts put where ordinary letters are meant.
_GLYPHS = re.compile("[\u2e80-\u2fdf\ufb00-\ufb06]")
_WRAPPED = 40  # a line of at least so many columns that ends inside a sentence was broken by a margin


QUESTION = 7  # the level of a question, which is the heading of its answer and of nothing else


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`level` 0), a heading (1 to 6) or a question, on a page where the document has pages.

    A `whole` paragraph is the answer to the question before it, and is never cut.
    """

    text: str
    level: int = 0
    page: int | None = None
    whole: bool = False


def assemble(blocks: Sequence[Block], fallback_title: str, media_type: str, title: str = "") -> Document:
    """The document that the blocks make; without a `title` the first heading is taken, else `fallback_title`."""
    kept = [block for block in blocks if block.text.strip()]
    heading = next((block.text for block in kept if 0 < block.level < QUESTION), "")
    text = "\n\n".join(block.text for block in kept)
    name = title.strip() or heading or fallback_title
    return Document(name, text, detect_language(text[:5000]), media_type, tuple(_sections(kept, name)))


def _sections(blocks: Sequence[Block], title: str) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    start = 0
    for block in blocks:
        end = start + len(block.text)
        if block.level:
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, block.text))
        else:
            names = [text for _, text in path if text != title]
            yield Section(Span(start, end), HEADING_JOINER.join(names), block.page, block.whole)
            path = [(level, text) for level, text in path if level < QUESTION]
        start = end + 2


def markdown_blocks(markdown: str, page: int | None = None) -> list[Block]:
    """The blocks of a Markdown text, as plain text: no emphasis marks, no link targets, no images."""
    tokens = MarkdownIt("commonmark").enable("table").parse(_without_front_matter(clean(markdown)))
    blocks: list[Block] = []
    level = 0
    table: _Table | None = None
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "table_open":
            table = _Table()
        elif token.type == "table_close" and table is not None:
            blocks += [Block(line, 0, page) for line in table.lines()]
            table = None
        elif table is not None:
            table.take(token)
        elif token.type == "inline":
            blocks.append(Block(_plain(token), level, page))
            level = 0
        elif token.type in ("fence", "code_block"):
            blocks.append(Block(token.content.rstrip(), 0, page))
    return blocks


class _Table:
    """A table as one line for each row, every cell behind the head of its column: a row is found and shown alone."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []

    def take(self, token: Token) -> None:
        """Read the next token inside the table."""
        if token.type == "tr_open":
            self._rows.append([])
        elif token.type == "inline":
            self._rows[-1].append(_plain(token))

    def lines(self) -> list[str]:
        """The rows as lines."""
        return table_lines(self._rows)


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table as lines; the first that is not empty is the head. Cells are single lines."""
    head, *body = [row for row in rows if any(row)] or [[]]
    return [labelled_line(zip_longest(head, row, fillvalue="")) for row in body] or [" | ".join(filter(None, head))]


def labelled_line(cells: Iterable[tuple[str, str]]) -> str:
    """Names and values as one line; what has no value is left out."""
    return " | ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def _without_front_matter(markdown: str) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", markdown, count=1, flags=re.DOTALL)


def _plain(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return join_lines("".join(parts).split("\n"))


def plain_blocks(text: str) -> list[Block]:
    """The blocks of plain text: paragraphs parted by blank lines, pages by form feeds, broken lines joined."""
    pages = text.rstrip("\f").split("\f")
    return [
        Block(unwrap(_GLYPHS.sub(_ordinary_letters, paragraph)), 0, number if len(pages) > 1 else None)
        for number, page in enumerate(pages, 1)
        for paragraph in re.split(r"\n[ \t]*\n", clean(page))
        if paragraph.strip()
    ]


def _ordinary_letters(glyph: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", glyph[0])


def unwrap(paragraph: str) -> str:
    """A paragraph with the line breaks of a page margin undone; deliberate short lines stay."""
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    merged: list[list[str]] = []
    for line in lines:
        if merged and _columns(merged[-1][0]) >= _WRAPPED and not merged[-1][-1].endswith(_SENTENCE_END):
            merged[-1].append(line)
        else:
            merged.append([line])
    return "\n".join(map(join_lines, merged))


def join_lines(lines: Sequence[str]) -> str:
    """Lines as one: with a space between, except between Chinese characters, where none belongs."""
    joined = ""
    for line in (line.strip() for line in lines):
        if joined and line and not (_is_wide(joined[-1]) and _is_wide(line[0])):
            joined += " "
        joined += line
    return joined


def _is_wide(char: str) -> bool:
    """True for Chinese characters and full-width punctuation."""
    return unicodedata.east_asian_width(char) in "WF"


def _columns(line: str) -> int:
    return sum(2 if _is_wide(char) else 1 for char in line)
