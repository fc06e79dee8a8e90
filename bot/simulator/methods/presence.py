"""Methods that show what the bot is about to say: drafts and chat actions. Nothing of it lasts."""

from bot.simulator.errors import bad_request
from bot.simulator.events import ActionShown, DraftShown
from bot.simulator.methods.content import read_draft
from bot.simulator.methods.targets import open_chat, topic_of
from bot.simulator.model import ChatAction, Draft
from bot.simulator.parameters import Parameters
from bot.simulator.world import World

_ACTION_SECONDS = 5
_ACTIONS = frozenset(
    """
    typing upload_photo record_video upload_video record_voice upload_voice
    upload_document choose_sticker find_location record_video_note upload_video_note
    """.split()
)


def send_message_draft(world: World, parameters: Parameters) -> bool:
    """sendMessageDraft: a message in the making, in private chats."""
    chat = open_chat(world, parameters)
    if not chat.is_private:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    draft_id = parameters.integer("draft_id")
    if not draft_id:
        raise bad_request("invalid draft_id specified")
    topic_of(world, chat, parameters)
    text = read_draft(parameters)
    expires = world.clock() + world.limits.draft_seconds
    draft = Draft(chat_id=chat.id, draft_id=draft_id, text=text.text, entities=text.entities, expires=expires)
    world.record(DraftShown(draft=draft))
    return True


def send_chat_action(world: World, parameters: Parameters) -> bool:
    """sendChatAction: typing and the like, for five seconds or until the bot's next message."""
    chat = open_chat(world, parameters)
    name = parameters.text("action").lower()
    if name not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    topic = topic_of(world, chat, parameters)
    expires = world.clock() + _ACTION_SECONDS
    action = ChatAction(chat_id=chat.id, message_thread_id=topic, action=name, expires=expires)
    world.record(ActionShown(action=action))
    return True
