"""Methods that send, change and remove messages."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BO, BOT, TEAM, TRAVEL
from bot.simulator.simulation import Simulation
from tests.bot.simulator.conftest import Advance, Api

pytestmark = pytest.mark.usefixtures("simulation")
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}, {"text": "No", "callback_data": "no"}]]}


async def refused(api: Api, method: str, **parameters: Any) -> str:
    """The words in which a call is refused."""
    with pytest.raises(ApiError) as error:
        await api(method, **parameters)
    return error.value.description


class TestSending:
    """sendMessage, forwardMessage, copyMessage."""

    async def test_a_message_as_it_is_told(self, api: Api, moment: list[float]) -> None:
        sent = await api("sendMessage", chat_id=1001, text="<b>Hi</b> 👋", parse_mode="HTML", reply_markup=KEYBOARD)
        assert sent == {
            "message_id": 2,
            "from": {"id": 9001, "is_bot": True, "first_name": "Dawen 答问", "username": "dawen_bot"},
            "chat": {"id": 1001, "type": "private", "first_name": "Ada 阿达", "username": "ada"},
            "date": int(moment[0]),
            "text": "Hi 👋",
            "entities": [{"type": "bold", "offset": 0, "length": 2}],
            "reply_markup": KEYBOARD,
        }

    @pytest.mark.parametrize(
        ("parameters", "complaint"),
        [
            ({"text": "a"}, "Bad Request: chat_id is empty"),
            ({"chat_id": 5, "text": "a"}, "Bad Request: chat not found"),
            ({"chat_id": "@nobody", "text": "a"}, "Bad Request: chat not found"),
            ({"chat_id": 1001}, "Bad Request: message text is empty"),
            ({"chat_id": 1001, "text": " \n "}, "Bad Request: message text is empty"),
            ({"chat_id": 1001, "text": "a" * 4097}, "Bad Request: message is too long"),
            ({"chat_id": 1001, "text": "a", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
            ({"chat_id": 1001, "text": "a", "entities": {}}, "Bad Request: can't parse entities: expected an Array"),
            (
                {"chat_id": 1001, "text": "<b>a", "parse_mode": "HTML"},
                "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            ),
            ({"chat_id": 1001, "text": "a", "message_thread_id": 9}, "Bad Request: message thread not found"),
            (
                {"chat_id": 1001, "text": "a", "reply_parameters": {"message_id": 99}},
                "Bad Request: message to be replied not found",
            ),
            (
                {"chat_id": 1001, "text": "a", "reply_parameters": [1]},
                "Bad Request: object expected as reply parameters",
            ),
            (
                {"chat_id": 1001, "text": "a", "link_preview_options": "[]1"},
                "Bad Request: can't parse link_preview_options JSON object",
            ),
            (
                {"chat_id": 1001, "text": "a", "link_preview_options": [1]},
                "Bad Request: object expected as link preview options",
            ),
        ],
    )
    async def test_refusals(self, api: Api, parameters: dict[str, Any], complaint: str) -> None:
        assert await refused(api, "sendMessage", **parameters) == complaint

    async def test_the_bot_cannot_begin(self, fresh: Simulation, api: Api) -> None:
        fresh.world.state.written_to.clear()
        told = await refused(api, "sendMessage", chat_id=1001, text="psst")
        assert told == "Forbidden: bot can't initiate conversation with a user"

    async def test_replies(self, api: Api, simulation: Simulation) -> None:
        asked = simulation.messages(ADA_CHAT)[0]
        for wish in (
            {"reply_parameters": {"message_id": asked.message_id}},
            {"reply_to_message_id": asked.message_id},
        ):
            sent = await api("sendMessage", chat_id=1001, text="a", **wish)
            assert sent["reply_to_message"]["text"] == "hello"
            assert "reply_to_message" not in sent["reply_to_message"]

    @pytest.mark.parametrize(
        "wish",
        [
            {"reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}},
            {"reply_to_message_id": 99, "allow_sending_without_reply": True},
            {"reply_parameters": {"message_id": 1, "chat_id": 1002, "allow_sending_without_reply": True}},
        ],
    )
    async def test_replies_to_what_is_gone(self, api: Api, wish: dict[str, Any]) -> None:
        assert "reply_to_message" not in await api("sendMessage", chat_id=1001, text="a", **wish)

    async def test_topics(self, api: Api) -> None:
        sent = await api("sendMessage", chat_id=TEAM.id, text="a", message_thread_id=TRAVEL)
        assert (sent["message_thread_id"], sent["is_topic_message"]) == (TRAVEL, True)
        assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Travel 差旅"
        general = await api("sendMessage", chat_id=TEAM.id, text="a")
        assert "message_thread_id" not in general
        answer = await api("sendMessage", chat_id=TEAM.id, text="b", reply_to_message_id=sent["message_id"])
        assert answer["message_thread_id"] == TRAVEL

    async def test_previews(self, api: Api) -> None:
        sent = await api("sendMessage", chat_id=1001, text="https://a.org", disable_web_page_preview=True)
        assert sent["link_preview_options"] == {"is_disabled": True}

    async def test_forwards_and_copies(self, api: Api, simulation: Simulation) -> None:
        asked = simulation.messages(ADA_CHAT)[0]
        place = {"chat_id": TEAM.id, "from_chat_id": 1001, "message_id": asked.message_id}
        forwarded = await api("forwardMessage", **place, message_thread_id=TRAVEL)
        assert forwarded["text"] == "hello"
        assert forwarded["forward_origin"]["sender_user"]["id"] == ADA.id
        again = await api("forwardMessage", **{**place, "message_id": 3, "from_chat_id": TEAM.id})
        assert again["forward_origin"]["sender_user"]["id"] == ADA.id
        copied = await api("copyMessage", **place)
        assert list(copied) == ["message_id"]
        assert simulation.messages(TEAM)[-1].origin is None

    async def test_what_is_protected_stays(self, api: Api) -> None:
        sent = await api("sendMessage", chat_id=1001, text="secret", protect_content=True)
        place = {"chat_id": TEAM.id, "from_chat_id": 1001, "message_id": sent["message_id"]}
        assert await refused(api, "forwardMessage", **place) == "Bad Request: message can't be forwarded"
        assert await refused(api, "copyMessage", **place) == "Bad Request: message can't be copied"
        place = {**place, "message_id": 99}
        assert await refused(api, "copyMessage", **place) == "Bad Request: message to copy not found"


class TestKeyboards:
    """reply_markup."""

    @pytest.mark.parametrize(
        "markup",
        [
            None,
            {},
            "",
            {"inline_keyboard": []},
            {"inline_keyboard": [[]]},
            {"remove_keyboard": True},
            {"force_reply": True},
            {"keyboard": [["a"]]},
        ],
    )
    async def test_none(self, api: Api, markup: Any) -> None:
        assert "reply_markup" not in await api("sendMessage", chat_id=1001, text="a", reply_markup=markup)

    @pytest.mark.parametrize(
        ("markup", "complaint"),
        [
            ([1], "object expected as reply markup"),
            ({"buttons": []}, "object expected as reply markup"),
            ({"inline_keyboard": [{}]}, 'Field "inline_keyboard" must be of type Array'),
            ({"inline_keyboard": [["a"]]}, "InlineKeyboardButton must be an Object"),
            ({"inline_keyboard": [[{"text": " ", "url": "a.org"}]]}, 'Field "text" must be a non-empty String'),
            ({"inline_keyboard": [[{"text": "a"}]]}, "Text buttons are unallowed in the inline keyboard"),
            ({"inline_keyboard": [[{"text": "a", "callback_data": "你" * 22}]]}, "BUTTON_DATA_INVALID"),
            ({"inline_keyboard": [[{"text": "a", "callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
            ({"inline_keyboard": [[{"text": "a", "url": "no where"}]]}, "URL 'no where' is invalid"),
        ],
    )
    async def test_refusals(self, api: Api, markup: Any, complaint: str) -> None:
        assert complaint in await refused(api, "sendMessage", chat_id=1001, text="a", reply_markup=markup)

    async def test_sixty_four_bytes_are_the_most(self, api: Api) -> None:
        button = {"text": "a", "callback_data": "你" * 21 + "a"}
        sent = await api("sendMessage", chat_id=1001, text="a", reply_markup={"inline_keyboard": [[button]]})
        assert sent["reply_markup"]["inline_keyboard"] == [[button]]

    async def test_what_is_unknown_is_not_kept(self, api: Api) -> None:
        button = {"text": "a", "url": "https://a.org"}
        markup = {"inline_keyboard": [[{**button, "colour": "red"}]], "more": 1}
        sent = await api("sendMessage", chat_id=1001, text="a", reply_markup=markup)
        assert sent["reply_markup"] == {"inline_keyboard": [[button]]}


class TestEditing:
    """editMessageText, editMessageReplyMarkup."""

    @pytest.fixture
    async def sent(self, simulation: Simulation, api: Api) -> dict[str, Any]:
        """Where a message with a keyboard is."""
        message = await api("sendMessage", chat_id=1001, text="one", reply_markup=KEYBOARD)
        return {"chat_id": 1001, "message_id": message["message_id"]}

    async def test_text_and_keyboard_change(self, api: Api, sent: dict[str, Any], advance: Advance) -> None:
        advance(7)
        edited = await api("editMessageText", **sent, text="<i>two</i>", parse_mode="HTML")
        assert (edited["text"], edited["edit_date"] - edited["date"]) == ("two", 7)
        assert "reply_markup" not in edited
        edited = await api("editMessageReplyMarkup", **sent, reply_markup=KEYBOARD)
        assert (edited["text"], edited["reply_markup"]) == ("two", KEYBOARD)

    async def test_a_new_keyboard_alone_is_no_rewriting(
        self, simulation: Simulation, api: Api, sent: dict[str, Any]
    ) -> None:
        await api("editMessageReplyMarkup", **sent)
        assert not simulation.messages(ADA_CHAT)[-1].is_rewritten
        await api("editMessageText", **sent, text="two")
        await api("editMessageReplyMarkup", **sent, reply_markup=KEYBOARD)
        assert simulation.messages(ADA_CHAT)[-1].is_rewritten

    async def test_an_edit_must_change_something(self, api: Api, sent: dict[str, Any]) -> None:
        told = await refused(api, "editMessageText", **sent, text="one", reply_markup=KEYBOARD)
        assert told.startswith("Bad Request: message is not modified: specified new message content")
        told = await refused(api, "editMessageReplyMarkup", **sent, reply_markup=KEYBOARD)
        assert told.startswith("Bad Request: message is not modified")

    @pytest.mark.parametrize(
        ("method", "parameters", "complaint"),
        [
            ("editMessageText", {"message_id": 99, "text": "a"}, "message to edit not found"),
            ("editMessageText", {"message_id": 1, "text": "a"}, "message can't be edited"),
            ("editMessageText", {"message_id": 2, "text": ""}, "message text is empty"),
            ("editMessageCaption", {"message_id": 2, "caption": "a"}, "there is no caption in the message to edit"),
        ],
    )
    @pytest.mark.usefixtures("sent")
    async def test_refusals(self, api: Api, method: str, parameters: dict[str, Any], complaint: str) -> None:
        assert await refused(api, method, chat_id=1001, **parameters) == f"Bad Request: {complaint}"


class TestDeleting:
    """deleteMessage, deleteMessages."""

    async def test_the_bots_own(self, api: Api, simulation: Simulation) -> None:
        sent = await api("sendMessage", chat_id=1001, text="one")
        place = {"chat_id": 1001, "message_id": sent["message_id"]}
        assert await api("deleteMessage", **place) is True
        assert [message.sender_id for message in simulation.messages(ADA_CHAT)] == [ADA.id]
        assert await refused(api, "deleteMessage", **place) == "Bad Request: message to delete not found"

    async def test_old_messages_stay_in_private_chats(self, api: Api, simulation: Simulation, advance: Advance) -> None:
        simulation.say(BO, TEAM, "old")
        advance(48 * 3600)
        told = await refused(api, "deleteMessage", chat_id=1001, message_id=1)
        assert told == "Bad Request: message can't be deleted for everyone"
        assert await api("deleteMessage", chat_id=TEAM.id, message_id=3) is True

    async def test_the_first_message_of_a_topic_stays(self, api: Api) -> None:
        told = await refused(api, "deleteMessage", chat_id=TEAM.id, message_id=TRAVEL)
        assert told == "Bad Request: message can't be deleted for everyone"

    async def test_several(self, api: Api, simulation: Simulation) -> None:
        assert await api("deleteMessages", chat_id=1001, message_ids=[1, 99]) is True
        assert simulation.messages(ADA_CHAT) == []
        assert await api("deleteMessages", chat_id=1001, message_ids=[1]) is True

    @pytest.mark.parametrize(
        ("wanted", "complaint"),
        [(None, "not specified"), ([], "not specified"), (list(range(101)), "too many message identifiers")],
    )
    async def test_refusals(self, api: Api, wanted: Any, complaint: str) -> None:
        assert complaint in await refused(api, "deleteMessages", chat_id=1001, message_ids=wanted)


class TestPresence:
    """sendMessageDraft, sendChatAction."""

    async def test_a_draft_grows_until_the_message_comes(self, api: Api, simulation: Simulation) -> None:
        for text in ("", "<b>so</b>", "<b>so</b> it is"):
            await api("sendMessageDraft", chat_id=1001, draft_id=7, text=text, parse_mode="HTML")
        shown = simulation.draft(ADA_CHAT)
        assert shown is not None
        assert (shown.text, [entity.type for entity in shown.entities]) == ("so it is", ["bold"])
        await api("sendMessage", chat_id=1001, text="so it is")
        assert simulation.draft(ADA_CHAT) is None

    async def test_a_draft_fades(self, api: Api, simulation: Simulation, advance: Advance) -> None:
        await api("sendMessageDraft", chat_id=1001, draft_id=7, text="so")
        advance(31)
        assert simulation.draft(ADA_CHAT) is None

    @pytest.mark.parametrize(
        ("parameters", "complaint"),
        [
            ({"chat_id": TEAM.id, "draft_id": 1, "text": "a"}, "TEXTDRAFT_PEER_INVALID"),
            ({"chat_id": 1001, "text": "a"}, "invalid draft_id specified"),
            ({"chat_id": 1001, "draft_id": 1, "text": "a" * 4097}, "message is too long"),
        ],
    )
    async def test_refused_drafts(self, api: Api, parameters: dict[str, Any], complaint: str) -> None:
        assert await refused(api, "sendMessageDraft", **parameters) == f"Bad Request: {complaint}"

    async def test_typing_ends_by_itself_or_with_a_message(
        self, api: Api, simulation: Simulation, advance: Advance
    ) -> None:
        await api("sendChatAction", chat_id=TEAM.id, action="typing", message_thread_id=TRAVEL)
        shown = simulation.action(TEAM, TRAVEL)
        assert shown is not None
        assert shown.action == "typing"
        assert simulation.action(TEAM) is None
        await api("sendMessage", chat_id=TEAM.id, text="a", message_thread_id=TRAVEL)
        assert simulation.action(TEAM, TRAVEL) is None
        await api("sendChatAction", chat_id=1001, action="upload_document")
        advance(6)
        assert simulation.action(ADA_CHAT) is None

    async def test_an_unknown_action(self, api: Api) -> None:
        told = await refused(api, "sendChatAction", chat_id=1001, action="sleeping")
        assert told == "Bad Request: wrong parameter action in request"


async def test_an_edit_of_a_person_comes_as_such(api: Api, simulation: Simulation) -> None:
    said = simulation.say(ADA, ADA_CHAT, "one")
    simulation.edit(ADA, said, "two")
    updates = await api("getUpdates")
    assert updates[-1]["edited_message"]["text"] == "two"
    assert updates[-1]["edited_message"]["message_id"] == said.message_id


async def test_persons_are_refused_too(api: Api, simulation: Simulation) -> None:
    said = simulation.say(ADA, ADA_CHAT, "one")
    sent = await api("sendMessage", chat_id=1001, text="a")
    answer = simulation.messages(ADA_CHAT)[-1]
    assert (answer.message_id, answer.sender_id) == (sent["message_id"], BOT.id)
    gone = said.model_copy(update={"message_id": 99})
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: simulation.edit(ADA, said, "one"), "MESSAGE_NOT_MODIFIED"),
        (lambda: simulation.edit(ADA, answer, "b"), "MESSAGE_AUTHOR_REQUIRED"),
        (lambda: simulation.say(BO, ADA_CHAT, "hi"), "CHAT_WRITE_FORBIDDEN"),
        (lambda: simulation.say(ADA, ADA_CHAT, " "), "MESSAGE_EMPTY"),
        (lambda: simulation.say(ADA, ADA_CHAT, "a" * 4097), "MESSAGE_TOO_LONG"),
        (lambda: simulation.say(ADA, TEAM, "a", topic=77), "TOPIC_ID_INVALID"),
        (lambda: simulation.say(ADA, ADA_CHAT, "a", reply_to=gone), "MESSAGE_ID_INVALID"),
    ]
    for act, complaint in refusals:
        with pytest.raises(ApiError, match=complaint):
            act()
