"""reply_markup: inline keyboards are checked and kept; others are only checked, for they need a phone."""

import re
from typing import Any

from bot.simulator.errors import ApiError, bad_request
from bot.simulator.model import JsonObject
from bot.simulator.parameters import Parameters

_DATA_BYTES = 64
_ACTIONS = tuple(
    """
    url callback_data web_app login_url copy_text callback_game pay
    switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat
    """.split()
)
_KEPT = ("text", "icon_custom_emoji_id", "style", *_ACTIONS)
_OTHERS = ("keyboard", "remove_keyboard", "force_reply")


def inline_keyboard(parameters: Parameters) -> JsonObject | None:
    """The InlineKeyboardMarkup in `reply_markup`; None when there is none, or no button in it."""
    markup = parameters.structure("reply_markup")
    if markup in (None, {}, []):
        return None
    if not isinstance(markup, dict) or not any(name in markup for name in ("inline_keyboard", *_OTHERS)):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _refused('Field "inline_keyboard" must be of type Array')
    kept = [[_button(button) for button in row] for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def _button(button: Any) -> JsonObject:
    if not isinstance(button, dict):
        raise _refused("InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise _refused('Field "text" must be a non-empty String')
    actions = [name for name in _ACTIONS if button.get(name) is not None]
    if len(actions) != 1:
        raise _refused("Text buttons are unallowed in the inline keyboard")
    if "callback_data" in actions:
        _check_data(button["callback_data"])
    if "url" in actions:
        _check_url(button["url"])
    return {name: button[name] for name in _KEPT if button.get(name) is not None}


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode("utf-8", "surrogatepass")) <= _DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: Any) -> None:
    if not isinstance(url, str) or not re.fullmatch(r"(?:https?://|tg://)\S+|[^\s:/]+\.\S+", url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _refused(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
