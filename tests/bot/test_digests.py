"""Digests of a group's talk."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import summary_texts as texts
from bot.app import App
from bot.dialogue import Incoming, Person, Place
from storage.records import AnswerKind, Said

GROUP = -50
TALK = [
    (1, "Ada", "The new printer will be delivered on Friday morning at the front door."),
    (2, "小博", "打印机周五上午送到，谁在门口接一下？"),
    (1, "Ada", "ok"),
    (3, "Cy", "I can receive the printer on Friday, I am at the front door from nine."),
    (3, "Cy", "Nice weather by the way."),
]


def said(number: int, person: Person, text: str, thread: int | None = None, kind: str = "supergroup") -> Incoming:
    return Incoming(person, Place(GROUP, kind, "Team", thread), text, telegram_id=number)


ASK = said(900, Person(1, "Ada"), "")


@pytest.fixture
async def group(app: App) -> App:
    """A group that keeps its talk, and has some."""
    async with app.database.write() as tx:
        await tx.people.see_chat(GROUP, "supergroup", "Team")
    await app.digests.switch(ASK, "en", on=True)
    for number, (person, name, text) in enumerate(TALK, 1):
        await app.digests.hear(said(number, Person(person, name), text))
    return app


async def digest(app: App, text: str = "", thread: int | None = None) -> str:
    return (await app.digests.respond(said(900, Person(1, "Ada"), text, thread), "en")).plain


async def test_a_digest_is_the_telling_messages_with_who_said_them(group: App) -> None:
    reply = await group.digests.respond(ASK, "en")
    assert reply.kind is AnswerKind.SUMMARY
    assert reply.plain.startswith("Digest: 5 messages of 3 people")
    assert "• Ada: The new printer will be delivered on Friday morning" in reply.plain
    assert "• Ada: ok" not in reply.plain
    assert (await group.digests.respond(ASK, "zh")).plain.startswith("群聊摘要：3 人的 5 条消息")


async def test_only_so_many_messages_are_read(group: App) -> None:
    assert (await digest(group, "1")).startswith("Digest: 1 messages of 1 people")
    assert await digest(group, "0") == texts.DIGEST_WHAT.plain("en").replace("`", "")


async def test_a_topic_has_a_digest_of_its_own(group: App) -> None:
    await group.digests.hear(said(50, Person(4, "Di"), "The topic speaks of trains to the coast.", thread=9))
    assert "trains" in await digest(group, thread=9)
    assert "trains" not in await digest(group)


async def test_nothing_is_kept_before_it_is_asked_for_and_nothing_after_it_is_ended(group: App) -> None:
    other = Incoming(Person(1, "Ada"), Place(-51, "group"), "A secret of a group that keeps nothing.", telegram_id=1)
    await group.digests.hear(other)
    assert (await group.digests.respond(other, "en")).plain.startswith("This group does not keep its talk.")
    await group.digests.switch(ASK, "en", on=False)
    async with group.database.read() as tx:
        assert await tx.talk.latest(GROUP, None, datetime.now(UTC) - timedelta(days=9), 100) == []
    assert (await digest(group)).startswith("This group does not keep its talk.")
    await group.digests.switch(ASK, "en", on=True)
    assert await digest(group) == texts.DIGEST_EMPTY.en


async def test_private_chats_and_what_has_no_text_are_not_kept(group: App) -> None:
    await group.digests.hear(said(60, Person(1, "Ada"), ""))
    private = said(61, Person(1, "Ada"), "only for the bot", kind="private")
    await group.digests.hear(private)
    assert (await digest(group)).startswith("Digest: 5 messages")
    for reply in (await group.digests.respond(private, "en"), await group.digests.switch(private, "en", on=True)):
        assert reply.plain == texts.DIGEST_GROUPS.en


async def test_old_talk_goes_when_something_new_is_said(group: App) -> None:
    old = Said(70, 1, "Ada", "Said long ago.", datetime.now(UTC) - timedelta(days=8))
    async with group.database.write() as tx:
        await tx.talk.add(GROUP, None, old)
    await group.digests.hear(said(71, Person(1, "Ada"), "Something new about the printer."))
    async with group.database.read() as tx:
        kept = await tx.talk.latest(GROUP, None, datetime.now(UTC) - timedelta(days=30), 100)
    assert [message.telegram_id for message in kept] == [1, 2, 3, 4, 5, 71]
