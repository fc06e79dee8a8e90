"""What the simulator keeps: users, chats, messages, files, updates. Immutable; a change makes a new record.

Names are Telegram's. References are ids here (`chat_id`, `sender_id`, `reply_to_message_id`); `render` puts
objects there when a client asks. Every record can be written to the journal and read back.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
Status = Literal["administrator", "member", "left", "kicked"]
EntityType = Literal[
    "blockquote",
    "bold",
    "bot_command",
    "cashtag",
    "code",
    "custom_emoji",
    "email",
    "expandable_blockquote",
    "hashtag",
    "italic",
    "mention",
    "phone_number",
    "pre",
    "spoiler",
    "strikethrough",
    "text_link",
    "text_mention",
    "underline",
    "url",
]


class Record(BaseModel):
    """Base of everything that is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def json_object(self) -> JsonObject:
        """The fields that have a value."""
        return self.model_dump(exclude_none=True)


class User(Record):
    """A person or the bot."""

    id: int
    is_bot: bool = False
    first_name: str
    username: str
    language_code: str | None = None


class Chat(Record):
    """A private chat with the bot (`id` is the person's) or a supergroup with topics."""

    id: int
    type: Literal["private", "supergroup"]
    first_name: str | None = None
    username: str | None = None
    title: str | None = None
    is_forum: Literal[True] | None = None

    @property
    def is_private(self) -> bool:
        """True for a chat of one person with the bot."""
        return self.type == "private"


class Entity(Record):
    """A stretch of text with a meaning; `offset` and `length` count UTF-16 code units."""

    type: EntityType
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None

    @property
    def end(self) -> int:
        """The first UTF-16 unit behind it."""
        return self.offset + self.length


class StoredFile(Record):
    """An uploaded file; `path` is where clients download it. Photos have a width and a height in pixels."""

    file_id: str
    file_unique_id: str
    path: str
    size: int
    name: str
    media_type: str
    width: int | None = None
    height: int | None = None

    @property
    def is_photo(self) -> bool:
        """True when it was sent as a photo, not as a document."""
        return self.width is not None


class Origin(Record):
    """Who first wrote a forwarded message, and when."""

    sender_id: int
    date: int


class Topic(Record):
    """What a service message says about the topic that it opened."""

    name: str
    icon_color: int


class Message(Record):
    """A message as it stands. `text` is the caption when there is a file; `reactions` are by user id.

    `is_rewritten` tells whether people see it marked as edited: Telegram's apps show no mark for a new keyboard alone.
    """

    chat_id: int
    message_id: int
    sender_id: int
    date: int
    message_thread_id: int | None = None
    text: str = ""
    entities: tuple[Entity, ...] = ()
    file_id: str | None = None
    reply_to_message_id: int | None = None
    origin: Origin | None = None
    reply_markup: JsonObject | None = None
    link_preview_options: JsonObject | None = None
    protect_content: bool = False
    edit_date: int | None = None
    is_rewritten: bool = False
    opened_topic: Topic | None = None
    pinned_message_id: int | None = None
    reactions: dict[int, str] = {}

    @property
    def is_service(self) -> bool:
        """True for a message that tells of an event: a topic was opened, a message pinned."""
        return self.opened_topic is not None or self.pinned_message_id is not None


class Update(Record):
    """An update that waits for the bot: `content` is what the field named `kind` holds."""

    update_id: int
    kind: str
    chat_id: int
    date: int
    content: JsonObject

    def json_object(self) -> JsonObject:
        """The update as clients get it."""
        return {"update_id": self.update_id, self.kind: self.content}


class Webhook(Record):
    """Where updates are posted to; an empty `url` means nowhere."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40


class BotCommand(Record):
    """One line of the command menu."""

    command: str
    description: str


class Draft(Record):
    """A message in the making, shown in a private chat until the bot sends one or time is up."""

    chat_id: int
    draft_id: int
    text: str
    entities: tuple[Entity, ...] = ()
    expires: float


class ChatAction(Record):
    """What the bot is shown to be doing until `expires`."""

    chat_id: int
    message_thread_id: int | None = None
    action: str
    expires: float


class Answer(Record):
    """What the bot answered to a pressed button."""

    query_id: str
    text: str = ""
    show_alert: bool = False
    url: str = ""
