"""Replies on their way: stored first, sent in parts, each part once, whatever Telegram and the network do."""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import BadRequest, NetworkError

from bot import delivery
from bot.delivery import Delivery, payloads
from bot.dialogue import Button, Incoming, Person, Place, Reply, notice
from bot.richtext import LIMIT, Piece, Style, plain, utf16_length
from bot.simulator.limits import UNLIMITED
from bot.simulator.model import Chat, Message
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from storage.database import Database
from storage.records import AnswerKind, NewAnswer, NewMessage
from storage.repositories.answers import Answers
from tests.support.telegram import buttons, styled

PERSON = Person(ADA.id, ADA.first_name)
HERE = Incoming(PERSON, Place(ADA.id, "private"), "hello", telegram_id=1, update_id=7)
GROUP = Place(TEAM.id, "supergroup", "Team")
SHORT = notice("en", plain("short"))
LONG = notice("en", plain("word " * 2000), (Button("press", "sample:0"),))


class Post:
    """A delivery, and what arrives."""

    def __init__(self, server: SimulatorServer, database: Database, bot: Bot) -> None:
        self.server = server
        self.database = database
        self.delivery = Delivery(database, bot)

    def fail(self, times: int = 1, **fault: Any) -> None:
        self.server.call(self.server.simulation.faults.add, "sendMessage", times, **fault)

    def arrived(self, chat: Chat = ADA_CHAT) -> list[Message]:
        said = self.server.call(self.server.simulation.messages, chat)
        return [message for message in said if message.sender_id == BOT.id]

    def texts(self, chat: Chat = ADA_CHAT) -> list[str]:
        return [message.text for message in self.arrived(chat)]

    async def store(self, *parts: Mapping[str, Any]) -> int:
        """Store a reply to update 7 without sending it; its key."""
        answer = NewAnswer(AnswerKind.NOTICE, "en", "x", parts)
        async with self.database.write() as tx:
            return (await tx.answers.record(NewMessage(ADA.id, "hello", update_id=7), None, answer)).id

    async def sent(self, update_id: int = 7) -> bool:
        async with self.database.read() as tx:
            answer = await tx.answers.of_update(update_id)
        assert answer is not None
        return answer.sent


def part(text: str, **fields: Any) -> dict[str, Any]:
    return {"html": text, "plain": text, "buttons": [], "thread_id": None, "reply_to": None} | fields


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_FIRST_DELAY", 0.005)
    monkeypatch.setattr(delivery, "_DELAY_MOST", 0.01)


@pytest.fixture
async def post(sqlite: Database) -> AsyncIterator[Post]:
    async with sqlite.write() as tx:
        for chat in (ADA_CHAT, BO_CHAT, TEAM):
            await tx.people.see_chat(chat.id, chat.type, "")
        for person in (ADA, BO):
            await tx.people.see_user(person.id, person.first_name, None)
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        for person, chat in ((ADA, ADA_CHAT), (BO, BO_CHAT)):
            server.call(server.simulation.say, person, chat, "hello")
        async with Bot(TOKEN, base_url=f"{server.api_url}/bot") as bot:
            yield Post(server, sqlite, bot)


async def test_a_long_reply_takes_several_messages_with_the_buttons_under_the_last(post: Post) -> None:
    await post.delivery.send(HERE, LONG)
    arrived = post.arrived()
    assert " ".join(message.text for message in arrived).split() == ["word"] * 2000
    assert [buttons(message) for message in arrived] == [[], [], [["press"]]]
    assert await post.sent()


async def test_a_style_goes_on_over_the_messages(post: Post) -> None:
    await post.delivery.send(HERE, notice("en", (Piece("粗" * 5000, Style.BOLD),)))
    assert [styled(message, "bold") for message in post.arrived()] == [["粗" * LIMIT], ["粗" * (5000 - LIMIT)]]


async def test_what_people_and_documents_wrote_is_no_markup(post: Post) -> None:
    await post.delivery.send(HERE, notice("en", plain('<b>&amp; "x" </a>')))
    assert post.texts() == ['<b>&amp; "x" </a>']
    assert post.arrived()[0].entities == ()


async def test_only_the_first_message_quotes_the_question(post: Post) -> None:
    asked = post.server.call(post.server.simulation.say, ADA, TEAM, "@dawen_bot hello")
    await post.delivery.send(replace(HERE, place=GROUP, telegram_id=asked.message_id), LONG)
    assert [message.reply_to_message_id for message in post.arrived(TEAM)] == [asked.message_id, None, None]


async def test_a_question_that_was_deleted_is_answered_without_a_quote(post: Post) -> None:
    await post.delivery.send(replace(HERE, place=replace(GROUP, thread_id=TRAVEL), telegram_id=9999), SHORT)
    assert [(m.reply_to_message_id, m.message_thread_id) for m in post.arrived(TEAM)] == [(None, TRAVEL)]


async def test_html_that_telegram_does_not_understand_is_sent_plain(post: Post) -> None:
    await post.store(part("<b>bold", plain="bold", buttons=[[["press", "sample:0"]]]))
    assert await post.delivery.resume(7)
    assert post.texts() == ["bold"]
    assert buttons(post.arrived()[0]) == [["press"]]


async def test_the_bot_waits_as_long_as_telegram_asks(post: Post) -> None:
    post.fail(status=429, retry_after=1)
    began = time.monotonic()
    await post.delivery.send(HERE, SHORT)
    assert time.monotonic() - began >= 1
    assert post.texts() == ["short"]


@pytest.mark.parametrize("fault", [{"status": status} for status in (401, 403, 409, 500, 502)] + [{"drop": "before"}])
async def test_trouble_is_outlasted_and_the_reply_sent_once(post: Post, fault: dict[str, Any]) -> None:
    post.fail(8, **fault)
    await post.delivery.send(HERE, SHORT)
    assert post.texts() == ["short"]
    assert await post.sent()


async def test_who_has_blocked_the_bot_is_not_written_to_again(post: Post) -> None:
    post.server.call(post.server.simulation.block, ADA)
    await post.delivery.send(HERE, SHORT)
    assert await post.sent()
    post.server.call(post.server.simulation.unblock, ADA)
    assert post.texts() == []


async def test_what_was_sent_is_marked_as_soon_as_the_database_can_and_not_sent_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, failures = Answers.mark_delivered, iter([True, True, False])

    async def fail_at_first(answers: Answers, *given: int) -> None:
        if next(failures):
            raise OSError("disk full")
        await mark(answers, *given)

    monkeypatch.setattr(Answers, "mark_delivered", fail_at_first)
    await post.delivery.send(HERE, SHORT)
    assert post.texts() == ["short"]
    async with post.database.read() as tx:
        answer = await tx.answers.of_update(7)
        assert answer is not None
        assert [part.telegram_id for part in await tx.answers.deliveries(answer.id)] == [post.arrived()[0].message_id]


async def test_a_lost_confirmation_repeats_that_message_and_no_other(post: Post) -> None:
    await post.store(part("one"), part("two"), part("three"))
    post.fail()
    post.fail(drop="after")
    await post.delivery.resume(7)
    assert post.texts() == ["one", "two", "two", "three"]


async def test_what_was_given_up_stays_stored_and_is_sent_later(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_ATTEMPTS", 3)
    post.fail(3, status=500)
    with pytest.raises(NetworkError):
        await post.delivery.send(HERE, SHORT)
    assert not await post.sent()
    assert await post.delivery.resume(7)
    assert post.texts() == ["short"]


async def test_resuming_sends_only_what_is_missing(post: Post) -> None:
    key = await post.store(part("one"), part("two"), part("three"))
    async with post.database.write() as tx:
        await tx.answers.mark_delivered(key, 0, 100)
    for _ in range(2):
        assert await post.delivery.resume(7)
    assert post.texts() == ["two", "three"]


async def test_there_is_nothing_to_resume_for_a_new_update(post: Post) -> None:
    assert not await post.delivery.resume(7)


async def test_who_has_blocked_the_bot_gets_nothing_and_holds_up_nobody(post: Post) -> None:
    post.server.call(post.server.simulation.block, ADA)
    await post.delivery.send(HERE, LONG)
    await post.delivery.send(Incoming(Person(BO.id, "Bo"), Place(BO.id, "private"), "hi", update_id=8), SHORT)
    post.server.call(post.server.simulation.unblock, ADA)
    assert await post.delivery.resume(7)
    assert (post.texts(), post.texts(BO_CHAT)) == ([], ["short"])
    assert await post.sent()


async def test_a_refusal_is_raised_and_the_reply_stays_unsent(post: Post) -> None:
    await post.store(part("lost", thread_id=77))
    with pytest.raises(BadRequest, match="thread not found"):
        await post.delivery.resume(7)
    assert not await post.sent()


async def test_each_message_is_remembered_by_its_number(post: Post) -> None:
    await post.delivery.send(HERE, LONG)
    async with post.database.read() as tx:
        found = [await tx.answers.of_telegram_message(ADA.id, message.message_id) for message in post.arrived()]
    assert len({answer.id for answer in found if answer}) == 1
    assert None not in found


styles = st.sampled_from(list(Style))
pieces = st.lists(st.builds(Piece, st.text(alphabet="a <&。\n😀👨‍👩‍👧", max_size=3000), styles), max_size=5).map(tuple)
places = st.sampled_from([HERE.place, GROUP, replace(GROUP, thread_id=TRAVEL)])


@given(pieces, places, st.booleans())
def test_payloads_fit_join_to_the_whole_and_end_with_the_buttons(text: Any, place: Place, votable: bool) -> None:
    reply = Reply(AnswerKind.ANSWER, "en", text, votable=votable)
    parts = payloads(replace(HERE, place=place), reply)
    assert "".join(item["plain"] for item in parts) == reply.plain
    assert all(utf16_length(item["plain"]) <= LIMIT for item in parts)
    assert [bool(item["buttons"]) for item in parts] == [False] * (len(parts) - 1) + [votable]
    assert [item["reply_to"] for item in parts] == [1 if place.is_group else None] + [None] * (len(parts) - 1)
    assert {item["thread_id"] for item in parts} == {place.thread_id}
