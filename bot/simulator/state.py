"""Everything that is true at a moment. Events change it; nothing else does."""

from dataclasses import dataclass, field

from bot.simulator.model import (
    Answer,
    BotCommand,
    Chat,
    ChatAction,
    Draft,
    JsonObject,
    Message,
    Status,
    StoredFile,
    Update,
    Webhook,
)
from bot.simulator.people import CHATS, FIRST_TOPIC

EVERY_CHAT = 0  # stands for "wherever nothing else is set" where a chat can be named
Place = tuple[int, int | None]  # a chat and one of its topics


@dataclass
class State:
    """The world as it is."""

    next_update_id: int
    updates: dict[int, Update] = field(default_factory=dict)  # not yet confirmed by the bot, oldest first
    allowed_updates: tuple[str, ...] = ()  # empty means Telegram's default
    webhook: Webhook = field(default_factory=Webhook)
    webhook_failure: tuple[int, str] | None = None  # when and why the last delivery failed

    messages: dict[int, dict[int, Message]] = field(default_factory=lambda: {chat_id: {} for chat_id in CHATS})
    next_message_id: dict[int, int] = field(default_factory=lambda: dict.fromkeys(CHATS, 1))
    files: dict[str, StoredFile] = field(default_factory=dict)
    pins: dict[int, tuple[int, ...]] = field(default_factory=dict)
    written_to: set[int] = field(default_factory=set)  # private chats in which the person wrote first
    statuses: dict[int, Status] = field(default_factory=dict)  # of the bot, where it is not what it was at first
    drafts: dict[int, Draft] = field(default_factory=dict)
    actions: dict[Place, ChatAction] = field(default_factory=dict)

    queries: dict[str, int] = field(default_factory=dict)  # pressed buttons without an answer, and when
    answers: dict[str, Answer] = field(default_factory=dict)

    commands: dict[tuple[str, str], tuple[BotCommand, ...]] = field(default_factory=dict)  # by scope and language
    profile: dict[tuple[str, str], str] = field(default_factory=dict)  # by field and language
    menu_buttons: dict[int, JsonObject] = field(default_factory=dict)  # by private chat

    def __post_init__(self) -> None:
        """The group is there with its first topic; message 1 was its creation."""
        self.keep(FIRST_TOPIC)

    def keep(self, message: Message) -> None:
        """Add a message, or put it in the place of its earlier self."""
        chat = self.messages[message.chat_id]
        chat[message.message_id] = message
        self.next_message_id[message.chat_id] = max(self.next_message_id[message.chat_id], message.message_id + 1)

    def status(self, chat: Chat) -> Status:
        """What the bot is in `chat`."""
        return self.statuses.get(chat.id, "member" if chat.is_private else "administrator")

    def is_present(self, chat: Chat) -> bool:
        """True where the bot gets updates and may write."""
        return self.status(chat) in ("member", "administrator")

    def topics(self, chat: Chat) -> list[Message]:
        """The service messages that opened the topics of `chat`; their ids are the thread ids."""
        return [message for message in self.messages[chat.id].values() if message.opened_topic]
