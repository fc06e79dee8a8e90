"""What a request is about: the chat, the topic, the message. Each is refused in Telegram's words."""

from bot.simulator.errors import bad_request, forbidden
from bot.simulator.model import Chat, Message
from bot.simulator.parameters import Parameters
from bot.simulator.people import CHATS
from bot.simulator.world import World


def chat_of(parameters: Parameters, name: str = "chat_id") -> Chat:
    """The chat that a parameter names."""
    if not parameters.text(name):
        raise bad_request(f"{name} is empty")
    chat = CHATS.get(parameters.integer(name))
    if chat is None:
        raise bad_request("chat not found")
    return chat


def open_chat(world: World, parameters: Parameters) -> Chat:
    """The chat that a request writes to; the bot may write there."""
    chat = chat_of(parameters)
    if not world.state.is_present(chat):
        gone = "bot was blocked by the user" if chat.is_private else "bot is not a member of the supergroup chat"
        raise forbidden(gone)
    if chat.is_private and chat.id not in world.state.written_to:
        raise forbidden("bot can't initiate conversation with a user")
    return chat


def topic_of(world: World, chat: Chat, parameters: Parameters) -> int | None:
    """The topic that `message_thread_id` names; None for no topic, which is General in the group."""
    thread_id = parameters.integer("message_thread_id")
    if not thread_id:
        return None
    if all(topic.message_id != thread_id for topic in world.state.topics(chat)):
        raise bad_request("message thread not found")
    return thread_id


def message_of(world: World, chat: Chat, parameters: Parameters, purpose: str) -> Message:
    """The message that `message_id` names; `purpose` completes "message to ... not found"."""
    message = world.message(chat, parameters.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message
