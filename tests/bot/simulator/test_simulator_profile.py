"""What the bot says about itself: commands, name, descriptions, menu button."""

from typing import Any

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM
from bot.simulator.simulation import Simulation
from tests.bot.simulator.conftest import Api

pytestmark = pytest.mark.usefixtures("simulation")


def menu(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": name.title()} for name in names]


async def test_the_bot(api: Api) -> None:
    me = await api("getMe")
    assert (me["id"], me["is_bot"], me["username"], me["can_join_groups"]) == (9001, True, "dawen_bot", True)
    assert await api("logOut") is True
    assert await api("close") is True


class TestCommands:
    """By scope and language."""

    async def test_each_scope_and_language_has_its_own(self, api: Api) -> None:
        await api("setMyCommands", commands=menu("a"))
        await api("setMyCommands", commands=menu("b"), language_code="zh")
        await api("setMyCommands", commands=menu("c"), scope={"type": "chat", "chat_id": 1001})
        assert await api("getMyCommands") == menu("a")
        assert await api("getMyCommands", language_code="zh") == menu("b")
        assert await api("getMyCommands", scope={"type": "chat", "chat_id": 1001}) == menu("c")
        assert await api("getMyCommands", language_code="fr") == []
        assert await api("deleteMyCommands") is True
        assert await api("getMyCommands") == []

    async def test_people_see_the_narrowest_in_their_language(self, api: Api, simulation: Simulation) -> None:
        def seen() -> list[str]:
            places = ((ADA, ADA_CHAT), (BO, BO_CHAT), (ADA, TEAM), (BO, TEAM))
            return [" ".join(one.command for one in simulation.commands(*place)) for place in places]

        assert seen() == ["", "", "", ""]
        steps: list[tuple[str, str, dict[str, Any], list[str]]] = [
            ("every", "", {"type": "default"}, ["every", "every", "every", "every"]),
            ("han", "zh", {"type": "default"}, ["every", "han", "every", "han"]),
            ("private", "", {"type": "all_private_chats"}, ["private", "private", "every", "han"]),
            ("mine", "", {"type": "chat", "chat_id": 1001}, ["mine", "private", "every", "han"]),
            ("groups", "", {"type": "all_group_chats"}, ["mine", "private", "groups", "groups"]),
            ("leaders", "", {"type": "all_chat_administrators"}, ["mine", "private", "leaders", "groups"]),
            ("team", "", {"type": "chat", "chat_id": TEAM.id}, ["mine", "private", "team", "team"]),
            ("heads", "", {"type": "chat_administrators", "chat_id": TEAM.id}, ["mine", "private", "heads", "team"]),
            (
                "bo",
                "",
                {"type": "chat_member", "chat_id": TEAM.id, "user_id": 1002},
                ["mine", "private", "heads", "bo"],
            ),
        ]
        for name, language, scope, expected in steps:
            await api("setMyCommands", commands=menu(name), scope=scope, language_code=language)
            assert seen() == expected

    @pytest.mark.parametrize(
        ("parameters", "complaint"),
        [
            ({}, "expected an Array of BotCommand"),
            ({"commands": ["a"]}, "expected an Object"),
            ({"commands": menu("Upper")}, "BOT_COMMAND_INVALID"),
            ({"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
            ({"commands": menu("a") * 101}, "too many commands specified"),
            ({"commands": menu("a"), "language_code": "zh-hans"}, "invalid language code specified"),
            ({"commands": menu("a"), "scope": {"type": "galaxy"}}, "unsupported type specified"),
            ({"commands": menu("a"), "scope": "[1]"}, "can't parse BotCommandScope"),
            ({"commands": menu("a"), "scope": {"type": "chat", "chat_id": 7}}, "chat not found"),
        ],
    )
    async def test_refusals(self, api: Api, parameters: dict[str, Any], complaint: str) -> None:
        with pytest.raises(ApiError, match=complaint):
            await api("setMyCommands", **parameters)


@pytest.mark.parametrize(
    ("field", "method", "limit"),
    [("name", "Name", 64), ("description", "Description", 512), ("short_description", "ShortDescription", 120)],
)
async def test_texts_by_language(api: Api, field: str, method: str, limit: int) -> None:
    await api(f"setMy{method}", **{field: "plain"})
    await api(f"setMy{method}", **{field: "中文", "language_code": "zh"})
    assert await api(f"getMy{method}") == {field: "plain"}
    assert await api(f"getMy{method}", language_code="zh") == {field: "中文"}
    assert await api(f"getMy{method}", language_code="fr") == {field: "plain"}
    with pytest.raises(ApiError, match="is too long"):
        await api(f"setMy{method}", **{field: "a" * (limit + 1)})


async def test_a_new_name_is_seen_everywhere(api: Api) -> None:
    assert await api("getMyName") == {"name": "Dawen 答问"}
    await api("setMyName", name="Wenda")
    assert (await api("getMe"))["first_name"] == "Wenda"
    assert (await api("sendMessage", chat_id=1001, text="a"))["from"]["first_name"] == "Wenda"


async def test_the_menu_button(api: Api) -> None:
    app = {"type": "web_app", "text": "Open", "web_app": {"url": "https://a.org"}}
    assert await api("getChatMenuButton") == {"type": "commands"}
    await api("setChatMenuButton", menu_button=app)
    assert await api("getChatMenuButton", chat_id=1001) == app
    await api("setChatMenuButton", chat_id=1001, menu_button={"type": "commands"})
    assert await api("getChatMenuButton", chat_id=1001) == {"type": "commands"}
    await api("setChatMenuButton", chat_id=1001)
    assert await api("getChatMenuButton", chat_id=1001) == app
    with pytest.raises(ApiError, match="chat not found"):
        await api("setChatMenuButton", chat_id=TEAM.id)
    with pytest.raises(ApiError, match="can't parse menu button"):
        await api("setChatMenuButton", menu_button={"type": "round"})
