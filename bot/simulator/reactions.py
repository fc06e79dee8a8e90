"""Reactions: which there are, and how one person's reaction to a message changes."""

from bot.simulator.errors import bad_request
from bot.simulator.model import Message

_ALL = """
👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣
⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄
☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
EMOJI = frozenset(_ALL.split())
"""Those that Telegram offers everywhere; written without variation selectors."""


def plain(emoji: str) -> str:
    """`emoji` as Telegram writes it: without the selector that asks for a coloured picture.

    Raises:
        ApiError: it is no reaction.
    """
    written = emoji.replace("\ufe0f", "")
    if written not in EMOJI:
        raise bad_request("REACTION_INVALID")
    return written


def with_reaction(message: Message, user_id: int, emoji: str | None) -> Message:
    """`message` after somebody set, changed or (None) removed a reaction."""
    others = {reactor: given for reactor, given in message.reactions.items() if reactor != user_id}
    return message.model_copy(update={"reactions": {**others, user_id: emoji} if emoji else others})
