"""The users' side: what the persons of the cast do and, by `Spectator`, what they see.

The chat page and the tests play the persons through this class. Everything runs on the event loop of the
server; from another thread go through `SimulatorServer.call` and `SimulatorServer.wait_for`. What a person
cannot do is refused with an ApiError in the words of Telegram's servers.
"""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from bot.simulator.errors import bad_request, forbidden
from bot.simulator.events import FileKept, MessageKept
from bot.simulator.faults import Faults
from bot.simulator.limits import Limits
from bot.simulator.membership import change_status
from bot.simulator.model import Chat, Message, Origin, User
from bot.simulator.parameters import Upload
from bot.simulator.people import CHATS, TOKEN, members
from bot.simulator.reactions import plain, with_reaction
from bot.simulator.render import chat_json, message_json, reactions_json, user_json
from bot.simulator.spectator import Spectator
from bot.simulator.text.builder import FormattedText
from bot.simulator.text.formatted import CAPTION_LIMIT, TEXT_LIMIT, parse, within
from bot.simulator.world import World


class Simulation(Spectator):
    """A small Telegram with one bot. With a `journal` it goes on where the last one ended."""

    def __init__(
        self,
        journal: Path | None = None,
        *,
        limits: Limits | None = None,
        token: str = TOKEN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(World(journal, limits or Limits(), clock))
        self.faults = Faults()
        self.token = token

    def say(
        self,
        person: User,
        chat: Chat,
        text: str,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
        forward_from: User | None = None,
    ) -> Message:
        """Send a text; commands, mentions and the like in it are found."""
        content = _text(text, TEXT_LIMIT, may_be_empty=False)
        message = self._begin(person, chat, content, reply_to, topic)
        origin = Origin(sender_id=forward_from.id, date=message.date) if forward_from else None
        return self._keep("message", message.model_copy(update={"origin": origin}))

    def send_file(
        self,
        person: User,
        chat: Chat,
        name: str,
        data: bytes,
        *,
        caption: str = "",
        media_type: str = "",
        as_photo: bool = False,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a file as a document, or a picture as a photo."""
        content = _text(caption, CAPTION_LIMIT, may_be_empty=True)
        message = self._begin(person, chat, content, reply_to, topic)
        file = self.world.files.add(Upload(name, data, media_type), as_photo=as_photo)
        self.world.record(FileKept(file=file))
        return self._keep("message", message.model_copy(update={"file_id": file.file_id}))

    def edit(self, person: User, message: Message, text: str) -> Message:
        """Change the text, or the caption, of one's own message."""
        present = self._present(message)
        if present.sender_id != person.id or present.is_service or present.origin:
            raise forbidden("MESSAGE_AUTHOR_REQUIRED")
        limit = CAPTION_LIMIT if present.file_id else TEXT_LIMIT
        content = _text(text, limit, may_be_empty=bool(present.file_id))
        changed = present.model_copy(update={"text": content.text, "entities": content.entities})
        if changed == present:
            raise bad_request("MESSAGE_NOT_MODIFIED")
        return self._keep(
            "edited_message", changed.model_copy(update={"edit_date": self.world.now(), "is_rewritten": True})
        )

    def press(self, person: User, message: Message, data: str) -> str:
        """Press the inline button with this callback data; the id of the query that the bot is to answer."""
        present = self._present(message)
        chat = _chat_with(person, CHATS[present.chat_id])
        rows = (present.reply_markup or {}).get("inline_keyboard", ())
        if all(button.get("callback_data") != data for row in rows for button in row):
            raise bad_request("DATA_INVALID")
        query = {
            "id": str(secrets.randbits(62)),
            "from": user_json(self.world.state, person),
            "message": message_json(self.world.state, present),
            "chat_instance": str(abs(chat.id)),
            "data": data,
        }
        self.world.record(*self.world.update("callback_query", chat, query))
        return str(query["id"])

    def react(self, person: User, message: Message, emoji: str | None) -> Message:
        """Set, change or (None) remove one's reaction to a message."""
        present = self._present(message)
        chat = _chat_with(person, CHATS[present.chat_id])
        old, new = present.reactions.get(person.id), plain(emoji) if emoji else None
        if old == new:
            return present
        reacted = with_reaction(present, person.id, new)
        content = {
            "chat": chat_json(chat),
            "message_id": present.message_id,
            "user": user_json(self.world.state, person),
            "date": self.world.now(),
            "old_reaction": reactions_json(old),
            "new_reaction": reactions_json(new),
        }
        self.world.record(MessageKept(message=reacted), *self.world.update("message_reaction", chat, content))
        return reacted

    def block(self, person: User) -> None:
        """Block the bot: it cannot write to `person` any more."""
        change_status(self.world, CHATS[person.id], person, "kicked")

    def unblock(self, person: User) -> None:
        """Let the bot write again."""
        change_status(self.world, CHATS[person.id], person, "member")

    def invite(self, person: User, chat: Chat) -> None:
        """Bring the bot back into a group that it left, as an administrator."""
        if not chat.is_private:
            change_status(self.world, _chat_with(person, chat), person, "administrator")

    def _begin(
        self, person: User, chat: Chat, content: FormattedText, reply_to: Message | None, topic: int | None
    ) -> Message:
        """A message that `person` may send, without a file."""
        _chat_with(person, chat)
        if self.world.state.status(chat) == "kicked":
            raise forbidden("YOU_BLOCKED_USER")
        if topic is not None and all(opened.message_id != topic for opened in self.world.state.topics(chat)):
            raise bad_request("TOPIC_ID_INVALID")
        reply = self._present(reply_to) if reply_to else None
        return Message(
            chat_id=chat.id,
            message_id=self.world.next_message_id(chat),
            message_thread_id=topic,
            sender_id=person.id,
            date=self.world.now(),
            text=content.text,
            entities=content.entities,
            reply_to_message_id=reply.message_id if reply else None,
        )

    def _keep(self, kind: str, message: Message) -> Message:
        """Let `message` be, and tell the bot by an update of this kind."""
        content = message_json(self.world.state, message)
        update = self.world.update(kind, CHATS[message.chat_id], content)
        self.world.record(MessageKept(message=message), *update)
        return message

    def _present(self, message: Message) -> Message:
        present = self.current(message)
        if present is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return present


def _chat_with(person: User, chat: Chat) -> Chat:
    if person not in members(chat):
        raise forbidden("CHAT_WRITE_FORBIDDEN")
    return chat


def _text(source: str, limit: int, *, may_be_empty: bool) -> FormattedText:
    text = within(parse(source), limit, "MESSAGE_TOO_LONG")
    if not text.text and not may_be_empty:
        raise bad_request("MESSAGE_EMPTY")
    return text
