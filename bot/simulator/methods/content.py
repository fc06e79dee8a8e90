"""The text of a message to be sent, as the parameters of a request describe it."""

from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.model import JsonObject
from bot.simulator.parameters import Parameters
from bot.simulator.text.builder import FormattedText
from bot.simulator.text.formatted import CAPTION_LIMIT, TEXT_LIMIT, parse, require, within


def read_text(parameters: Parameters) -> FormattedText:
    """`text` with its `parse_mode` or `entities`; neither empty nor too long."""
    return require(_formatted(parameters, "text", "entities"), TEXT_LIMIT)


def read_draft(parameters: Parameters) -> FormattedText:
    """`text`, which may still be empty."""
    return within(_formatted(parameters, "text", "entities"), TEXT_LIMIT, "message is too long")


def read_caption(parameters: Parameters) -> FormattedText:
    """`caption` with its `parse_mode` or `caption_entities`; it may be empty."""
    caption = _formatted(parameters, "caption", "caption_entities")
    return within(caption, CAPTION_LIMIT, "message caption is too long")


def read_link_preview(parameters: Parameters) -> JsonObject | None:
    """`link_preview_options`, or what the older `disable_web_page_preview` means."""
    options = parameters.structure("link_preview_options")
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    return options or ({"is_disabled": True} if parameters.flag("disable_web_page_preview") else None)


def _formatted(parameters: Parameters, name: str, entities: str) -> FormattedText:
    given: Any = parameters.structure(entities)
    if given is not None and not isinstance(given, list):
        raise bad_request(f"can't parse {entities}: expected an Array")
    return parse(parameters.text(name), parameters.text("parse_mode"), given)
