"""getUpdates."""

import asyncio
from typing import Any

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM
from bot.simulator.simulation import Simulation
from tests.bot.simulator.conftest import Advance, Api


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


@pytest.fixture
def three(simulation: Simulation) -> list[int]:
    """The ids of three updates that wait."""
    for text in ("one", "two", "three"):
        simulation.say(ADA, ADA_CHAT, text)
    return list(simulation.world.state.updates)


async def test_ids_grow_by_one(api: Api, three: list[int]) -> None:
    updates = await api("getUpdates")
    assert [update["update_id"] for update in updates] == three == list(range(three[0], three[0] + 3))
    assert texts(updates) == ["one", "two", "three"]


async def test_what_is_not_confirmed_comes_again(api: Api, three: list[int]) -> None:
    assert len(await api("getUpdates")) == 3
    assert len(await api("getUpdates")) == 3
    assert len(await api("getUpdates", offset=three[0])) == 3


async def test_an_offset_confirms_for_good(api: Api, three: list[int]) -> None:
    assert texts(await api("getUpdates", offset=three[1])) == ["two", "three"]
    assert texts(await api("getUpdates", offset=0)) == ["two", "three"]
    assert await api("getUpdates", offset=three[2] + 1) == []
    assert await api("getUpdates") == []


async def test_an_offset_far_ahead_confirms_everything(api: Api, three: list[int], simulation: Simulation) -> None:
    assert await api("getUpdates", offset=three[2] + 1000) == []
    simulation.say(ADA, ADA_CHAT, "four")
    (update,) = await api("getUpdates")
    assert update["update_id"] == three[2] + 1


@pytest.mark.parametrize(("offset", "left"), [(-1, ["three"]), (-2, ["two", "three"]), (-9, ["one", "two", "three"])])
@pytest.mark.usefixtures("three")
async def test_a_negative_offset_keeps_the_last(api: Api, offset: int, left: list[str]) -> None:
    assert texts(await api("getUpdates", offset=offset)) == left
    assert texts(await api("getUpdates")) == left


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (2, 2), (100, 100), (0, 1), (1000, 100), (None, 100), ("x", 100)])
async def test_limit(api: Api, simulation: Simulation, limit: Any, count: int) -> None:
    for number in range(101):
        simulation.say(ADA, ADA_CHAT, str(number))
    assert len(await api("getUpdates", limit=limit)) == count


async def test_a_long_poll_answers_at_once(api: Api, simulation: Simulation) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=50))
    await asyncio.sleep(0.02)
    assert not poll.done()
    simulation.say(BO, BO_CHAT, "news")
    assert texts(await asyncio.wait_for(poll, 0.5)) == ["news"]


@pytest.mark.usefixtures("simulation")
async def test_without_a_timeout_there_is_no_waiting(api: Api) -> None:
    assert await asyncio.wait_for(api("getUpdates", timeout=-5), 0.5) == []


async def test_a_second_request_ends_the_first(api: Api, simulation: Simulation) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=50))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(api("getUpdates", timeout=50))
    with pytest.raises(ApiError) as conflict:
        await asyncio.wait_for(first, 0.5)
    told = "terminated by other getUpdates request; make sure that only one bot instance is running"
    assert (conflict.value.code, conflict.value.description) == (409, f"Conflict: {told}")
    simulation.say(ADA, ADA_CHAT, "for the second")
    assert texts(await asyncio.wait_for(second, 0.5)) == ["for the second"]


async def test_by_default_reactions_are_not_asked_for(api: Api, simulation: Simulation) -> None:
    message = simulation.say(ADA, ADA_CHAT, "hi")
    simulation.react(ADA, message, "👍")
    assert [set(update) - {"update_id"} for update in await api("getUpdates")] == [{"message"}]


async def test_allowed_updates_hold_for_what_comes_later(api: Api, simulation: Simulation) -> None:
    message = simulation.say(ADA, ADA_CHAT, "before")
    await api("getUpdates", allowed_updates=["message_reaction"])
    simulation.say(ADA, ADA_CHAT, "not wanted")
    simulation.react(ADA, message, "👍")
    updates = await api("getUpdates")  # remembered without being said again
    assert [set(update) - {"update_id"} for update in updates] == [{"message"}, {"message_reaction"}]
    simulation.edit(ADA, message, "still not wanted")
    await api("getUpdates", allowed_updates="[]")
    simulation.say(ADA, ADA_CHAT, "wanted by default")
    assert texts((await api("getUpdates"))[2:]) == ["wanted by default"]


@pytest.mark.usefixtures("simulation")
async def test_allowed_updates_must_be_a_list(api: Api) -> None:
    with pytest.raises(ApiError, match="can't parse allowed_updates"):
        await api("getUpdates", allowed_updates={"a": 1})


async def test_updates_are_kept_for_a_day(api: Api, simulation: Simulation, advance: Advance) -> None:
    simulation.say(ADA, ADA_CHAT, "old")
    advance(24 * 3600 - 1)
    simulation.say(ADA, ADA_CHAT, "new")
    assert texts(await api("getUpdates")) == ["old", "new"]
    advance(2)
    assert texts(await api("getUpdates")) == ["new"]


async def test_the_bot_hears_nothing_of_its_own_messages(api: Api, simulation: Simulation) -> None:
    simulation.say(ADA, TEAM, "hi")
    await api("sendMessage", chat_id=TEAM.id, text="hello")
    assert texts(await api("getUpdates")) == ["hi"]


@pytest.mark.usefixtures("three")
async def test_pending_updates_can_be_dropped(api: Api) -> None:
    assert (await api("getWebhookInfo"))["pending_update_count"] == 3
    assert await api("deleteWebhook") is True
    assert (await api("getWebhookInfo"))["pending_update_count"] == 3
    assert await api("deleteWebhook", drop_pending_updates=True) is True
    assert await api("getUpdates") == []
