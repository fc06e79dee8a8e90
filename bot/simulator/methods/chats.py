"""Methods about chats: who is in them, what is pinned, which topics there are."""

from bot.simulator.errors import bad_request
from bot.simulator.events import MessageKept, PinsChanged
from bot.simulator.membership import change_status
from bot.simulator.methods.targets import chat_of, message_of, open_chat
from bot.simulator.model import Chat, JsonObject, Message, Topic, User
from bot.simulator.parameters import Parameters
from bot.simulator.people import BOT, OWNER, USERS, members
from bot.simulator.render import full_chat_json, member_json, message_json
from bot.simulator.text.utf16 import units
from bot.simulator.world import World

_TOPIC_NAME_LIMIT = 128
_ICON_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def get_chat(world: World, parameters: Parameters) -> JsonObject:
    """getChat."""
    return full_chat_json(world.state, chat_of(parameters))


def get_chat_member(world: World, parameters: Parameters) -> JsonObject:
    """getChatMember."""
    chat = chat_of(parameters)
    user = USERS.get(parameters.integer("user_id"))
    if user is None or user not in (BOT, *members(chat)):
        raise bad_request("member not found")
    return member_json(world.state, user, _status(world, chat, user))


def get_chat_administrators(world: World, parameters: Parameters) -> list[JsonObject]:
    """getChatAdministrators; bots other than the one that asks would be left out."""
    chat = chat_of(parameters)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    statuses = [(user, _status(world, chat, user)) for user in (*members(chat), BOT)]
    leading = ("creator", "administrator")
    return [member_json(world.state, user, status) for user, status in statuses if status in leading]


def get_chat_member_count(world: World, parameters: Parameters) -> int:
    """getChatMemberCount."""
    chat = chat_of(parameters)
    return len(members(chat)) + world.state.is_present(chat)


def leave_chat(world: World, parameters: Parameters) -> bool:
    """leaveChat: a group, not a person."""
    chat = open_chat(world, parameters)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    change_status(world, chat, BOT, "left")
    return True


def pin_chat_message(world: World, parameters: Parameters) -> bool:
    """pinChatMessage: a service message tells of it, to the bot too."""
    chat = open_chat(world, parameters)
    message = message_of(world, chat, parameters, "pin")
    if message.is_service:
        raise bad_request("message can't be pinned")
    others = tuple(pin for pin in world.state.pins.get(chat.id, ()) if pin != message.message_id)
    notice = _service_message(world, chat, message.message_thread_id)
    notice = notice.model_copy(update={"pinned_message_id": message.message_id})
    told = world.update("message", chat, message_json(world.state, notice))
    pins = PinsChanged(chat_id=chat.id, message_ids=(*others, message.message_id))
    world.record(pins, MessageKept(message=notice), *told)
    return True


def unpin_chat_message(world: World, parameters: Parameters) -> bool:
    """unpinChatMessage: the one that is named, or the latest."""
    chat = open_chat(world, parameters)
    pins = world.state.pins.get(chat.id, ())
    unpinned = parameters.integer("message_id", pins[-1] if pins else 0)
    if unpinned not in pins:
        raise bad_request("message to unpin not found")
    world.record(PinsChanged(chat_id=chat.id, message_ids=tuple(pin for pin in pins if pin != unpinned)))
    return True


def create_forum_topic(world: World, parameters: Parameters) -> JsonObject:
    """createForumTopic: the service message that opens it gives it its id."""
    chat = open_chat(world, parameters)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    name = parameters.text("name").strip()
    if not 1 <= units(name) <= _TOPIC_NAME_LIMIT:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    topic = Topic(name=name, icon_color=parameters.integer("icon_color", _ICON_COLORS[0]))
    if topic.icon_color not in _ICON_COLORS:
        raise bad_request("invalid icon color specified")
    notice = _service_message(world, chat, world.next_message_id(chat)).model_copy(update={"opened_topic": topic})
    told = world.update("message", chat, message_json(world.state, notice))
    world.record(MessageKept(message=notice), *told)
    return {"message_thread_id": notice.message_id, **topic.json_object()}


def _status(world: World, chat: Chat, user: User) -> str:
    if user == BOT:
        return world.state.status(chat)
    return "creator" if user == OWNER and not chat.is_private else "member"


def _service_message(world: World, chat: Chat, topic: int | None) -> Message:
    message_id = world.next_message_id(chat)
    return Message(chat_id=chat.id, message_id=message_id, message_thread_id=topic, sender_id=BOT.id, date=world.now())
