"""Methods that change or remove messages."""

from bot.simulator.errors import bad_request
from bot.simulator.events import MessageKept, MessagesDeleted
from bot.simulator.methods.content import read_caption, read_link_preview, read_text
from bot.simulator.methods.keyboards import inline_keyboard
from bot.simulator.methods.targets import message_of, open_chat
from bot.simulator.model import Chat, JsonObject, Message
from bot.simulator.parameters import Parameters
from bot.simulator.people import BOT
from bot.simulator.render import message_json
from bot.simulator.world import World

_DELETABLE_SECONDS = 48 * 3600  # in private chats
_MOST_AT_ONCE = 100
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(world: World, parameters: Parameters) -> JsonObject:
    """editMessageText: another text and another keyboard, or none."""
    message = _editable(world, parameters)
    if message.file_id:
        raise bad_request("there is no text in the message to edit")
    text, options = read_text(parameters), read_link_preview(parameters)
    changes = {"text": text.text, "entities": text.entities, "link_preview_options": options}
    return _edit(world, parameters, message, changes)


def edit_message_caption(world: World, parameters: Parameters) -> JsonObject:
    """editMessageCaption: the same for the text of a file."""
    message = _editable(world, parameters)
    if not message.file_id:
        raise bad_request("there is no caption in the message to edit")
    caption = read_caption(parameters)
    return _edit(world, parameters, message, {"text": caption.text, "entities": caption.entities})


def edit_message_reply_markup(world: World, parameters: Parameters) -> JsonObject:
    """editMessageReplyMarkup: only another keyboard, or none."""
    return _edit(world, parameters, _editable(world, parameters), {})


def delete_message(world: World, parameters: Parameters) -> bool:
    """deleteMessage: one's own, and in a group everybody's."""
    chat = open_chat(world, parameters)
    message = message_of(world, chat, parameters, "delete")
    if not _is_deletable(world, chat, message):
        raise bad_request("message can't be deleted for everyone")
    world.record(MessagesDeleted(chat_id=chat.id, message_ids=(message.message_id,)))
    return True


def delete_messages(world: World, parameters: Parameters) -> bool:
    """deleteMessages: as many of those named as there are."""
    chat = open_chat(world, parameters)
    wanted = parameters.structure("message_ids")
    if not isinstance(wanted, list) or not wanted:
        raise bad_request("message identifiers are not specified")
    if len(wanted) > _MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    found = [world.message(chat, Parameters({"id": item}).integer("id")) for item in wanted]
    gone = tuple(message.message_id for message in found if message and _is_deletable(world, chat, message))
    if gone:
        world.record(MessagesDeleted(chat_id=chat.id, message_ids=gone))
    return True


def _editable(world: World, parameters: Parameters) -> Message:
    chat = open_chat(world, parameters)
    message = message_of(world, chat, parameters, "edit")
    if message.sender_id != BOT.id or message.is_service or message.origin:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, parameters: Parameters, message: Message, changes: JsonObject) -> JsonObject:
    changed = message.model_copy(update={**changes, "reply_markup": inline_keyboard(parameters)})
    if changed == message:
        raise bad_request(_NOT_MODIFIED)
    world.gate.edit(message)
    rewritten = message.is_rewritten or bool(changes)
    edited = changed.model_copy(update={"edit_date": world.now(), "is_rewritten": rewritten})
    world.record(MessageKept(message=edited))
    return message_json(world.state, edited)


def _is_deletable(world: World, chat: Chat, message: Message) -> bool:
    is_recent = world.clock() - message.date < _DELETABLE_SECONDS
    return message.opened_topic is None and (is_recent or not chat.is_private)
