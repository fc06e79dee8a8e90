"""Chats, their members, pins and topics; the bot's place in them; what people do with messages."""

from typing import Any

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM, TRAVEL
from bot.simulator.render import message_json
from bot.simulator.simulation import Simulation
from tests.bot.simulator.conftest import Advance, Api

pytestmark = pytest.mark.usefixtures("simulation")
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


async def refused(api: Api, method: str, **parameters: Any) -> str:
    """The words in which a call is refused."""
    with pytest.raises(ApiError) as error:
        await api(method, **parameters)
    return error.value.description


async def test_a_private_chat(api: Api) -> None:
    chat = await api("getChat", chat_id=1002)
    assert (chat["type"], chat["first_name"], chat["active_usernames"]) == ("private", "Bo 小博", ["bo"])


async def test_the_group(api: Api) -> None:
    chat = await api("getChat", chat_id=TEAM.id)
    assert (chat["title"], chat["is_forum"], chat["permissions"]["can_send_messages"]) == ("Team 小组", True, True)
    assert await api("getChatMemberCount", chat_id=TEAM.id) == 3


@pytest.mark.parametrize(
    ("chat_id", "user_id", "status"),
    [
        (TEAM.id, ADA.id, "creator"),
        (TEAM.id, BO.id, "member"),
        (TEAM.id, BOT.id, "administrator"),
        (ADA_CHAT.id, ADA.id, "member"),
    ],
)
async def test_members(api: Api, chat_id: int, user_id: int, status: str) -> None:
    member = await api("getChatMember", chat_id=chat_id, user_id=user_id)
    assert (member["user"]["id"], member["status"]) == (user_id, status)


async def test_strangers(api: Api) -> None:
    assert await refused(api, "getChatMember", chat_id=1001, user_id=1002) == "Bad Request: member not found"


async def test_administrators(api: Api) -> None:
    leading = await api("getChatAdministrators", chat_id=TEAM.id)
    assert [member["user"]["id"] for member in leading] == [ADA.id, BOT.id]
    assert "no administrators" in await refused(api, "getChatAdministrators", chat_id=1001)


async def test_pins(api: Api, simulation: Simulation) -> None:
    first, second = (simulation.say(ADA, ADA_CHAT, text).message_id for text in ("one", "two"))
    for message_id in (first, second):
        assert await api("pinChatMessage", chat_id=1001, message_id=message_id) is True
    updates = await api("getUpdates")
    assert updates[-1]["message"]["pinned_message"]["text"] == "two"
    assert (await api("getChat", chat_id=1001))["pinned_message"]["message_id"] == second
    assert await api("unpinChatMessage", chat_id=1001) is True
    assert (await api("getChat", chat_id=1001))["pinned_message"]["message_id"] == first
    assert await api("unpinChatMessage", chat_id=1001, message_id=first) is True
    assert await refused(api, "unpinChatMessage", chat_id=1001) == "Bad Request: message to unpin not found"
    notice = simulation.messages(ADA_CHAT)[-1].message_id
    assert await refused(api, "pinChatMessage", chat_id=1001, message_id=notice) == (
        "Bad Request: message can't be pinned"
    )


async def test_a_pinned_message_that_is_gone(api: Api, simulation: Simulation) -> None:
    said = simulation.say(ADA, ADA_CHAT, "one").message_id
    await api("pinChatMessage", chat_id=1001, message_id=said)
    await api("deleteMessage", chat_id=1001, message_id=said)
    assert "pinned_message" not in await api("getChat", chat_id=1001)
    notice = message_json(simulation.world.state, simulation.messages(ADA_CHAT)[-1])
    assert notice["pinned_message"] == {"message_id": said, "chat": notice["chat"], "date": 0}
    copied = await refused(api, "copyMessage", chat_id=1001, from_chat_id=1001, message_id=said + 1)
    assert copied == "Bad Request: message can't be copied"


async def test_topics(api: Api, simulation: Simulation) -> None:
    topic = await api("createForumTopic", chat_id=TEAM.id, name="  Food ", icon_color=0xFFD67E)
    assert (topic["name"], topic["icon_color"]) == ("Food", 0xFFD67E)
    (update,) = await api("getUpdates")
    assert update["message"]["forum_topic_created"] == {"name": "Food", "icon_color": 0xFFD67E}
    assert update["message"]["message_id"] == topic["message_thread_id"]
    said = simulation.say(BO, TEAM, "lunch?", topic=topic["message_thread_id"])
    assert said.message_thread_id == topic["message_thread_id"]


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"chat_id": 1001, "name": "a"}, "the chat is not a forum"),
        ({"chat_id": TEAM.id, "name": " "}, "TOPIC_TITLE_EMPTY"),
        ({"chat_id": TEAM.id, "name": "a" * 129}, "TOPIC_TITLE_TOO_LONG"),
        ({"chat_id": TEAM.id, "name": "a", "icon_color": 1}, "invalid icon color specified"),
    ],
)
async def test_refused_topics(api: Api, parameters: dict[str, Any], complaint: str) -> None:
    assert await refused(api, "createForumTopic", **parameters) == f"Bad Request: {complaint}"


async def test_messages_of_a_topic_tell_of_it(api: Api, simulation: Simulation) -> None:
    simulation.say(ADA, TEAM, "in General")
    simulation.say(ADA, TEAM, "in Travel", topic=TRAVEL)
    general, travel = [update["message"] for update in await api("getUpdates")]
    assert "message_thread_id" not in general
    assert (travel["message_thread_id"], travel["is_topic_message"]) == (TRAVEL, True)
    assert travel["reply_to_message"]["message_id"] == TRAVEL


class TestStanding:
    """Blocked, gone, back."""

    async def test_a_person_blocks_the_bot(self, api: Api, simulation: Simulation) -> None:
        simulation.block(BO)
        simulation.block(BO)
        (update,) = await api("getUpdates")
        change = update["my_chat_member"]
        assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
        for method in ("sendMessage", "sendChatAction", "deleteMessage"):
            told = await refused(api, method, chat_id=1002, text="a", action="typing")
            assert told == "Forbidden: bot was blocked by the user"
        with pytest.raises(ApiError, match="YOU_BLOCKED_USER"):
            simulation.say(BO, BO_CHAT, "hello?")
        simulation.unblock(BO)
        assert (await api("sendMessage", chat_id=1002, text="hello"))["text"] == "hello"

    async def test_the_bot_leaves_a_group_and_comes_back(self, api: Api, simulation: Simulation) -> None:
        assert await api("leaveChat", chat_id=TEAM.id) is True
        told = await refused(api, "sendMessage", chat_id=TEAM.id, text="a")
        assert told == "Forbidden: bot is not a member of the supergroup chat"
        simulation.say(ADA, TEAM, "nobody listens")
        simulation.invite(ADA, TEAM)
        simulation.invite(ADA, ADA_CHAT)  # there is nothing to invite to
        simulation.say(ADA, TEAM, "welcome back")
        left, back, said = await api("getUpdates")
        assert left["my_chat_member"]["new_chat_member"]["status"] == "left"
        assert back["my_chat_member"]["new_chat_member"]["status"] == "administrator"
        assert said["message"]["text"] == "welcome back"

    async def test_a_private_chat_cannot_be_left(self, api: Api) -> None:
        assert "can't be changed in private chats" in await refused(api, "leaveChat", chat_id=1001)


class TestButtons:
    """Callback queries."""

    @pytest.fixture
    async def query(self, api: Api, simulation: Simulation) -> str:
        """The id of a query that waits."""
        await api("sendMessage", chat_id=1001, text="Sure?", reply_markup=KEYBOARD)
        return simulation.press(ADA, simulation.messages(ADA_CHAT)[-1], "yes")

    async def test_what_the_bot_hears(self, api: Api, query: str) -> None:
        (update,) = await api("getUpdates")
        pressed = update["callback_query"]
        assert (pressed["id"], pressed["data"], pressed["from"]["id"]) == (query, "yes", ADA.id)
        assert pressed["message"]["reply_markup"] == KEYBOARD

    async def test_it_is_answered_once(self, api: Api, simulation: Simulation, query: str) -> None:
        wanted = {"callback_query_id": query, "text": "Done", "show_alert": True}
        assert await api("answerCallbackQuery", **wanted) is True
        answer = simulation.answer(query)
        assert answer is not None
        assert (answer.text, answer.show_alert) == ("Done", True)
        assert "query is too old" in await refused(api, "answerCallbackQuery", **wanted)

    async def test_late_answers(self, api: Api, query: str, advance: Advance) -> None:
        advance(61)
        assert "query is too old" in await refused(api, "answerCallbackQuery", callback_query_id=query)

    async def test_long_answers(self, api: Api, query: str) -> None:
        told = await refused(api, "answerCallbackQuery", callback_query_id=query, text="a" * 201)
        assert told == "Bad Request: MESSAGE_TOO_LONG"

    @pytest.mark.usefixtures("query")
    async def test_only_what_is_there_can_be_pressed(self, simulation: Simulation) -> None:
        asked, message = simulation.messages(ADA_CHAT)
        for pressed, data in ((message, "no"), (asked, "yes")):
            with pytest.raises(ApiError, match="DATA_INVALID"):
                simulation.press(ADA, pressed, data)
        with pytest.raises(ApiError, match="CHAT_WRITE_FORBIDDEN"):
            simulation.press(BO, message, "yes")


class TestReactions:
    """Of people and of the bot."""

    async def test_a_person_reacts(self, api: Api, simulation: Simulation) -> None:
        await api("getUpdates", allowed_updates=["message_reaction"])
        message = simulation.messages(ADA_CHAT)[0]
        for emoji in ("👍", "👍", "❤️", None):
            simulation.react(ADA, message, emoji)
        changes = [update["message_reaction"] for update in await api("getUpdates")]
        seen = [
            [[item["emoji"] for item in change[side]] for side in ("old_reaction", "new_reaction")]
            for change in changes
        ]
        assert seen == [[[], ["👍"]], [["👍"], ["❤"]], [["❤"], []]]
        assert changes[0]["user"]["id"] == ADA.id

    async def test_the_bot_reacts(self, api: Api, simulation: Simulation) -> None:
        place = {"chat_id": 1001, "message_id": 1}
        assert await api("setMessageReaction", **place, reaction=[{"type": "emoji", "emoji": "👀"}]) is True
        assert simulation.messages(ADA_CHAT)[0].reactions == {BOT.id: "👀"}
        assert await api("setMessageReaction", **place) is True
        assert simulation.messages(ADA_CHAT)[0].reactions == {}

    @pytest.mark.parametrize(
        ("reaction", "complaint"),
        [
            ("a", "can't parse reaction"),
            (["👍"], "can't parse reaction types JSON object"),
            ([{"type": "emoji", "emoji": "🥑"}], "REACTION_INVALID"),
            ([{"type": "paid"}], "REACTION_INVALID"),
            ([{"type": "emoji", "emoji": "👍"}] * 2, "REACTIONS_TOO_MANY"),
        ],
    )
    async def test_refusals(self, api: Api, reaction: Any, complaint: str) -> None:
        told = await refused(api, "setMessageReaction", chat_id=1001, message_id=1, reaction=reaction)
        assert told.startswith(f"Bad Request: {complaint}")

    async def test_no_reaction_to_a_service_message(self, api: Api) -> None:
        told = await refused(
            api, "setMessageReaction", chat_id=TEAM.id, message_id=TRAVEL, reaction=[{"type": "emoji", "emoji": "👍"}]
        )
        assert told == "Bad Request: REACTION_INVALID"
