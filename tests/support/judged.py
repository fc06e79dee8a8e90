"""Answers that people judged, over documents, for what learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import Database
from storage.records import SHARED, AnswerKind, NewAnswer, NewChunk, NewDocument, NewMessage, NewRoute, Role, Source

ROUTE = NewRoute("en", "question", 0.9, None, None, 0.9, True, {}, "v0")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what was answered from the chunk at `place`, how sure the reader was, and a vote on it."""

    question: str
    answer: str
    place: int | None
    vote: int
    confidence: float = 0.6
    kind: AnswerKind = AnswerKind.ANSWER
    user: int = 7


async def add_chunks(database: Database, texts: Sequence[str], scope: str = SHARED) -> list[int]:
    """A document with these texts as its chunks; their keys."""
    chunks = tuple(
        NewChunk(
            ordinal=n,
            start=0,
            end=len(text),
            heading="",
            page=None,
            language="en",
            text=text,
            encoder="bag",
            vector=b"\0" * 64,
        )
        for n, text in enumerate(texts)
    )
    new = NewDocument(scope, f"file:///{scope}", "Handbook", "en", "text/plain", "hash", 1, chunks)
    async with database.write() as tx:
        await tx.documents.save(new)
        found = [document for document in await tx.documents.all({scope}) if document.uri == new.uri]
        rows = [row async for batch in tx.documents.vectors_of([found[0].id]) for row in batch]
    return [row.id for row in rows]


async def judge(database: Database, asked: Sequence[Asked], keys: Sequence[int]) -> list[int]:
    """Store answers, each with the vote of an admin, which counts in full; their numbers."""
    numbers = []
    async with database.write() as tx:
        await tx.people.see_user(1, "voter", "en")
        await tx.people.set_role(1, Role.ADMIN)
        for user in {item.user for item in asked}:
            await tx.people.see_user(user, "asker", "en")
            await tx.people.see_chat(user, "private", "")
        for item in asked:
            source = () if item.place is None else (Source(1, "Handbook", "", item.answer, 0.9, keys[item.place]),)
            answer = NewAnswer(
                item.kind, "en", item.answer, ({"html": "ok"},), confidence=item.confidence, sources=source
            )
            stored = await tx.answers.record(NewMessage(item.user, item.question, item.user), ROUTE, answer)
            await tx.feedback.vote(stored.id, 1, "button", item.vote)
            numbers.append(stored.id)
    return numbers
