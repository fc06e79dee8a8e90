"""Nobody finds what another chat keeps to itself: random questions of many chats and topics, through the use case."""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.app import App
from bot.knowledge import chat_scope, visible_scopes
from nlp.encoder import Encoded
from nlp.filters import Filter
from nlp.types import Hit
from storage.database import Database
from storage.records import SHARED, NewChunk, NewDocument
from tests.support.apps import add_text, small_app
from tests.support.models import DIMENSION, BagEncoder

WORDS = "refund office parcel launch budget salary holiday printer 退款 办公室 年假 工资 打印机 预算".split()
PLACES = [(chat, thread) for chat in range(1, 21) for thread in (None, 7, 8)]
ENCODER = BagEncoder()


@dataclass(frozen=True)
class Asking:
    """A question from a place, encoded."""

    question: str
    encoded: Encoded
    scopes: frozenset[str]


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same questions every time


def document(scope: str, number: int, rng: random.Random) -> NewDocument:
    """Three chunks that resemble those of every other scope, each saying whose it is."""
    chunks = tuple(chunk(place, f"{scope} {' '.join(rng.choices(WORDS, k=6))}") for place in range(3))
    return NewDocument(scope, f"file:///{number}.md", "Notes", "en", "text/markdown", str(number), 100, chunks)


def chunk(ordinal: int, text: str) -> NewChunk:
    vector = ENCODER.encode([text], floor=-1).vectors[0].astype("<f4").tobytes()
    language = "zh" if ordinal == 2 else "en"
    return NewChunk(ordinal, 0, len(text), "", None, language, text, ENCODER.fingerprint, vector)


async def fill(database: Database, rng: random.Random) -> None:
    """Documents of every place and of everybody."""
    async with database.write() as tx:
        for number, (chat, thread) in enumerate(PLACES * 2):
            await tx.documents.save(document(chat_scope(chat, thread), number, rng))
        for number in range(1000, 1010):
            await tx.documents.save(document(SHARED, number, rng))


def askings(count: int, rng: random.Random) -> list[Asking]:
    """Questions in the words of other places, some naming them, from people who may be nowhere."""
    vectors = np.random.default_rng(0).normal(size=(count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    asked = []
    for number in range(count):
        chat, thread = rng.choice([*PLACES, (99, None), (1, 99)])
        named = chat_scope(*rng.choice(PLACES)) if number % 2 else ""
        question = " ".join([named, *rng.choices(WORDS, k=2)])
        encoded = Encoded(vectors[number : number + 1], np.ones(1, np.float32))
        asked.append(Asking(question, encoded, visible_scopes(chat if number % 50 else None, thread)))
    return asked


async def assert_nothing_foreign(app: App, asked: list[Asking]) -> int:
    """Ask; every passage that is found says that it belongs to a scope of whoever asks."""
    found = 0
    for one in asked:
        for passage, _ in await app.knowledge.search(one.question, one.encoded, one.scopes, 10):
            assert passage.text.split(" ")[0] in one.scopes
            found += 1
    return found


@pytest.mark.slow
async def test_thousands_of_questions_find_nothing_foreign(sqlite: Database, tmp_path: Path) -> None:
    rng = seeded(1)
    await fill(sqlite, rng)
    async with small_app(sqlite, tmp_path / "home") as app:
        assert await assert_nothing_foreign(app, askings(4_000, rng)) > 20_000


async def test_questions_find_nothing_foreign(database: Database, tmp_path: Path) -> None:
    rng = seeded(2)
    await fill(database, rng)
    async with small_app(database, tmp_path / "home") as app:
        assert await assert_nothing_foreign(app, askings(200, rng)) > 1000


async def test_the_indexes_themselves_find_nothing_foreign(sqlite: Database, tmp_path: Path) -> None:
    rng = seeded(3)
    await fill(sqlite, rng)
    async with small_app(sqlite, tmp_path / "home") as app, sqlite.read() as tx:
        chunks = {chunk.id: chunk.scope for chunk in await tx.documents.chunks(sorted(await tx.documents.keys()))}
        for one in askings(300, rng):
            hits = await app.knowledge.index.search(one.question, one.encoded, 10, Filter(scopes=one.scopes))
            assert {chunks[hit.key] for hit in hits} <= one.scopes


async def test_an_index_that_errs_shows_nothing_foreign(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an index finds is read from the database for the same scopes once more."""
    rng = seeded(4)
    await fill(sqlite, rng)
    async with small_app(sqlite, tmp_path / "home") as app:
        everything = sorted(app.knowledge.index._retriever.vectors.keys)

        async def careless(*_: object) -> list[Hit]:
            return [Hit(key, 0.9, 0.9, 0.9) for key in everything]

        monkeypatch.setattr(app.knowledge.index, "search", careless)
        assert await assert_nothing_foreign(app, askings(20, rng)) > 20


async def test_questions_are_narrowed_by_document_language_and_day(sqlite: Database, tmp_path: Path) -> None:
    rng, today = seeded(5), date.today()  # noqa: DTZ011 - the days of documents are those of UTC, give or take
    await fill(sqlite, rng)
    async with small_app(sqlite, tmp_path / "home") as app:
        (one,) = askings(1, rng)
        documents = await app.knowledge.documents({SHARED})
        for wanted, admits in (
            (Filter(documents=frozenset({documents[0].id})), lambda p: p.document == documents[0].id),
            (Filter(languages=frozenset({"zh"})), lambda p: p.language == "zh"),
            (Filter(since=today - timedelta(2), until=today + timedelta(2)), lambda p: True),
        ):
            found = await app.knowledge.search("refund 退款 office", one.encoded, {SHARED}, 50, wanted)
            assert found
            assert all(admits(passage) for passage, _ in found)
        tomorrow = Filter(since=today + timedelta(2))
        assert await app.knowledge.search("refund 退款 office", one.encoded, {SHARED}, 50, tomorrow) == []


async def within_a_second(app: App, question: str, scopes: frozenset[str], *, there: bool) -> None:
    encoded, start = ENCODER.encode([question], "query"), time.monotonic()
    while bool(await app.knowledge.search(question, encoded, scopes, 3)) is not there:
        assert time.monotonic() - start < 1.0
        await asyncio.sleep(0.01)


async def test_what_one_process_changes_another_sees_within_a_second(database: Database, tmp_path: Path) -> None:
    here, elsewhere = visible_scopes(5), visible_scopes(6)
    async with small_app(database, tmp_path / "one") as one, small_app(database, tmp_path / "two") as two:
        await add_text(two, tmp_path, "plan.md", "# Plan\n\nThe secret launch 发布 is in May.", scope=chat_scope(5))
        for question in ("When is the secret launch?", "什么时候发布？"):
            await within_a_second(one, question, here, there=True)
            await within_a_second(one, question, elsewhere, there=False)
        (plan,) = await two.knowledge.documents()
        assert await two.knowledge.share(plan.id)
        await within_a_second(one, "什么时候发布？", elsewhere, there=True)
        await two.knowledge.remove(str(plan.id))
        for scopes in (here, elsewhere):
            await within_a_second(one, "什么时候发布？", scopes, there=False)
