"""The cast: who there is, and where they talk. Ids never change, so journals and tests can rely on them."""

from types import MappingProxyType

from bot.simulator.model import Chat, Message, Topic, User

BOT = User(id=9001, is_bot=True, first_name="Dawen 答问", username="dawen_bot")
ADA = User(id=1001, first_name="Ada 阿达", username="ada", language_code="en")
BO = User(id=1002, first_name="Bo 小博", username="bo", language_code="zh-hans")

ADA_CHAT = Chat(id=ADA.id, type="private", first_name=ADA.first_name, username=ADA.username)
BO_CHAT = Chat(id=BO.id, type="private", first_name=BO.first_name, username=BO.username)
TEAM = Chat(id=-1001000000001, type="supergroup", title="Team 小组", is_forum=True)

TOKEN = f"{BOT.id}:local"
OWNER = ADA  # of the group
TRAVEL = 2  # the message_thread_id of the topic that TEAM begins with

PERSONS = (ADA, BO)
USERS = MappingProxyType({user.id: user for user in (BOT, *PERSONS)})
CHATS = MappingProxyType({chat.id: chat for chat in (ADA_CHAT, BO_CHAT, TEAM)})

FIRST_TOPIC = Message(
    chat_id=TEAM.id,
    message_id=TRAVEL,
    message_thread_id=TRAVEL,
    sender_id=OWNER.id,
    date=0,
    opened_topic=Topic(name="Travel 差旅", icon_color=0x6FB9F0),
)


def members(chat: Chat) -> tuple[User, ...]:
    """The persons in a chat; the bot is not counted."""
    return PERSONS if not chat.is_private else (USERS[chat.id],)
