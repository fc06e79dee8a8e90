"""The question whether a person's messages may teach: asked once, in their private chat."""

from bot.consent import question
from bot.dialogue import Incoming, Person, Place, interface_language
from bot.handlers.context import Context
from storage.records import User


async def ask_once(person: Person, user: User, context: Context) -> None:
    """Ask a person who has just told what they think, if they were never asked; `user` is what is stored of them."""
    if user.consent is not None or not await context.bot_data.app.consent.should_ask(person):
        return
    language = interface_language(user.language, person.telegram_language)
    private = Incoming(person, Place(person.id, "private", person.name), "")
    await context.bot_data.delivery.send(private, question(language))
