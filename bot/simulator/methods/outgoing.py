"""The way of every message that the bot sends: checked against the chat and the flood limits, then kept."""

from bot.simulator.errors import bad_request
from bot.simulator.events import MessageKept
from bot.simulator.methods.keyboards import inline_keyboard
from bot.simulator.methods.targets import open_chat, topic_of
from bot.simulator.model import Chat, JsonObject, Message
from bot.simulator.parameters import Parameters
from bot.simulator.people import BOT
from bot.simulator.render import message_json
from bot.simulator.world import World


def begin(world: World, parameters: Parameters) -> Message:
    """The message without its content, when nothing stands against sending it."""
    chat = open_chat(world, parameters)
    reply = _reply(world, chat, parameters)
    topic = topic_of(world, chat, parameters) or (reply.message_thread_id if reply else None)
    keyboard = inline_keyboard(parameters)
    world.gate.send(chat)
    return Message(
        chat_id=chat.id,
        message_id=world.next_message_id(chat),
        sender_id=BOT.id,
        date=world.now(),
        message_thread_id=topic,
        reply_to_message_id=reply.message_id if reply else None,
        reply_markup=keyboard,
        protect_content=parameters.flag("protect_content"),
    )


def keep(world: World, message: Message, **content: object) -> JsonObject:
    """Send `message` with its content; the answer to the request."""
    complete = message.model_copy(update=content)
    world.record(MessageKept(message=complete))
    return message_json(world.state, complete)


def _reply(world: World, chat: Chat, parameters: Parameters) -> Message | None:
    """The message that `reply_parameters`, or the older `reply_to_message_id`, names."""
    wish = _reply_parameters(parameters)
    message_id = wish.integer("message_id")
    if not message_id:
        return None
    is_here = wish.integer("chat_id", chat.id) == chat.id
    message = world.message(chat, message_id) if is_here else None
    if message is None and not wish.flag("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def _reply_parameters(parameters: Parameters) -> Parameters:
    wish = parameters.structure("reply_parameters")
    if wish is None:
        message_id = parameters.integer("reply_to_message_id")
        is_optional = parameters.flag("allow_sending_without_reply")
        return Parameters({"message_id": message_id, "allow_sending_without_reply": is_optional})
    if not isinstance(wish, dict):
        raise bad_request("object expected as reply parameters")
    return Parameters(wish)
