"""Tables and records as blocks: question-answer entries where they are such, else one line a row."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

from nlp.blocks import Block, join_lines, labelled_line, table_lines
from nlp.entries import entry, entry_columns
from nlp.errors import DocumentError
from nlp.text import clean

_DEEPEST_HEADING = 6
_DELIMITERS = ",;\t"


def row_blocks(rows: Sequence[Sequence[str]], page: int | None = None) -> list[Block]:
    """The rows of a table; the first that is not empty names the columns."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return []
    head, *body = filled
    columns = entry_columns(head)
    if columns is None:
        return [Block(line, 0, page) for line in table_lines([[_line(cell) for cell in row] for row in filled])]
    return [block for row in body for block in _entry_or_line(head, row, columns, page)]


def _entry_or_line(
    head: Sequence[str], row: Sequence[str], columns: tuple[int, int], page: int | None = None
) -> list[Block]:
    question, answer = (row[place].strip() if place < len(row) else "" for place in columns)
    if question and answer:
        return entry(question, answer, page)
    return [Block(line, 0, page) for line in table_lines([head, [_line(cell) for cell in row]])]


def _line(cell: str) -> str:
    return join_lines(clean(cell).split("\n"))


def delimited_blocks(text: str, name: str, delimiter: str = "") -> list[Block]:
    """A CSV or TSV file; without a `delimiter`, the commonest of comma, semicolon and tab in its first line.

    Raises:
        DocumentError: a quotation mark is never closed, so that the rest of the file is one cell.
    """
    text = clean(text)
    first = text.lstrip("\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=delimiter or max(_DELIMITERS, key=first.count))
    try:
        return row_blocks(list(reader))
    except csv.Error as error:
        raise DocumentError(
            f"{name!r} is damaged near line {reader.line_num}: look for a quotation mark that is never closed",
            "unreadable",
        ) from error


def json_lines_blocks(text: str, name: str) -> list[Block]:
    """A JSON Lines file: one value a line.

    Raises:
        DocumentError: a line is not JSON.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _value_blocks([_parse(line, name, number) for number, line in lines], 1)


def json_blocks(text: str, name: str) -> list[Block]:
    """A JSON file: arrays of objects are tables, the keys above them headings.

    Raises:
        DocumentError: it is not JSON.
    """
    return _value_blocks(_parse(text, name), 1)


def _parse(text: str, name: str, line: int = 0) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        remedy = "correct that line"
        if error.msg == "Extra data" and not line:
            remedy += ", or let the name end in .jsonl if each line is a value by itself"
        raise DocumentError(
            f"{name!r} is not valid JSON in line {line or error.lineno}: {remedy}", "unreadable"
        ) from error


def _value_blocks(value: object, level: int) -> list[Block]:
    if isinstance(value, Mapping):
        return list(_object_blocks(value, level))
    if isinstance(value, list):
        return [block for item in value for block in _item_blocks(item, level)]
    return [Block(_text(value))]


def _object_blocks(value: Mapping[str, object], level: int) -> Iterator[Block]:
    """What an object says by itself as one line, then what lies deeper, under its key where there are several."""
    nested = {key: inner for key, inner in value.items() if isinstance(inner, Mapping | list)}
    yield Block(labelled_line((key, _line(_text(inner))) for key, inner in value.items() if key not in nested))
    for key, inner in nested.items():
        if len(nested) > 1 or isinstance(inner, Mapping):
            yield Block(key, min(level, _DEEPEST_HEADING))
        yield from _value_blocks(inner, level + 1)


def _item_blocks(item: object, level: int) -> list[Block]:
    if not isinstance(item, Mapping):
        return _value_blocks(item, level)
    names = list(item)
    columns = entry_columns(names)
    if columns is not None:
        pair = [item[names[place]] for place in columns]
        if all(isinstance(part, str) and part.strip() for part in pair):
            return entry(str(pair[0]), str(pair[1]))
    return [Block(labelled_line(_flat(item)))]


def _flat(item: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    """The values of a record with their names, those of records inside it behind the name of the outer one."""
    for key, value in item.items():
        name = f"{above}.{key}" if above else key
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
            yield from (
                (name, labelled_line(_flat(part if isinstance(part, Mapping) else {"": part}))) for part in value
            )
        else:
            yield name, _line(_text(value))


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_text(inner) for inner in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
