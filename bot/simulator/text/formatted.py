"""From the parameters of a request to the text and entities of a message, checked as Telegram checks them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from bot.simulator.errors import bad_request
from bot.simulator.model import Entity, EntityType
from bot.simulator.text.builder import FormattedText, in_order
from bot.simulator.text.detect import with_detected
from bot.simulator.text.html import parse_html
from bot.simulator.text.markdown import parse_markdown
from bot.simulator.text.markdown_v2 import parse_markdown_v2
from bot.simulator.text.utf16 import positions, units

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_PARSERS: Mapping[str, Callable[[str], FormattedText]] = {
    "html": parse_html,
    "markdown": parse_markdown,
    "markdownv2": parse_markdown_v2,
}
_TYPES = frozenset(get_args(EntityType))
_CONTROLS = {code: " " for code in range(32) if code not in (10, 13)}
_DROPPED = frozenset({"\r", *map(chr, range(0x2028, 0x202F))})


def parse(source: str, parse_mode: str = "", given: Sequence[Any] | None = None) -> FormattedText:
    """The text that a client means by a source in `parse_mode`, or by plain text and `given` entities.

    Raises:
        ApiError: the mode is unknown, or the markup or an entity cannot be understood.
    """
    if not parse_mode:
        return tidy(source, [_entity(item) for item in given or ()])
    parser = _PARSERS.get(parse_mode.lower())
    if parser is None:
        raise bad_request("unsupported parse_mode")
    parsed = parser(source)
    return tidy(parsed.text, parsed.entities)


def require(text: FormattedText, limit: int) -> FormattedText:
    """`text`, when it is neither empty nor longer than `limit` UTF-16 units.

    Raises:
        ApiError: it is.
    """
    if not text.text:
        raise bad_request("message text is empty")
    return within(text, limit, "message is too long")


def within(text: FormattedText, limit: int, complaint: str) -> FormattedText:
    """`text`, when it is not longer than `limit` UTF-16 units.

    Raises:
        ApiError: it is; the description is `complaint`.
    """
    if units(text.text) > limit:
        raise bad_request(complaint)
    return text


def tidy(text: str, entities: Sequence[Entity]) -> FormattedText:
    """`text` without control characters and surrounding white space; entities move along, found ones join."""
    _check_boundaries(text, entities)
    clean = "".join("" if char in _DROPPED else char for char in text).translate(_CONTROLS)
    leading = units(clean) - units(clean.lstrip(" \n"))
    final = clean.strip(" \n")
    length = units(final)
    places = [min(max(place - leading, 0), length) for place in _kept_places(text)]
    moved = [shifted for entity in entities if (shifted := _moved(entity, places)).length > 0]
    return FormattedText(final, in_order(with_detected(final, moved)))


def _kept_places(text: str) -> list[int]:
    """For every UTF-16 unit of `text`, and its end, where it stands once dropped characters are gone."""
    places = [0]
    for char in text:
        places.extend([places[-1] + (0 if char in _DROPPED else units(char))] * units(char))
    return places


def _moved(entity: Entity, places: Sequence[int]) -> Entity:
    start = places[min(entity.offset, len(places) - 1)]
    end = places[min(entity.end, len(places) - 1)]
    return entity.model_copy(update={"offset": start, "length": end - start})


def _check_boundaries(text: str, entities: Sequence[Entity]) -> None:
    boundaries = set(positions(text))
    for entity in entities:
        for place, verb in ((entity.offset, "begins"), (entity.end, "ends")):
            if place not in boundaries and 0 <= place < units(text):
                raise bad_request(f"entity {verb} in a middle of a UTF-16 symbol at byte offset {place}")


def _entity(item: Any) -> Entity:
    """One element of the parameter `entities`."""
    if not isinstance(item, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind, user = item.get("type"), item.get("user")
    if kind not in _TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    try:
        numbers = {"offset": int(item["offset"]), "length": int(item["length"])}
        user_id = int(user["id"]) if isinstance(user, dict) else None
    except (KeyError, TypeError, ValueError):
        raise bad_request("can't parse MessageEntity: Field must be of type Number") from None
    if min(numbers.values()) < 0:
        raise bad_request("can't parse MessageEntity: Entity offset and length must be non-negative")
    texts = {key: item.get(key) for key in ("url", "language", "custom_emoji_id")}
    return Entity.model_validate({"type": kind, "user_id": user_id, **numbers, **texts})
