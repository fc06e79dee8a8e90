"""What the person at the chat page does: one small JSON request for each act."""

from typing import Annotated, NoReturn

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel

from bot.simulator.errors import ApiError, bad_request
from bot.simulator.files import UPLOAD_LIMIT
from bot.simulator.model import Chat, JsonObject, Message, User
from bot.simulator.people import CHATS, PERSONS
from bot.simulator.simulation import Simulation
from bot.simulator.text.formatted import TEXT_LIMIT
from bot.simulator.text.utf16 import cut


class Act(BaseModel):
    """Somebody does something in a chat."""

    person: int
    chat: int

    def who(self) -> User:
        """The person."""
        return next((person for person in PERSONS if person.id == self.person), None) or _refuse("USER_ID_INVALID")

    def where(self) -> Chat:
        """The chat."""
        return CHATS.get(self.chat) or _refuse("CHAT_ID_INVALID")


class ActOnMessage(Act):
    """Somebody does something with a message."""

    message: int

    def which(self, simulation: Simulation) -> Message:
        """The message."""
        return _message(simulation, self.where(), self.message) or _refuse("MESSAGE_ID_INVALID")


class Say(Act):
    """Send a text."""

    text: str
    topic: int | None = None
    reply_to: int | None = None


class Edit(ActOnMessage):
    """Change one's own message."""

    text: str


class Press(ActOnMessage):
    """Press a button."""

    data: str


class React(ActOnMessage):
    """React, or take the reaction back."""

    emoji: str | None


class Block(Act):
    """Block the bot, or let it back in."""

    blocked: bool


def actions_router(simulation: Simulation) -> APIRouter:
    """The routes of the acts."""
    router = APIRouter(prefix="/sim")
    _add_writing(router, simulation)
    _add_answering(router, simulation)
    _add_standing(router, simulation)
    return router


def _add_writing(router: APIRouter, simulation: Simulation) -> None:
    @router.post("/say")
    async def say(act: Say) -> JsonObject:
        """A text that is too long for one message becomes several, as the apps do it."""
        reply = _message(simulation, act.where(), act.reply_to)
        for part in [part for part in cut(act.text, TEXT_LIMIT) if part.strip()] or [""]:
            simulation.say(act.who(), act.where(), part, reply_to=reply, topic=act.topic)
            reply = None
        return {}

    @router.post("/edit")
    async def edit(act: Edit) -> JsonObject:
        simulation.edit(act.who(), act.which(simulation), act.text)
        return {}

    @router.post("/file")
    async def send_file(
        person: Annotated[int, Form()],
        chat: Annotated[int, Form()],
        file: Annotated[UploadFile, File()],
        caption: Annotated[str, Form()] = "",
        topic: Annotated[int | None, Form()] = None,
        reply_to: Annotated[int | None, Form()] = None,
    ) -> JsonObject:
        act = Act(person=person, chat=chat)
        if file.size is None or file.size > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        name, kind, data = file.filename or "file", file.content_type or "", await file.read()
        reply = _message(simulation, act.where(), reply_to)
        simulation.send_file(
            act.who(), act.where(), name, data, caption=caption, media_type=kind, reply_to=reply, topic=topic
        )
        return {}


def _add_answering(router: APIRouter, simulation: Simulation) -> None:
    @router.post("/press")
    async def press(act: Press) -> JsonObject:
        return {"query_id": simulation.press(act.who(), act.which(simulation), act.data)}

    @router.post("/react")
    async def react(act: React) -> JsonObject:
        simulation.react(act.who(), act.which(simulation), act.emoji)
        return {}


def _add_standing(router: APIRouter, simulation: Simulation) -> None:
    @router.post("/block")
    async def block(act: Block) -> JsonObject:
        (simulation.block if act.blocked else simulation.unblock)(act.who())
        return {}

    @router.post("/invite")
    async def invite(act: Act) -> JsonObject:
        simulation.invite(act.who(), act.where())
        return {}


def _message(simulation: Simulation, chat: Chat, message_id: int | None) -> Message | None:
    return simulation.world.message(chat, message_id) if message_id is not None else None


def _refuse(reason: str) -> NoReturn:
    raise bad_request(reason)
