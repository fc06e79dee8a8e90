"""What is stored of one person, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from storage import schema
from storage.database import Database
from storage.records import SHARED, AnswerKind, NewAnswer, NewChunk, NewDocument, NewMessage, NewUpdate, Said, Source

ADA, BO, TEAM = 1, 2, -10


async def talk(database: Database, user: int, text: str, *, chat: int | None = None, cites: int | None = None) -> int:
    """A message with its answer, sent; the number of the message."""
    sources = (Source(1, "title", "place", "quote", 0.9, cites),) if cites else ()
    answer = NewAnswer(AnswerKind.ANSWER, "en", f"answer to {text}", ({"plain": text},), sources=sources)
    async with database.write() as tx:
        await tx.people.see_user(user, f"name {user}", "en")
        await tx.people.see_chat(chat or user, "private" if chat is None else "supergroup", f"name {user}")
        stored = await tx.answers.record(NewMessage(chat or user, text, user), None, answer)
        await tx.answers.mark_delivered(stored.id, 0, 100 + stored.id)
        await tx.answers.mark_sent(stored.id)
    return stored.message_id


async def add(database: Database, scope: str, uri: str, by: int) -> tuple[int, int]:
    """A document with one chunk; the numbers of both."""
    chunk = NewChunk(0, 0, 5, "", None, "en", "words", "e", b"")
    async with database.write() as tx:
        await tx.documents.save(NewDocument(scope, uri, "title", "en", "text/plain", uri, 5, (chunk,), by))
        found = next(document for document in await tx.documents.all() if document.uri == uri)
        keys = await tx.documents.keys()
    return found.id, max(keys)


async def test_all_that_a_person_said_goes_and_nothing_of_others(database: Database) -> None:
    mine, theirs = await talk(database, ADA, "mine"), await talk(database, BO, "theirs")
    async with database.write() as tx:
        for user in (ADA, BO):
            await tx.feedback.vote(theirs, user, "button", 1)
            await tx.feedback.label(mine, user, "review", intent="question")
            await tx.talk.add(ADA, None, Said(user, user, "name", f"said by {user}", datetime.now(UTC)))
        gone = await tx.privacy.forget(ADA, keep_shared=False)
    assert gone.messages == (mine,)
    async with database.read() as tx:
        held = await tx.privacy.held(ADA)
        others = await tx.privacy.held(BO)
        person = await tx.people.user(ADA)
    assert (held.messages, held.votes, held.labels, held.talk) == (0, 0, 0, 0)
    assert (others.messages, others.votes, others.labels, others.talk) == (1, 1, 0, 1)
    assert person is not None
    assert person.name == ""


async def test_a_forgotten_person_has_withdrawn_consent(database: Database) -> None:
    await talk(database, ADA, "mine")
    async with database.write() as tx:
        person = await tx.people.user(ADA)
        assert person is not None
        assert person.consent is None
        await tx.people.set_consent(ADA, consent=True)
        person = await tx.people.user(ADA)
        assert person is not None
        assert person.consent is True
        await tx.privacy.forget(ADA, keep_shared=False)
        person = await tx.people.user(ADA)
        assert person is not None
        assert person.consent is False


async def test_documents_go_with_what_others_were_answered_from_them(database: Database) -> None:
    document, chunk = await add(database, f"chat:{TEAM}", "letter", ADA)
    shared, _ = await add(database, SHARED, "rules", ADA)
    other, _ = await add(database, SHARED, "manual", BO)
    message = await talk(database, BO, "what does it say", chat=TEAM, cites=chunk)
    async with database.write() as tx:
        gone = await tx.privacy.forget(ADA, keep_shared=True)
    assert gone.documents == (document,)
    async with database.read() as tx:
        assert {found.id for found in await tx.documents.all()} == {shared, other}
        answer = await tx.answers.latest(TEAM, None, [AnswerKind.ANSWER])
        assert answer is not None
        assert (answer.message_id, answer.text) == (message, "")
        assert await tx.answers.sources(answer.id) == []
        assert [part.payload for part in await tx.answers.deliveries(answer.id)] == [{}]
    async with database.write() as tx:
        assert (await tx.privacy.forget(ADA, keep_shared=False)).documents == (shared,)


async def test_a_taught_answer_goes_when_its_question_was_asked_by_nobody_else(database: Database) -> None:
    await talk(database, ADA, "only mine?")
    await talk(database, ADA, "of both?")
    await talk(database, BO, "of both?")
    document, _ = await add(database, SHARED, "approved:only mine", BO)
    async with database.write() as tx:
        assert await tx.privacy.questions(ADA) == ["only mine?"]
        gone = await tx.privacy.forget(ADA, keep_shared=True, addresses=["approved:only mine"])
    assert gone.documents == (document,)


async def test_the_versions_that_were_taught_are_named(database: Database) -> None:
    message = await talk(database, ADA, "mine")
    manifest = {"data": {"sha256": "0", "rows": 1}}
    async with database.write() as tx:
        run = await tx.models.record_run("router", "v1", manifest, [])
        await tx.models.record_run("router", "v2", manifest, [])
        tx._session.add(schema.TrainingExample(run_id=run, origin=f"message:{message}", message_id=message))
    async with database.write() as tx:
        assert (await tx.privacy.forget(ADA, keep_shared=True)).versions == ("v1",)


async def test_the_inbox_keeps_no_contents_of_what_is_done_nor_of_who_is_forgotten(database: Database) -> None:
    payloads: list[dict[str, Any]] = [
        {"message": {"from": {"id": ADA}, "text": "private"}},
        {"callback_query": {"from": {"id": ADA}, "data": "x"}},
        {"message_reaction": {"user": {"id": ADA}}},
        {"message": {"from": {"id": BO}, "text": "other"}},
    ]
    async with database.write() as tx:
        for number, payload in enumerate(payloads):
            added = await tx.inbox.add(NewUpdate(9, number, f"chat:{TEAM}", payload))
            assert added is not None
            await tx.inbox.finish(added.id, "failed")
        waiting = await tx.inbox.add(NewUpdate(9, 50, f"chat:{ADA}", {"message": {"from": {"id": ADA}}}))
        done = await tx.inbox.add(NewUpdate(9, 51, f"chat:{BO}", {"message": {"text": "done"}}))
        assert waiting is not None
        assert done is not None
        await tx.inbox.finish(done.id, "done")
        await tx.privacy.forget(ADA, keep_shared=True)
        kept = list(
            await tx._session.scalars(schema.Update.__table__.select().with_only_columns(schema.Update.payload))
        )
    assert sorted(map(str, kept)) == sorted(map(str, [{}, {}, {}, payloads[3], {"message": {"from": {"id": ADA}}}, {}]))


async def test_old_messages_go_but_for_examples_of_who_lets_them_teach(database: Database) -> None:
    kept, gone = await talk(database, ADA, "labelled"), await talk(database, ADA, "plain")
    other = await talk(database, BO, "labelled too")
    later = datetime.now(UTC) + timedelta(days=1)
    async with database.write() as tx:
        await tx.people.set_consent(ADA, consent=True)
        await tx.feedback.label(kept, BO, "review", intent="question")
        await tx.feedback.label(other, ADA, "review", intent="question")
        assert await tx.privacy.expire(datetime.now(UTC) - timedelta(days=1)) == []
        assert await tx.privacy.expire(later) == [gone, other]
        assert await tx.privacy.expire(later) == []


async def test_everything_is_handed_out_with_what_was_made_of_it(database: Database) -> None:
    await talk(database, ADA, "mine")
    await talk(database, BO, "theirs")
    async with database.read() as tx:
        tables = await tx.privacy.everything(ADA)
    assert [row["text"] for row in tables["messages"]] == ["mine"]
    assert [row["text"] for row in tables["answers"]] == ["answer to mine"]
    assert [row["name"] for row in tables["users"]] == ["name 1"]
    assert "theirs" not in str(tables)
