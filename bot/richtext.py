"""Styled text that can be rendered as Telegram HTML or as plain text, and split where Telegram's limit demands.

Telegram counts text in UTF-16 code units after the markup is parsed, so texts are split before they are rendered:
every part is then valid HTML by itself and its length is exact.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

LIMIT = 4096  # UTF-16 code units of one message
_MARKUP = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|__(.+?)__", re.DOTALL)
_BOUNDARIES = (
    re.compile(r"\n\n+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])"),
    re.compile(r"\s+|(?<=[，、])"),
)


class Style(StrEnum):
    """How a piece looks; the value is its HTML tag."""

    PLAIN = ""
    BOLD = "b"
    ITALIC = "i"
    CODE = "code"
    QUOTE = "blockquote"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text in one style, optionally a link."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""

    def html(self) -> str:
        """The piece as Telegram HTML."""
        body = html.escape(self.text, quote=False)
        if self.url:
            body = f'<a href="{html.escape(self.url)}">{body}</a>'
        return f"<{self.style}>{body}</{self.style}>" if self.style else body


RichText = tuple[Piece, ...]


def rich(markup: str) -> RichText:
    """Pieces from our own texts: **bold**, __italic__ and `code`. Not for texts of users or documents."""
    pieces: list[Piece] = []
    end = 0
    for match in _MARKUP.finditer(markup):
        pieces.append(Piece(markup[end : match.start()]))
        bold, code, italic = match.groups()
        style = Style.BOLD if bold else Style.CODE if code else Style.ITALIC
        pieces.append(Piece(bold or code or italic, style))
        end = match.end()
    pieces.append(Piece(markup[end:]))
    return tuple(piece for piece in pieces if piece.text)


def plain(text: str, style: Style = Style.PLAIN) -> RichText:
    """`text` as it is, in one style."""
    return (Piece(text, style),) if text else ()


def join(parts: Iterable[RichText], separator: str = "\n") -> RichText:
    """Several texts with a separator between them; empty ones are passed over."""
    joined: list[Piece] = []
    for part in parts:
        if part and joined:
            joined.append(Piece(separator))
        joined.extend(part)
    return tuple(joined)


def to_html(text: RichText) -> str:
    """Telegram HTML."""
    return "".join(piece.html() for piece in text)


def to_plain(text: RichText) -> str:
    """The bare text."""
    return "".join(piece.text for piece in text)


def utf16_length(text: str) -> int:
    """The length of `text` as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: RichText, limit: int = LIMIT) -> list[RichText]:
    """Parts of at most `limit` UTF-16 units whose concatenation is `text`.

    Cut at the last paragraph, line, sentence or word end that fits, and never inside a character that is made of
    several code points. A part never ends a quote or a link early without going on with it in the next.
    """
    cuts = list(_cuts(to_plain(text), limit))
    return [_slice(text, start, end) for start, end in zip([0, *cuts], [*cuts, len(to_plain(text))], strict=True)]


def _cuts(body: str, limit: int) -> Iterator[int]:
    start = 0
    while utf16_length(body[start:]) > limit:
        start = _cut(body, start, start + _fitting(body[start:], limit))
        yield start


def _fitting(body: str, limit: int) -> int:
    """How many code points from the start take at most `limit` UTF-16 units."""
    units = 0
    for place, char in enumerate(body):
        units += 2 if ord(char) > 0xFFFF else 1
        if units > limit:
            return place
    return len(body)


def _cut(body: str, start: int, end: int) -> int:
    window = body[start:end]
    least = len(window) // 2  # a boundary in the first half would waste more than it pleases
    for pattern in _BOUNDARIES:
        ends = [match.end() for match in pattern.finditer(window) if match.end() >= least]
        if ends:
            return start + ends[-1]
    whole = end
    while whole > start + 1 and _inside_character(body, whole):
        whole -= 1
    return whole if whole > start + 1 else end


def _inside_character(body: str, place: int) -> bool:
    """True when a reader would see one character torn by a cut before `place`."""
    if place >= len(body):
        return False
    char, before = body[place], body[place - 1]
    if unicodedata.combining(char) or char in "\u200d\ufe0e\ufe0f\u20e3" or before == "\u200d":
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        return True
    return _is_flag_letter(char) and _flag_letters_before(body, place) % 2 == 1


def _flag_letters_before(body: str, place: int) -> int:
    """How many flag letters stand right before `place`; two of them make a flag."""
    start = place
    while start and _is_flag_letter(body[start - 1]):
        start -= 1
    return place - start


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _slice(text: Sequence[Piece], start: int, end: int) -> RichText:
    part: list[Piece] = []
    offset = 0
    for piece in text:
        first, last = max(start - offset, 0), min(end - offset, len(piece.text))
        if first < last:
            part.append(replace(piece, text=piece.text[first:last]))
        offset += len(piece.text)
    return tuple(part)
