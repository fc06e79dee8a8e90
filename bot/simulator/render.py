"""Records as the Bot API shows them: references become objects, fields without a value are left out."""

from bot.simulator.model import Chat, Entity, JsonObject, Message, StoredFile, User
from bot.simulator.people import BOT, CHATS, USERS
from bot.simulator.state import State

_RIGHTS = """
can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members
can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories can_pin_messages
can_manage_topics can_manage_tags
""".split()
_PERMISSIONS = """
can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos can_send_video_notes
can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews can_change_info
can_invite_users can_pin_messages can_manage_topics can_edit_tag can_react_to_messages
""".split()
_GIFTS = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split()


def user_json(state: State, user: User) -> JsonObject:
    """A User; the bot goes by the name it gave itself."""
    name = state.profile.get(("name", "")) if user == BOT else None
    return {**user.json_object(), "first_name": name or user.first_name}


def chat_json(chat: Chat) -> JsonObject:
    """A Chat."""
    return chat.json_object()


def entities_json(state: State, entities: tuple[Entity, ...]) -> list[JsonObject]:
    """MessageEntity objects; a mention of somebody unknown says nothing to anybody and is left out."""
    known = (entity for entity in entities if entity.user_id is None or entity.user_id in USERS)
    return [_entity_json(state, entity) for entity in known]


def _entity_json(state: State, entity: Entity) -> JsonObject:
    fields = entity.json_object()
    user_id = fields.pop("user_id", None)
    return {**fields, "user": user_json(state, USERS[user_id])} if user_id else fields


def file_json(file: StoredFile) -> JsonObject:
    """What every kind of file has."""
    return {"file_id": file.file_id, "file_unique_id": file.file_unique_id, "file_size": file.size}


def message_json(state: State, message: Message, *, with_reply: bool = True) -> JsonObject:
    """A Message. The message it replies to is shown without the one that replied to."""
    fields: JsonObject = {
        "message_id": message.message_id,
        "from": user_json(state, USERS[message.sender_id]),
        "chat": chat_json(CHATS[message.chat_id]),
        "date": message.date,
        **_content_json(state, message),
        **_service_json(state, message),
    }
    if message.message_thread_id is not None:
        fields |= {"message_thread_id": message.message_thread_id, "is_topic_message": True}
    if message.origin:
        sender = user_json(state, USERS[message.origin.sender_id])
        fields["forward_origin"] = {"type": "user", "sender_user": sender, "date": message.origin.date}
    for name in ("edit_date", "reply_markup", "link_preview_options"):
        if (value := getattr(message, name)) is not None:
            fields[name] = value
    if message.protect_content:
        fields["has_protected_content"] = True
    reply = _replied_to(state, message) if with_reply else None
    if reply:
        fields["reply_to_message"] = message_json(state, reply, with_reply=False)
    return fields


def _replied_to(state: State, message: Message) -> Message | None:
    """A message in a topic that replies to nothing replies to the topic's first message, as on Telegram."""
    target = message.reply_to_message_id or message.message_thread_id
    return state.messages[message.chat_id].get(target) if target and target != message.message_id else None


def _content_json(state: State, message: Message) -> JsonObject:
    file = state.files.get(message.file_id) if message.file_id else None
    name = "caption" if file else "text"
    fields: JsonObject = {name: message.text} if message.text else {}
    if entities := entities_json(state, message.entities):
        fields["caption_entities" if file else "entities"] = entities
    if file and file.is_photo:
        fields["photo"] = [{**file_json(file), "width": file.width, "height": file.height}]
    elif file:
        fields["document"] = {**file_json(file), "file_name": file.name, "mime_type": file.media_type}
    return fields


def _service_json(state: State, message: Message) -> JsonObject:
    if message.opened_topic:
        return {"forum_topic_created": message.opened_topic.json_object()}
    if message.pinned_message_id is None:
        return {}
    pinned = state.messages[message.chat_id].get(message.pinned_message_id)
    if pinned:
        return {"pinned_message": message_json(state, pinned, with_reply=False)}
    chat = chat_json(CHATS[message.chat_id])
    return {"pinned_message": {"message_id": message.pinned_message_id, "chat": chat, "date": 0}}


def reactions_json(emoji: str | None) -> list[JsonObject]:
    """A list of ReactionType: one emoji, or none."""
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def member_json(state: State, user: User, status: str) -> JsonObject:
    """A ChatMember. Administrators here may do everything."""
    fields: JsonObject = {"user": user_json(state, user), "status": status}
    match status:
        case "creator":
            fields["is_anonymous"] = False
        case "administrator":
            fields |= {"is_anonymous": False, "can_be_edited": False, **dict.fromkeys(_RIGHTS, True)}
        case "kicked":
            fields["until_date"] = 0
    return fields


def full_chat_json(state: State, chat: Chat) -> JsonObject:
    """A ChatFullInfo."""
    fields: JsonObject = {
        **chat_json(chat),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if chat.username:
        fields["active_usernames"] = [chat.username]
    if not chat.is_private:
        fields |= {"permissions": dict.fromkeys(_PERMISSIONS, True), "has_visible_history": True}
    if pins := state.pins.get(chat.id):
        fields["pinned_message"] = message_json(state, state.messages[chat.id][pins[-1]])
    return fields
