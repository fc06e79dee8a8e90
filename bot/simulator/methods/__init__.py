"""The methods of the Bot API: one table of names, one function each.

A method takes the world and the parameters of a request; it gives the `result` or raises an ApiError.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.simulator.errors import not_found
from bot.simulator.methods import (
    callbacks,
    chats,
    commands,
    editing,
    media,
    presence,
    profile,
    receiving,
    sending,
)
from bot.simulator.parameters import Parameters
from bot.simulator.world import World

Method = Callable[[World, Parameters], Any | Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getMe": profile.get_me,
    "logOut": receiving.end_session,
    "close": receiving.end_session,
    "getUpdates": receiving.get_updates,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
    "sendMessage": sending.send_message,
    "forwardMessage": sending.forward_message,
    "copyMessage": sending.copy_message,
    "sendMessageDraft": presence.send_message_draft,
    "sendChatAction": presence.send_chat_action,
    "sendDocument": media.send_document,
    "sendPhoto": media.send_photo,
    "getFile": media.get_file,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": callbacks.answer_callback_query,
    "setMessageReaction": callbacks.set_message_reaction,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMemberCount": chats.get_chat_member_count,
    "leaveChat": chats.leave_chat,
    "pinChatMessage": chats.pin_chat_message,
    "unpinChatMessage": chats.unpin_chat_message,
    "createForumTopic": chats.create_forum_topic,
    "setMyCommands": commands.set_my_commands,
    "getMyCommands": commands.get_my_commands,
    "deleteMyCommands": commands.delete_my_commands,
    "setMyName": profile.setter("name"),
    "getMyName": profile.getter("name"),
    "setMyDescription": profile.setter("description"),
    "getMyDescription": profile.getter("description"),
    "setMyShortDescription": profile.setter("short_description"),
    "getMyShortDescription": profile.getter("short_description"),
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}
_BY_LOWER_NAME = {name.lower(): method for name, method in METHODS.items()}


def find_method(name: str) -> Method:
    """The method of that name, in whatever case it is written.

    Raises:
        ApiError: there is none.
    """
    method = _BY_LOWER_NAME.get(name.lower())
    if method is None:
        raise not_found()
    return method
