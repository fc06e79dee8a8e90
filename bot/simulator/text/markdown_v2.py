"""parse_mode MarkdownV2: every reserved character means something or must be escaped."""

import re
from dataclasses import dataclass

from bot.simulator.errors import ApiError
from bot.simulator.text.builder import Builder, FormattedText
from bot.simulator.text.links import linked_emoji
from bot.simulator.text.markdown import FENCE

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_MARKS = {"*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler", "`": "Code"}
_OPENING = {**_MARKS, "[": "TextUrl", "![": "CustomEmoji"}
_CLOSING = {**{name: mark for mark, name in _MARKS.items()}, "TextUrl": "]", "CustomEmoji": "]", "Pre": "```"}
_KINDS = {name: name.lower() for name in _MARKS.values()}
_LAST_MARK = re.compile(r"\|\|(?:\n(?!>)|\Z)")
_URL = re.compile(r"\(((?:\\[\x01-\x7e]|[^)\\]|\\)*)\)")
_ESCAPE = re.compile(r"\\([\x01-\x7e])")


@dataclass(frozen=True, slots=True)
class _Open:
    """An entity that waits for its end; `place` is where it began in the source."""

    name: str
    offset: int
    place: int
    language: str = ""


def parse_markdown_v2(source: str) -> FormattedText:
    """The text and entities that `source` describes.

    Raises:
        ApiError: a reserved character is not escaped, or an entity has no end.
    """
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._place = 0
        self._out = Builder(source)
        self._open: list[_Open] = []
        self._quote_may_begin = True

    def parse(self) -> FormattedText:
        while self._place < len(self._source):
            self._step()
        if self._in_quote() and self._top() == "BlockQuote":
            self._end_quote("blockquote")
        if self._open:
            raise self._endless()
        return self._out.finish()

    def _step(self) -> None:
        char = self._source[self._place]
        if char == "\\" and (escape := _ESCAPE.match(self._source, self._place)):
            self._write(escape[1], 2)
        elif self._top() in ("Code", "Pre"):
            self._inside_code(char)
        elif char not in _RESERVED:
            self._write(char, 1)
        elif char == "\n":
            self._line_end()
        else:
            self._mark(char)

    def _write(self, text: str, length: int) -> None:
        self._out.write(text)
        self._place += length
        self._quote_may_begin = False

    def _top(self) -> str:
        return self._open[-1].name if self._open else ""

    def _in_quote(self) -> bool:
        return bool(self._open) and self._open[0].name == "BlockQuote"

    def _at(self, mark: str) -> bool:
        return self._source.startswith(mark, self._place)

    def _inside_code(self, char: str) -> None:
        if self._at(_CLOSING[self._top()]):
            self._close()
        elif char == "`":
            raise self._reserved(char)
        else:
            self._write(char, 1)

    def _mark(self, char: str) -> None:
        """A reserved character outside code: an end, else a beginning, else a mistake."""
        if self._ends_quote():
            self._place += 2
            self._end_quote("expandable_blockquote")
        elif self._top() in _CLOSING and self._at_closing(_CLOSING[self._top()]):
            self._close()
        elif self._at("```"):
            self._open_block()
        elif char == ">" and self._quote_may_begin and not self._open:
            self._push("BlockQuote", 1)
        else:
            self._open_inline(char)

    def _at_closing(self, mark: str) -> bool:
        return self._at(mark) and not (mark == "_" and self._at("__"))

    def _open_inline(self, char: str) -> None:
        two = self._source[self._place : self._place + 2]
        mark = two if two in _OPENING else char
        if mark not in _OPENING:
            raise self._reserved(char)
        self._push(_OPENING[mark], len(mark))

    def _open_block(self) -> None:
        fence = FENCE.match(self._source, self._place)
        if fence:
            self._push("Pre", len(fence[0]), fence[1] or "")

    def _push(self, name: str, length: int, language: str = "") -> None:
        self._open.append(_Open(name, self._out.offset, self._place, language))
        self._place += length

    def _close(self) -> None:
        opened = self._open.pop()
        self._place += len(_CLOSING[opened.name])
        match opened.name:
            case "TextUrl":
                self._out.add_link(self._target("a URL"), opened.offset)
            case "CustomEmoji":
                emoji = linked_emoji(self._target("a custom emoji URL"))
                if emoji is None:
                    raise self._out.error("Custom emoji entity must contain a tg://emoji URL")
                self._out.add("custom_emoji", opened.offset, custom_emoji_id=emoji)
            case "Pre":
                self._out.add("pre", opened.offset, language=opened.language or None)
            case name:
                self._out.add(_KINDS[name], opened.offset)

    def _target(self, what: str) -> str:
        """The address in round brackets; empty when there are none."""
        if not self._at("("):
            return ""
        match = _URL.match(self._source, self._place)
        if not match:
            raise self._out.error(f"Can't find end of {what}", self._place + 1)
        self._place = match.end()
        return _ESCAPE.sub(r"\1", match[1])

    def _line_end(self) -> None:
        goes_on = self._source.startswith(">", self._place + 1)
        if self._in_quote() and not goes_on:
            self._end_quote("blockquote")
        self._write("\n", 2 if self._in_quote() else 1)
        self._quote_may_begin = True

    def _ends_quote(self) -> bool:
        """`||` behind the last line of a quotation makes it expandable."""
        return self._top() == "BlockQuote" and bool(_LAST_MARK.match(self._source, self._place))

    def _end_quote(self, kind: str) -> None:
        if self._top() != "BlockQuote":
            raise self._endless()
        self._out.add(kind, self._open.pop().offset)

    def _endless(self) -> ApiError:
        opened = self._open[-1]
        name = "PreCode" if opened.language else opened.name
        return self._out.error(f"Can't find end of {name} entity", opened.place)

    def _reserved(self, char: str) -> ApiError:
        return self._out.error(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
