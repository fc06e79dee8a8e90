"""Methods that answer to what people do with messages: press a button, see a reaction."""

from bot.simulator.errors import bad_request
from bot.simulator.events import MessageKept, QueryAnswered
from bot.simulator.methods.targets import message_of, open_chat
from bot.simulator.model import Answer
from bot.simulator.parameters import Parameters
from bot.simulator.people import BOT
from bot.simulator.reactions import plain, with_reaction
from bot.simulator.text.utf16 import units
from bot.simulator.world import World

_ANSWER_LIMIT = 200
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(world: World, parameters: Parameters) -> bool:
    """answerCallbackQuery: once, and soon."""
    query_id = parameters.text("callback_query_id")
    pressed = world.state.queries.get(query_id)
    if pressed is None or world.clock() - pressed > world.limits.query_seconds:
        raise bad_request(_TOO_OLD)
    text = parameters.text("text")
    if units(text) > _ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    url, show_alert = parameters.text("url"), parameters.flag("show_alert")
    world.record(QueryAnswered(answer=Answer(query_id=query_id, text=text, show_alert=show_alert, url=url)))
    return True


def set_message_reaction(world: World, parameters: Parameters) -> bool:
    """setMessageReaction: the bot's own, at most one. The bot gets no update about it."""
    chat = open_chat(world, parameters)
    message = message_of(world, chat, parameters, "react")
    wanted = parameters.structure("reaction") or []
    if not isinstance(wanted, list) or not all(isinstance(item, dict) for item in wanted):
        raise bad_request("can't parse reaction types JSON object")
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if message.is_service or any(item.get("type") != "emoji" for item in wanted):
        raise bad_request("REACTION_INVALID")
    emoji = plain(str(wanted[0].get("emoji", ""))) if wanted else None
    world.record(MessageKept(message=with_reaction(message, BOT.id, emoji)))
    return True
