"""Methods that put a text into a chat, again or for the first time."""

from bot.simulator.errors import bad_request
from bot.simulator.methods.content import read_caption, read_link_preview, read_text
from bot.simulator.methods.outgoing import begin, keep
from bot.simulator.methods.targets import chat_of, message_of, open_chat
from bot.simulator.model import JsonObject, Message, Origin
from bot.simulator.parameters import Parameters
from bot.simulator.text.builder import FormattedText
from bot.simulator.world import World


def send_message(world: World, parameters: Parameters) -> JsonObject:
    """sendMessage: a text."""
    open_chat(world, parameters)
    text = read_text(parameters)
    options = read_link_preview(parameters)
    message = begin(world, parameters)
    return keep(world, message, text=text.text, entities=text.entities, link_preview_options=options)


def forward_message(world: World, parameters: Parameters) -> JsonObject:
    """forwardMessage: a message that tells who wrote it first."""
    open_chat(world, parameters)
    source = _source(world, parameters, "forward", "forwarded")
    origin = source.origin or Origin(sender_id=source.sender_id, date=source.date)
    message = begin(world, parameters)
    return keep(world, message, text=source.text, entities=source.entities, file_id=source.file_id, origin=origin)


def copy_message(world: World, parameters: Parameters) -> JsonObject:
    """copyMessage: a message that does not tell where it comes from; a file may get another caption."""
    open_chat(world, parameters)
    source = _source(world, parameters, "copy", "copied")
    text = FormattedText(source.text, source.entities)
    if source.file_id and "caption" in parameters:
        text = read_caption(parameters)
    message = begin(world, parameters)
    keep(world, message, text=text.text, entities=text.entities, file_id=source.file_id)
    return {"message_id": message.message_id}


def _source(world: World, parameters: Parameters, purpose: str, done: str) -> Message:
    source = message_of(world, chat_of(parameters, "from_chat_id"), parameters, purpose)
    if source.is_service or source.protect_content:
        raise bad_request(f"message can't be {done}")
    return source
