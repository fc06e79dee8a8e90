"""parse_mode Markdown, the old one: no nesting, and only what begins an entity has a meaning."""

import re

from bot.simulator.text.builder import Builder, FormattedText

FENCE = re.compile(r"```(?:([^\s`]+)(?=\s))?(?:\r\n|\n\r|\n|\r)?")  # a language and one line end belong to it
_SPECIAL = re.compile(r"\\[_*`\[]|[_*`\[]")
_URL = re.compile(r"\(([^)]*)\)?")
_KINDS = {"_": "italic", "*": "bold", "`": "code"}


def parse_markdown(source: str) -> FormattedText:
    """The text and entities that `source` describes.

    Raises:
        ApiError: an entity has no end.
    """
    out = Builder(source)
    place = 0
    while special := _SPECIAL.search(source, place):
        out.write(source[place : special.start()])
        if special[0].startswith("\\"):
            out.write(special[0][1])
            place = special.end()
        else:
            place = _entity(out, special.start())
    out.write(source[place:])
    return out.finish()


def _entity(out: Builder, begin: int) -> int:
    """Read the entity that begins at `begin`; where it ends."""
    mark = out.source[begin]
    fence = FENCE.match(out.source, begin)
    closing = "```" if fence else "]" if mark == "[" else mark
    inside = fence.end() if fence else begin + 1
    end = out.source.find(closing, inside)
    if end < 0:
        raise out.error("Can't find end of the entity starting", begin)
    start = out.offset
    out.write(out.source[inside:end])
    if mark == "[":
        return _link(out, start, end + 1)
    out.add("pre" if fence else _KINDS[mark], start, language=(fence[1] or None) if fence else None)
    return end + len(closing)


def _link(out: Builder, start: int, place: int) -> int:
    """A link whose text has ended before `place`; where its address ends."""
    address = _URL.match(out.source, place)
    out.add_link(address[1] if address else "", start)
    return address.end() if address else place
