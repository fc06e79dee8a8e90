"""From Telegram's objects to ours: what was said, by whom, where, and whether it was meant for the bot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message, Update

from bot.dialogue import Person, Place
from bot.handlers.reading import cut_utf16, incoming_of, is_addressed, said_to
from bot.richtext import utf16_length

NAME = "dawen_bot"
GROUP = {"id": -5, "type": "supergroup", "title": "Team", "is_forum": True}
ADA = {"id": 1, "is_bot": False, "first_name": "Ada", "last_name": "L", "language_code": "en"}
BOT = {"id": 9, "is_bot": True, "first_name": "Dawen", "username": NAME}


def message(text: str, *entities: tuple[str, int, int], **fields: Any) -> Message:
    marks = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]
    base = {"message_id": 7, "date": 0, "chat": GROUP, "from": ADA, "text": text, "entities": marks}
    return Message.de_json(base | fields, None)


@pytest.mark.parametrize(
    ("text", "entities", "said"),
    [
        ("plain", [], "plain"),
        ("/ask why", [("bot_command", 0, 4)], "why"),
        ("/ask@dawen_bot why", [("bot_command", 0, 14)], "why"),
        ("/ask", [("bot_command", 0, 4)], ""),
        ("why /ask", [("bot_command", 4, 4)], "why /ask"),
        ("@dawen_bot why", [("mention", 0, 10)], "why"),
        ("👍👍 @DAWEN_BOT why", [("mention", 5, 10)], "👍👍  why"),
        ("@dawen_bot and @dawen_bot", [("mention", 0, 10), ("mention", 15, 10)], "and"),
        ("@somebody why", [("mention", 0, 9)], "@somebody why"),
        ("/ask @dawen_bot 为什么", [("bot_command", 0, 4), ("mention", 5, 10)], "为什么"),
    ],
)
def test_what_was_said_is_what_remains_without_the_address(
    text: str, entities: list[tuple[str, int, int]], said: str
) -> None:
    assert said_to(message(text, *entities), NAME) == said


def test_a_caption_is_read_like_a_text() -> None:
    photo = message("", caption="@dawen_bot why", caption_entities=[{"type": "mention", "offset": 0, "length": 10}])
    assert said_to(photo, NAME) == "why"
    assert is_addressed(photo, 9, NAME)


@given(st.text(), st.text(), st.text())
def test_a_cut_counts_as_telegram_does(before: str, middle: str, after: str) -> None:
    assert cut_utf16(before + middle + after, utf16_length(before), utf16_length(middle)) == before + after


@pytest.mark.parametrize(
    ("said", "addressed"),
    [
        (message("why"), False),
        (message("why", chat={"id": 1, "type": "private"}), True),
        (message("@dawen_bot why", ("mention", 0, 10)), True),
        (message("@dawen_bot", ("code", 0, 10)), False),
        (message("@dawen_bots", ("mention", 0, 11)), False),
        (message("why", reply_to_message={"message_id": 1, "date": 0, "chat": GROUP, "from": BOT}), True),
        (message("why", reply_to_message={"message_id": 1, "date": 0, "chat": GROUP, "from": ADA}), False),
        (message("why", reply_to_message={"message_id": 1, "date": 0, "chat": GROUP}), False),
    ],
)
def test_meant_for_the_bot_in_private_by_mention_or_by_reply(said: Message, addressed: bool) -> None:
    assert is_addressed(said, 9, NAME) is addressed


def test_a_message_is_read_whole() -> None:
    quoted = {"message_id": 1, "date": 0, "chat": GROUP, "from": ADA, "caption": "the article"}
    said = message("why", reply_to_message=quoted, message_thread_id=2, is_topic_message=True)
    incoming = incoming_of(Update(3, message=said), NAME)
    assert incoming is not None
    assert incoming.person == Person(1, "Ada L", "en")
    assert incoming.place == Place(-5, "supergroup", "Team", 2)
    assert (incoming.text, incoming.quoted) == ("why", "the article")
    assert (incoming.telegram_id, incoming.update_id) == (7, 3)


def test_a_thread_of_replies_is_no_topic() -> None:
    incoming = incoming_of(Update(3, message=message("why", message_thread_id=2)), NAME)
    assert incoming is not None
    assert incoming.place.thread_id is None


def test_nobody_speaks_in_an_update_without_a_person() -> None:
    assert incoming_of(Update(3, channel_post=message("news", **{"from": None})), NAME) is None
    assert incoming_of(Update(3), NAME) is None
