"""What the chat page is told: a snapshot when it opens, then every change, in the shapes of the Bot API."""

from bot.simulator import events
from bot.simulator.methods.commands import commands_for
from bot.simulator.methods.profile import profile_text
from bot.simulator.model import Chat, ChatAction, Draft, JsonObject, Message
from bot.simulator.people import BOT, CHATS, PERSONS, members
from bot.simulator.render import chat_json, entities_json, message_json, user_json
from bot.simulator.world import World

_SHOWN = 500  # messages of a chat, the latest
_ABOUT_CHATS = (events.StatusChanged, events.CommandsChanged, events.ProfileChanged, events.PinsChanged)


def snapshot(world: World) -> JsonObject:
    """Everything that the page shows."""
    state = world.state
    messages = [message for chat in state.messages.values() for message in list(chat.values())[-_SHOWN:]]
    return {
        "type": "snapshot",
        "setup": _setup(world),
        "messages": [_message(world, message) for message in messages],
        "drafts": [_draft(world, draft) for draft in state.drafts.values()],
        "actions": [_action(world, action) for action in state.actions.values()],
    }


def change(world: World, event: events.Event) -> list[JsonObject]:
    """What an event changes on the page."""
    match event:
        case events.MessageKept(message=message):
            changed: JsonObject = {"type": "message", "message": _message(world, message)}
            return [{"type": "setup", "setup": _setup(world)}, changed] if message.opened_topic else [changed]
        case events.MessagesDeleted():
            return [{"type": "deleted", "chat_id": event.chat_id, "message_ids": event.message_ids}]
        case events.DraftShown():
            return [{"type": "draft", "draft": _draft(world, event.draft)}]
        case events.ActionShown():
            return [{"type": "action", "action": _action(world, event.action)}]
        case events.QueryAnswered():
            return [{"type": "answer", "answer": event.answer.json_object()}]
    return [{"type": "setup", "setup": _setup(world)}] if isinstance(event, _ABOUT_CHATS) else []


def _setup(world: World) -> JsonObject:
    """Who there is and what the chats are like, apart from their messages."""
    state = world.state
    return {
        "bot": user_json(state, BOT),
        "people": [user_json(state, person) for person in PERSONS],
        "chats": [_chat(world, chat) for chat in CHATS.values()],
        "descriptions": {
            person.id: profile_text(state, "description", (person.language_code or "")[:2]) for person in PERSONS
        },
    }


def _chat(world: World, chat: Chat) -> JsonObject:
    state = world.state
    people = members(chat)
    return {
        **chat_json(chat),
        "members": [person.id for person in people],
        "status": state.status(chat),
        "topics": [
            {"id": topic.message_id, "name": topic.opened_topic.name}
            for topic in state.topics(chat)
            if topic.opened_topic
        ],
        "pinned": state.pins.get(chat.id, ()),
        "commands": {person.id: _commands(world, chat, person.id) for person in people},
    }


def _commands(world: World, chat: Chat, person_id: int) -> list[JsonObject]:
    person = next(person for person in PERSONS if person.id == person_id)
    return [command.json_object() for command in commands_for(world.state, chat, person)]


def _message(world: World, message: Message) -> JsonObject:
    reactions = [{"user_id": user_id, "emoji": emoji} for user_id, emoji in message.reactions.items()]
    return {**message_json(world.state, message), "reactions": reactions, "is_rewritten": message.is_rewritten}


def _draft(world: World, draft: Draft) -> JsonObject:
    return {
        "chat_id": draft.chat_id,
        "draft_id": draft.draft_id,
        "text": draft.text,
        "entities": entities_json(world.state, draft.entities),
        "seconds": max(draft.expires - world.clock(), 0),
    }


def _action(world: World, action: ChatAction) -> JsonObject:
    return {**action.json_object(), "seconds": max(action.expires - world.clock(), 0)}
