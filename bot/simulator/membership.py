"""The bot's place in a chat: blocked and let back in by a person, gone from a group and added again."""

from bot.simulator.events import StatusChanged
from bot.simulator.model import Chat, Status, User
from bot.simulator.people import BOT
from bot.simulator.render import chat_json, member_json, user_json
from bot.simulator.world import World


def change_status(world: World, chat: Chat, actor: User, status: Status) -> None:
    """Make the bot a `status` of `chat`; it hears of it in a my_chat_member update, whatever it becomes."""
    before = world.state.status(chat)
    if before == status:
        return
    content = {
        "chat": chat_json(chat),
        "from": user_json(world.state, actor),
        "date": world.now(),
        "old_chat_member": member_json(world.state, BOT, before),
        "new_chat_member": member_json(world.state, BOT, status),
    }
    world.record(StatusChanged(chat_id=chat.id, status=status), *world.update("my_chat_member", chat, content))
