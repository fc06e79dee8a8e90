"""Methods about the bot itself: who it is, its name and descriptions, its menu button."""

from collections.abc import Callable
from typing import Literal

from bot.simulator.errors import bad_request
from bot.simulator.events import MenuButtonChanged, ProfileChanged
from bot.simulator.methods.commands import language_of
from bot.simulator.methods.targets import chat_of
from bot.simulator.model import JsonObject
from bot.simulator.parameters import Parameters
from bot.simulator.people import BOT
from bot.simulator.render import user_json
from bot.simulator.state import EVERY_CHAT, State
from bot.simulator.text.utf16 import units
from bot.simulator.world import World

Field = Literal["name", "description", "short_description"]
_LIMITS: dict[Field, int] = {"name": 64, "description": 512, "short_description": 120}
_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": True,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
}


def get_me(world: World, _: Parameters) -> JsonObject:
    """getMe."""
    return {**user_json(world.state, BOT), **_ABILITIES}


def setter(field: Field) -> Callable[[World, Parameters], bool]:
    """setMyName, setMyDescription, setMyShortDescription: in one language, or in all others."""

    def set_field(world: World, parameters: Parameters) -> bool:
        language, value = language_of(parameters), parameters.text(field).strip()
        if units(value) > _LIMITS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.record(ProfileChanged(field=field, language_code=language, value=value))
        return True

    return set_field


def getter(field: Field) -> Callable[[World, Parameters], JsonObject]:
    """getMyName, getMyDescription, getMyShortDescription: what a person of that language sees."""

    def get_field(world: World, parameters: Parameters) -> JsonObject:
        return {field: profile_text(world.state, field, language_of(parameters))}

    return get_field


def profile_text(state: State, field: Field, language_code: str) -> str:
    """The text in a language, or else the one for all languages."""
    default = BOT.first_name if field == "name" else ""
    return state.profile.get((field, language_code)) or state.profile.get((field, "")) or default


def set_chat_menu_button(world: World, parameters: Parameters) -> bool:
    """setChatMenuButton: of one private chat, or of all others."""
    button = parameters.structure("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("can't parse menu button: unsupported type specified")
    world.record(MenuButtonChanged(chat_id=_private_chat(parameters), button=button))
    return True


def get_chat_menu_button(world: World, parameters: Parameters) -> JsonObject:
    """getChatMenuButton."""
    buttons = world.state.menu_buttons
    for chat_id in (_private_chat(parameters), EVERY_CHAT):
        button = buttons.get(chat_id, {"type": "default"})
        if button["type"] != "default":
            return button
    return {"type": "commands"}


def _private_chat(parameters: Parameters) -> int:
    if "chat_id" not in parameters:
        return EVERY_CHAT
    chat = chat_of(parameters)
    if not chat.is_private:
        raise bad_request("chat not found")
    return chat.id
