"""Forgetting, over the whole application: nothing is left in any file."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.app import App
from bot.dialogue import Incoming, Person, Place
from bot.knowledge import chat_scope
from bot.privacy import Privacy
from storage.database import Database
from storage.records import AnswerKind, Forgotten, NewAnswer, NewMessage, Said
from tests.support.apps import add_text, small_app

TEAM = -77
PEOPLE = 100


def canary(number: int, what: str) -> str:
    """A word that stands nowhere else."""
    return f"kq{what}{number:03d}xzw"


async def live(app: App, folder: Path, number: int) -> None:
    """Somebody asks, votes, talks in a group and sends a document, each with a word of their own."""
    person = Person(5000 + number, canary(number, "name"), "zh-hans" if number % 2 else "en")
    private = Incoming(person, Place(person.id, "private", person.name), f"{canary(number, 'asked')} 退款 refund?")
    group = replace(private, place=Place(TEAM, "supergroup", "Team"), text=f"大家好 {canary(number, 'talk')}")
    await app.access.admit(person, private.place)
    await app.access.admit(person, group.place)
    reply = await app.conversation.respond(private)
    async with app.database.write() as tx:
        answer = NewAnswer(reply.kind, reply.language, reply.plain, ({"plain": reply.plain},))
        stored = await tx.answers.record(NewMessage(person.id, private.text, person.id), None, answer)
        await tx.feedback.vote(stored.id, person.id, "button", 1, canary(number, "vote"))
    said = Said(number, person.id, person.name, group.text, stored.created_at)
    async with app.database.write() as tx:
        await tx.talk.add(TEAM, None, said)
        text = f"{person.name}: {group.text}"
        digest = NewAnswer(AnswerKind.SUMMARY, "en", text, ({"plain": text},))
        shown = await tx.answers.record(NewMessage(TEAM, "/digest", None), None, digest)
        await tx.answers.mark_delivered(shown.id, 0, 9000 + number)
    if number % 10 == 0:
        body = f"# Letter\n\nThe code of the letter is {canary(number, 'letter')}.\n"
        await add_text(app, folder, "letter.md", body, scope=chat_scope(person.id), added_by=person.id)


def found(folder: Path, word: str) -> list[str]:
    """The files that hold a word, however they are read."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_a_hundred_people_are_forgotten_without_a_trace(sqlite: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "sent").mkdir()
    async with small_app(sqlite, home, open=True) as app:
        for number in range(PEOPLE + 1):
            await live(app, tmp_path / "sent", number)
        (tmp_path / "sent" / "letter.md").unlink()
        assert found(tmp_path, canary(3, "asked"))
        assert canary(10, "letter") in await answered(app, 5010, "What is the code of the letter?")
        assert found(tmp_path, canary(10, "letter"))
        for number in range(PEOPLE):
            gone = await app.privacy.forget(5000 + number, keep_shared=False)
            assert len(gone.messages) == 1
        everywhere = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        kinds = ("name", "asked", "talk", "vote", "letter")
        words = [canary(number, kind).encode() for number in range(PEOPLE) for kind in kinds]
        assert [word for word in words if any(word in data for data in everywhere)] == []
        assert found(tmp_path, canary(PEOPLE, "asked"))  # who was not forgotten
        assert "letter" in (await answered(app, 5000 + PEOPLE, "What is the code of the letter?"))


async def answered(app: App, person: int, text: str) -> str:
    reply = await app.conversation.ask(Incoming(Person(person, "x"), Place(person, "private"), text))
    return reply.plain


async def test_the_search_goes_on_over_the_caches_that_were_made_anew(app: App, tmp_path: Path) -> None:
    await add_text(app, tmp_path, "note.md", "# Parking\n\nThe garage is number seventeen.", scope="chat:9", added_by=9)
    assert "seventeen" in await answered(app, 9, "Which number is the garage?")
    await app.privacy.forget(9, keep_shared=False)
    assert "seventeen" not in await answered(app, 9, "Which number is the garage?")
    assert "thirty days" in await answered(app, 9, "When are refunds paid?")
    await add_text(app, tmp_path, "note.md", "# Parking\n\nThe garage is number eighteen.", scope="chat:9", added_by=9)
    assert "eighteen" in await answered(app, 9, "Which number is the garage?")


async def test_what_was_learned_is_told_to_be_unlearned(app: App) -> None:
    told: list[Forgotten] = []

    async def unlearn(forgotten: Forgotten, _texts: Sequence[str]) -> None:
        told.append(forgotten)

    gone = await Privacy(app.database, app.knowledge, unlearn).forget(1001, keep_shared=True)
    assert told == [gone]


async def test_what_is_handed_out_is_json_with_the_persons_words(app: App, tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    await live(app, tmp_path / "sent", 20)
    tables = json.loads(await app.privacy.export(5020))
    assert canary(20, "asked") in tables["messages"][0]["text"]
    assert tables["feedback"][0]["detail"] == canary(20, "vote")
    assert tables["documents"][0]["title"] == "Letter"
    assert "vector" not in str(tables)


async def test_messages_are_kept_for_good_where_nothing_is_set(app: App, tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    await live(app, tmp_path / "sent", 1)
    assert await app.privacy.expire() == 0
