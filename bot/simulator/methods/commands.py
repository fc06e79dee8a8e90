"""The command menu: set per scope and language, resolved for a person in a chat as Telegram does."""

import re

from bot.simulator.errors import bad_request
from bot.simulator.events import CommandsChanged
from bot.simulator.methods.targets import chat_of
from bot.simulator.model import BotCommand, Chat, JsonObject, User
from bot.simulator.parameters import Parameters
from bot.simulator.people import OWNER
from bot.simulator.state import State
from bot.simulator.world import World

_MOST = 100
_DESCRIPTION_LIMIT = 256
_PLAIN_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})


def set_my_commands(world: World, parameters: Parameters) -> bool:
    """setMyCommands."""
    wanted = parameters.structure("commands")
    if not isinstance(wanted, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(wanted) > _MOST:
        raise bad_request("too many commands specified")
    _change(world, parameters, tuple(_command(item) for item in wanted))
    return True


def delete_my_commands(world: World, parameters: Parameters) -> bool:
    """deleteMyCommands."""
    _change(world, parameters, ())
    return True


def get_my_commands(world: World, parameters: Parameters) -> list[JsonObject]:
    """getMyCommands: those of exactly this scope and language."""
    key = (_scope_of(parameters), language_of(parameters))
    return [command.json_object() for command in world.state.commands.get(key, ())]


def commands_for(state: State, chat: Chat, person: User) -> tuple[BotCommand, ...]:
    """What `person` finds in the menu of `chat`: of the narrowest scope with any, in their language first."""
    language = (person.language_code or "").partition("-")[0]
    for scope in _scopes_for(chat, person):
        for key in ((scope, language), (scope, "")):
            if commands := state.commands.get(key):
                return commands
    return ()


def language_of(parameters: Parameters) -> str:
    """`language_code`: two letters, or empty for every language without its own."""
    language = parameters.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return language


def _scopes_for(chat: Chat, person: User) -> list[str]:
    if chat.is_private:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    leads = person == OWNER
    return [
        f"chat_member:{chat.id}:{person.id}",
        *([f"chat_administrators:{chat.id}"] if leads else []),
        f"chat:{chat.id}",
        *(["all_chat_administrators"] if leads else []),
        "all_group_chats",
        "default",
    ]


def _change(world: World, parameters: Parameters, commands: tuple[BotCommand, ...]) -> None:
    scope, language = _scope_of(parameters), language_of(parameters)
    world.record(CommandsChanged(scope=scope, language_code=language, commands=commands))


def _scope_of(parameters: Parameters) -> str:
    scope = parameters.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: expected an Object")
    kind, within = scope.get("type"), Parameters(scope)
    if kind in _PLAIN_SCOPES:
        return str(kind)
    if kind in ("chat", "chat_administrators"):
        return f"{kind}:{chat_of(within).id}"
    if kind == "chat_member":
        return f"{kind}:{chat_of(within).id}:{within.integer('user_id')}"
    raise bad_request("can't parse BotCommandScope: unsupported type specified")


def _command(item: object) -> BotCommand:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    fields = Parameters(item)
    command = fields.text("command").strip().removeprefix("/")
    description = fields.text("description").strip()
    if not re.fullmatch("[a-z0-9_]{1,32}", command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _DESCRIPTION_LIMIT:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return BotCommand(command=command, description=description)
