"""The journal: what happened survives a restart, and nothing is numbered twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.limits import Limits
from bot.simulator.methods import find_method
from bot.simulator.model import Message
from bot.simulator.parameters import Parameters, Upload
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM, TRAVEL
from bot.simulator.simulation import Simulation


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "chat.jsonl"


def call(simulation: Simulation, method: str, **parameters: Any) -> Any:
    """A method of the Bot API, without HTTP."""
    return find_method(method)(simulation.world, Parameters(parameters))


def updates(simulation: Simulation) -> list[dict[str, Any]]:
    return [update.json_object() for update in simulation.world.state.updates.values()]


def test_messages_are_there_after_a_restart(path: Path) -> None:
    first = Simulation(path)
    asked = first.say(ADA, ADA_CHAT, "what is this? @dawen_bot")
    sent = call(first, "sendMessage", chat_id=1001, text="<b>a bot</b>", parse_mode="HTML")
    first.react(ADA, first.messages(ADA_CHAT)[-1], "👍")
    first.say(BO, TEAM, "hi", topic=TRAVEL)
    second = Simulation(path)
    for chat in (ADA_CHAT, BO_CHAT, TEAM):
        assert second.messages(chat) == first.messages(chat)
    assert second.current(asked) == asked
    answer = second.messages(ADA_CHAT)[-1]
    assert (answer.message_id, answer.reactions) == (sent["message_id"], {ADA.id: "👍"})


def test_updates_wait_until_they_are_confirmed(path: Path) -> None:
    first = Simulation(path)
    for text in ("one", "two", "three"):
        first.say(ADA, ADA_CHAT, text)
    ids = list(first.world.state.updates)
    call(first, "deleteWebhook")
    second = Simulation(path)
    assert updates(second) == updates(first)
    call(second, "setWebhook", url="", drop_pending_updates=True)
    third = Simulation(path)
    assert updates(third) == []
    third.say(ADA, ADA_CHAT, "four")
    assert list(third.world.state.updates) == [ids[-1] + 1]


def test_no_message_id_is_used_twice(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "hello")
    sent = call(first, "sendMessage", chat_id=1001, text="answer")
    call(first, "deleteMessage", chat_id=1001, message_id=sent["message_id"])
    second = Simulation(path)
    assert second.say(ADA, ADA_CHAT, "again").message_id == sent["message_id"] + 1


def test_settings_of_the_bot_last(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "hello")
    call(first, "setMyCommands", commands=[{"command": "help", "description": "Help"}])
    call(first, "setMyDescription", description="A bot", language_code="en")
    call(first, "setChatMenuButton", chat_id=1001, menu_button={"type": "commands"})
    call(first, "createForumTopic", chat_id=TEAM.id, name="Food")
    call(first, "setWebhook", url="http://127.0.0.1:1/hook", secret_token="s", allowed_updates=["message"])
    second = Simulation(path)
    for field in ("commands", "profile", "menu_buttons", "webhook", "allowed_updates", "messages"):
        assert getattr(second.world.state, field) == getattr(first.world.state, field)
    assert [topic.opened_topic.name for topic in second.world.state.topics(TEAM) if topic.opened_topic] == [
        "Travel 差旅",
        "Food",
    ]


def test_standing_in_chats_lasts(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "hello")
    first.block(ADA)
    second = Simulation(path)
    with pytest.raises(ApiError, match="Forbidden: bot was blocked by the user"):
        call(second, "sendMessage", chat_id=1001, text="hello?")
    second.unblock(ADA)
    assert call(Simulation(path), "sendMessage", chat_id=1001, text="hello!")["text"] == "hello!"


def test_pins_and_pressed_buttons_last(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "hello")
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    sent = call(first, "sendMessage", chat_id=1001, text="press", reply_markup=keyboard)
    call(first, "pinChatMessage", chat_id=1001, message_id=sent["message_id"])
    query_id = first.press(ADA, first.messages(ADA_CHAT)[1], "a")
    second = Simulation(path)
    assert call(second, "getChat", chat_id=1001)["pinned_message"]["text"] == "press"
    assert call(second, "answerCallbackQuery", callback_query_id=query_id, text="ok") is True
    third = Simulation(path)
    answer = third.answer(query_id)
    assert answer is not None
    assert answer.text == "ok"
    with pytest.raises(ApiError, match="query is too old"):
        call(third, "answerCallbackQuery", callback_query_id=query_id)


def test_files_lie_beside_the_journal(path: Path) -> None:
    first = Simulation(path)
    message = first.send_file(ADA, ADA_CHAT, "notes.txt", b"text", caption="mine")
    second = Simulation(path)
    restored = second.current(message)
    assert restored is not None
    assert restored.file_id is not None
    file = second.world.state.files[restored.file_id]
    assert second.world.files.read(file) == b"text"
    assert (path.parent / "chat.files" / file.path).read_bytes() == b"text"


def test_a_file_that_somebody_removed_is_missing_and_nothing_else(path: Path) -> None:
    first = Simulation(path)
    file = first.world.files.add(Upload("a.txt", b"a"))
    (path.parent / "chat.files" / file.path).unlink()
    assert first.world.files.read(file) is None


@pytest.mark.parametrize("torn", [b'[{"kind": "mess', b"[", b"\xe4\xbd"])
def test_a_torn_last_line_never_happened(path: Path, torn: bytes) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "whole")
    content = path.read_bytes()
    path.write_bytes(content + torn)
    second = Simulation(path)
    assert second.messages(ADA_CHAT) == first.messages(ADA_CHAT)
    second.say(ADA, ADA_CHAT, "next")
    assert [message.text for message in Simulation(path).messages(ADA_CHAT)] == ["whole", "next"]


def test_a_whole_line_without_its_end_is_torn_too(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "one")
    first.say(ADA, ADA_CHAT, "two")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert [message.text for message in Simulation(path).messages(ADA_CHAT)] == ["one"]


def test_a_damaged_line_is_named(path: Path) -> None:
    first = Simulation(path)
    first.say(ADA, ADA_CHAT, "one")
    path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(ValueError, match=r"line 1 of .*chat\.jsonl' is not an entry of a journal"):
        Simulation(path)


def test_what_happens_at_once_is_one_line(path: Path) -> None:
    Simulation(path).say(ADA, ADA_CHAT, "hello")
    (line,) = path.read_text().splitlines()
    assert [event["kind"] for event in json.loads(line)] == ["message", "update"]


def test_drafts_and_actions_are_not_written_down(path: Path) -> None:
    simulation = Simulation(path)
    simulation.say(ADA, ADA_CHAT, "hello")
    before = path.read_bytes()
    call(simulation, "sendMessageDraft", chat_id=1001, draft_id=1, text="so")
    call(simulation, "sendChatAction", chat_id=1001, action="typing")
    assert path.read_bytes() == before


def test_without_a_journal_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Simulation().send_file(ADA, ADA_CHAT, "a.txt", b"a")
    assert list(tmp_path.iterdir()) == []
    assert Simulation().messages(ADA_CHAT) == []


def test_a_thrown_away_journal_does_not_bring_old_update_ids_back(path: Path) -> None:
    old = Simulation(path, clock=lambda: 1_000.0)
    for _ in range(10):
        old.say(ADA, ADA_CHAT, "hello")
    newest = max(old.world.state.updates)
    path.unlink()
    new = Simulation(path, clock=lambda: 2_000.0)
    new.say(ADA, ADA_CHAT, "hello")
    assert min(new.world.state.updates) > newest


def test_every_field_of_a_message_survives(path: Path) -> None:
    first = Simulation(path, limits=Limits())
    asked = first.say(BO, TEAM, "hi", topic=TRAVEL)
    replied = first.say(ADA, TEAM, "yes", topic=TRAVEL, reply_to=asked, forward_from=BO)
    edited = first.edit(BO, asked, "hi there")
    second = Simulation(path)
    for message in (replied, edited):
        restored = second.current(message)
        assert isinstance(restored, Message)
        assert restored == message
