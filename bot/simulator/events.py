"""What can happen. An event says what is new and puts it into the state; the journal is a list of events.

Each class has a `kind` by which the journal tells them apart. Events that are not `lasting` concern only
those who watch: they are not written down.
"""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from bot.simulator.model import (
    Answer,
    BotCommand,
    ChatAction,
    Draft,
    JsonObject,
    Message,
    Record,
    Status,
    StoredFile,
    Update,
    Webhook,
)
from bot.simulator.people import BOT, CHATS
from bot.simulator.state import State


class Event(Record):
    """Base of all events."""

    lasting: ClassVar[bool] = True
    kind: str

    @abstractmethod
    def apply(self, state: State) -> None:
        """Make it so."""


class MessageKept(Event):
    """A message was sent, or something about it changed."""

    kind: Literal["message"] = "message"
    message: Message

    def apply(self, state: State) -> None:
        """A new message of the bot ends its draft and its action; one of a person opens the private chat."""
        message = self.message
        is_new = message.message_id not in state.messages[message.chat_id]
        state.keep(message)
        if message.sender_id == BOT.id and is_new:
            state.drafts.pop(message.chat_id, None)
            state.actions.pop((message.chat_id, message.message_thread_id), None)
        elif message.sender_id != BOT.id and CHATS[message.chat_id].is_private:
            state.written_to.add(message.chat_id)


class MessagesDeleted(Event):
    """Messages are gone."""

    kind: Literal["deleted"] = "deleted"
    chat_id: int
    message_ids: tuple[int, ...]

    def apply(self, state: State) -> None:
        """Pins of them go too."""
        for message_id in self.message_ids:
            state.messages[self.chat_id].pop(message_id, None)
        pins = state.pins.get(self.chat_id, ())
        state.pins[self.chat_id] = tuple(pin for pin in pins if pin not in self.message_ids)


class PinsChanged(Event):
    """The pinned messages of a chat, the latest last."""

    kind: Literal["pins"] = "pins"
    chat_id: int
    message_ids: tuple[int, ...]

    def apply(self, state: State) -> None:
        """These are pinned now, and no others."""
        state.pins[self.chat_id] = self.message_ids


class FileKept(Event):
    """A file was uploaded."""

    kind: Literal["file"] = "file"
    file: StoredFile

    def apply(self, state: State) -> None:
        """It can be named by its id from now on."""
        state.files[self.file.file_id] = self.file


class StatusChanged(Event):
    """The bot was blocked, let back in, removed or added."""

    kind: Literal["status"] = "status"
    chat_id: int
    status: Status

    def apply(self, state: State) -> None:
        """Remember it."""
        state.statuses[self.chat_id] = self.status


class UpdateQueued(Event):
    """The bot has something to fetch."""

    kind: Literal["update"] = "update"
    update: Update

    def apply(self, state: State) -> None:
        """Ids grow by one. A callback query waits for an answer besides."""
        state.updates[self.update.update_id] = self.update
        state.next_update_id = self.update.update_id + 1
        if self.update.kind == "callback_query":
            state.queries[self.update.content["id"]] = self.update.date


class UpdatesTaken(Event):
    """Updates reached the bot, or are dropped; they are not delivered again."""

    kind: Literal["taken"] = "taken"
    update_ids: tuple[int, ...]

    def apply(self, state: State) -> None:
        """Forget them."""
        for update_id in self.update_ids:
            state.updates.pop(update_id, None)


class AllowedUpdatesChanged(Event):
    """The kinds of updates the bot asked for; none means the default."""

    kind: Literal["allowed_updates"] = "allowed_updates"
    kinds: tuple[str, ...]

    def apply(self, state: State) -> None:
        """They hold for updates that are made from now on."""
        state.allowed_updates = self.kinds


class WebhookChanged(Event):
    """Updates go to another place."""

    kind: Literal["webhook"] = "webhook"
    webhook: Webhook

    def apply(self, state: State) -> None:
        """Earlier failures say nothing about the new place."""
        state.webhook = self.webhook
        state.webhook_failure = None


class CommandsChanged(Event):
    """The commands of one scope and language; none means that it has none of its own."""

    kind: Literal["commands"] = "commands"
    scope: str
    language_code: str
    commands: tuple[BotCommand, ...]

    def apply(self, state: State) -> None:
        """Replace the list."""
        if self.commands:
            state.commands[self.scope, self.language_code] = self.commands
        else:
            state.commands.pop((self.scope, self.language_code), None)


class ProfileChanged(Event):
    """The bot's name or a description in one language; empty means that it has none of its own."""

    kind: Literal["profile"] = "profile"
    field: Literal["name", "description", "short_description"]
    language_code: str
    value: str

    def apply(self, state: State) -> None:
        """Replace the text."""
        state.profile[self.field, self.language_code] = self.value


class MenuButtonChanged(Event):
    """The button beside the message field of a private chat."""

    kind: Literal["menu_button"] = "menu_button"
    chat_id: int
    button: JsonObject

    def apply(self, state: State) -> None:
        """Replace it."""
        state.menu_buttons[self.chat_id] = self.button


class QueryAnswered(Event):
    """The bot answered to a pressed button."""

    kind: Literal["answer"] = "answer"
    answer: Answer

    def apply(self, state: State) -> None:
        """It can be answered once."""
        state.queries.pop(self.answer.query_id, None)
        state.answers[self.answer.query_id] = self.answer


class DraftShown(Event):
    """The bot shows a message in the making."""

    lasting = False
    kind: Literal["draft"] = "draft"
    draft: Draft

    def apply(self, state: State) -> None:
        """A chat has one at a time."""
        state.drafts[self.draft.chat_id] = self.draft


class ActionShown(Event):
    """The bot is typing, or doing something like it."""

    lasting = False
    kind: Literal["action"] = "action"
    action: ChatAction

    def apply(self, state: State) -> None:
        """A topic has one at a time."""
        state.actions[self.action.chat_id, self.action.message_thread_id] = self.action


class DeliveryFailed(Event):
    """An update could not be posted to the webhook."""

    lasting = False
    kind: Literal["delivery_failed"] = "delivery_failed"
    date: int
    reason: str

    def apply(self, state: State) -> None:
        """getWebhookInfo tells of it."""
        state.webhook_failure = (self.date, self.reason)


_Lasting = Annotated[
    MessageKept
    | MessagesDeleted
    | PinsChanged
    | FileKept
    | StatusChanged
    | UpdateQueued
    | UpdatesTaken
    | AllowedUpdatesChanged
    | WebhookChanged
    | CommandsChanged
    | ProfileChanged
    | MenuButtonChanged
    | QueryAnswered,
    Field(discriminator="kind"),
]
ENTRY: TypeAdapter[tuple[_Lasting, ...]] = TypeAdapter(tuple[_Lasting, ...])
"""One line of the journal: the events that happened at once."""
