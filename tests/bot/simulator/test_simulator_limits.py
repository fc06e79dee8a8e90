"""Flood limits."""

from collections.abc import Callable

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.limits import UNLIMITED, FloodGate, Limits
from bot.simulator.model import Message
from bot.simulator.people import ADA_CHAT, BO_CHAT, BOT, TEAM
from tests.bot.simulator.conftest import Advance, Api


@pytest.fixture
def gate(moment: list[float]) -> FloodGate:
    return FloodGate(Limits(), lambda: moment[0])


def wait_of(action: Callable[[], None]) -> int:
    """The seconds that the refusal of `action` asks to wait."""
    with pytest.raises(ApiError) as refused:
        action()
    seconds = refused.value.parameters["retry_after"]
    assert refused.value.code == 429
    assert refused.value.description == f"Too Many Requests: retry after {seconds}"
    return seconds


def test_a_person_gets_a_burst_and_then_one_a_second(gate: FloodGate, advance: Advance) -> None:
    for _ in range(20):
        gate.send(ADA_CHAT)
    assert wait_of(lambda: gate.send(ADA_CHAT)) == 1
    advance(1)
    gate.send(ADA_CHAT)
    assert wait_of(lambda: gate.send(ADA_CHAT)) == 1


def test_a_refused_message_costs_nothing(gate: FloodGate, advance: Advance) -> None:
    for _ in range(20):
        gate.send(ADA_CHAT)
    for _ in range(100):
        wait_of(lambda: gate.send(ADA_CHAT))
    advance(1)
    gate.send(ADA_CHAT)


def test_one_person_does_not_slow_down_another(gate: FloodGate) -> None:
    for _ in range(20):
        gate.send(ADA_CHAT)
    for _ in range(10):
        gate.send(BO_CHAT)


def test_a_group_gets_twenty_a_minute(gate: FloodGate, advance: Advance) -> None:
    for _ in range(20):
        gate.send(TEAM)
    assert wait_of(lambda: gate.send(TEAM)) == 3
    advance(60)
    for _ in range(20):
        gate.send(TEAM)


def test_all_chats_together_get_thirty_a_second(gate: FloodGate, advance: Advance) -> None:
    for _ in range(15):
        gate.send(ADA_CHAT)
        gate.send(BO_CHAT)
    assert wait_of(lambda: gate.send(TEAM)) == 1
    advance(0.1)
    gate.send(TEAM)


def test_a_message_can_be_edited_five_times_and_then_once_a_second(gate: FloodGate, advance: Advance) -> None:
    first, second = (Message(chat_id=1001, message_id=number, sender_id=BOT.id, date=0) for number in (1, 2))
    for _ in range(5):
        gate.edit(first)
    assert wait_of(lambda: gate.edit(first)) == 1
    gate.edit(second)
    advance(2)
    gate.edit(first)
    gate.edit(first)


def test_without_limits_nothing_is_refused(moment: list[float]) -> None:
    gate = FloodGate(UNLIMITED, lambda: moment[0])
    for _ in range(1000):
        gate.send(TEAM)
        gate.send(ADA_CHAT)


@pytest.mark.usefixtures("simulation")
async def test_the_api_tells_how_long_to_wait(api: Api) -> None:
    for number in range(20):
        await api("sendMessage", chat_id=TEAM.id, text=str(number))
    with pytest.raises(ApiError) as refused:
        await api("sendMessage", chat_id=TEAM.id, text="one too many")
    assert refused.value.parameters == {"retry_after": 3}


@pytest.mark.usefixtures("simulation")
async def test_copies_forwards_and_files_count_too(api: Api) -> None:
    sent = await api("sendMessage", chat_id=TEAM.id, text="a")
    place = {"chat_id": TEAM.id, "from_chat_id": TEAM.id, "message_id": sent["message_id"]}
    for _ in range(19):
        await api("copyMessage", **place)
    for method in ("copyMessage", "forwardMessage", "sendMessage"):
        with pytest.raises(ApiError, match="Too Many Requests"):
            await api(method, text="a", **place)


@pytest.mark.usefixtures("simulation")
async def test_edits_count_by_themselves(api: Api) -> None:
    sent = await api("sendMessage", chat_id=1001, text="0")
    for number in range(1, 6):
        await api("editMessageText", chat_id=1001, message_id=sent["message_id"], text=str(number))
    with pytest.raises(ApiError, match="Too Many Requests: retry after 1"):
        await api("editMessageText", chat_id=1001, message_id=sent["message_id"], text="6")
    await api("sendMessage", chat_id=1001, text="sending still works")
