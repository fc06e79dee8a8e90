"""parse_mode HTML: the tags and character references of the Bot API, and complaints about everything else."""

import re
from dataclasses import dataclass

from bot.simulator.model import Entity
from bot.simulator.text.builder import Builder, FormattedText

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = frozenset({*_STYLES, "a", "code", "pre", "blockquote", "tg-emoji"})
_SPECIAL = re.compile(r"[&<]")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([A-Za-z]+));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_START = re.compile(r"<([^\s>]*)(?=[\s>])")
_END = re.compile(r"</([^\s>]*)\s*>")
_NAME = re.compile(r"\s*([^\s=>]*)\s*")
_VALUE = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]*)(?=[\s>]))""")


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that waits for its end; `value` is the one attribute that matters."""

    tag: str
    value: str
    offset: int


def parse_html(source: str) -> FormattedText:
    """The text and entities that `source` describes.

    Raises:
        ApiError: a tag is unknown, open at the end, or does not match.
    """
    return _Parser(source).parse()


def _decode(reference: re.Match[str]) -> str:
    """The character that is meant; the reference itself when there is none such."""
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _NAMED.get(name, reference[0])
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    is_character = 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else reference[0]


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._place = 0
        self._out = Builder(source)
        self._open: list[_Open] = []

    def parse(self) -> FormattedText:
        while special := _SPECIAL.search(self._source, self._place):
            self._out.write(self._source[self._place : special.start()])
            self._place = special.start()
            self._step(special[0])
        self._out.write(self._source[self._place :])
        if self._open:
            raise self._out.error(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        self._out.entities = [_without_language(entity) for entity in self._out.entities]
        return self._out.finish()

    def _step(self, special: str) -> None:
        if special == "&":
            self._reference()
        elif self._source.startswith("</", self._place):
            self._end_tag()
        else:
            self._start_tag()

    def _reference(self) -> None:
        reference = _REFERENCE.match(self._source, self._place)
        self._out.write(_decode(reference) if reference else "&")
        self._place = reference.end() if reference else self._place + 1

    def _start_tag(self) -> None:
        begin = self._place
        match = _START.match(self._source, begin)
        if not match:
            raise self._out.error("Unclosed start tag", begin)
        tag = match[1].lower()
        if tag not in _TAGS:
            raise self._out.error(f'Unsupported start tag "{tag}"', begin)
        self._place = match.end()
        value = _meaning(tag, self._attributes(tag, begin))
        if tag == "span" and value != "tg-spoiler":
            raise self._out.error('Tag "span" must have class "tg-spoiler"', begin)
        self._open.append(_Open(tag, value, self._out.offset))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        """The attributes up to the end of the tag, which is passed; one without a value has an empty one."""
        attributes: dict[str, str] = {}
        while True:
            name = _NAME.match(self._source, self._place)
            self._place = name.end() if name else self._place
            following = self._source[self._place : self._place + 1]
            if not following:
                raise self._out.error("Unclosed start tag", begin)
            if name and name[1]:
                attributes[name[1]] = self._value(begin) if following == "=" else ""
            elif following == ">":
                self._place += 1
                return attributes
            else:
                raise self._out.error(f'Empty attribute name in the tag "{tag}"', begin)

    def _value(self, begin: int) -> str:
        match = _VALUE.match(self._source, self._place + 1)
        if not match:
            token = self._source[self._place + 1 :].lstrip()
            if token[:1] in ("", '"', "'"):
                raise self._out.error("Unclosed start tag", begin)
            raise self._out.error("Unexpected end of name token", len(self._source) - len(token))
        self._place = match.end()
        double, single, bare = match.groups()
        return (bare or "").lower() if double is None and single is None else _text_of(double or single or "")

    def _end_tag(self) -> None:
        begin = self._place
        if not self._open:
            raise self._out.error("Unexpected end tag", begin)
        match = _END.match(self._source, begin)
        if not match:
            raise self._out.error("Unclosed end tag", begin)
        opened = self._open.pop()
        if match[1] and match[1].lower() != opened.tag:
            tags = f', expected "</{opened.tag}>", found "</{match[1].lower()}>"'
            raise self._out.error("Unmatched end tag", begin, tags)
        self._place = match.end()
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        match opened.tag:
            case "a":
                self._out.add_link(opened.value, opened.offset)
            case "pre" | "code":
                self._close_code(opened)
            case "blockquote":
                kind = "expandable_blockquote" if opened.value else "blockquote"
                self._out.add(kind, opened.offset)
            case "tg-emoji":
                if not re.fullmatch("[1-9][0-9]*", opened.value):
                    raise self._out.error("Invalid custom emoji identifier specified")
                self._out.add("custom_emoji", opened.offset, custom_emoji_id=opened.value)
            case style:
                self._out.add(_STYLES[style], opened.offset)

    def _close_code(self, opened: _Open) -> None:
        """`<pre><code class="language-x">` is one entity, whichever of the two is outside."""
        entities = self._out.entities
        inner = entities[-1] if entities else None
        if inner and {inner.type, opened.tag} == {"pre", "code"} and _covers(inner, opened, self._out):
            entities.pop()
            self._out.add("pre", opened.offset, language=inner.language or opened.value or None)
        else:
            self._out.add(opened.tag, opened.offset, language=opened.value or None)


def _covers(inner: Entity, opened: _Open, out: Builder) -> bool:
    return (inner.offset, inner.end) == (opened.offset, out.offset)


def _without_language(entity: Entity) -> Entity:
    """Only blocks have a language; `<code class="language-x">` by itself does not."""
    return entity.model_copy(update={"language": None}) if entity.type == "code" else entity


def _text_of(value: str) -> str:
    return _REFERENCE.sub(_decode, value)


def _meaning(tag: str, attributes: dict[str, str]) -> str:
    """The value that the entity of this tag needs."""
    match tag:
        case "a":
            return attributes.get("href", "")
        case "span":
            return attributes.get("class", "")
        case "code":
            name = attributes.get("class", "")
            return name.removeprefix("language-") if name.startswith("language-") else ""
        case "tg-emoji":
            return attributes.get("emoji-id", "")
        case "blockquote":
            return "expandable" if "expandable" in attributes else ""
    return ""
