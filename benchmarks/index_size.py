"""A large knowledge: how soon a change is seen, how long a search takes, how much memory the whole bot holds.

    python -m benchmarks.index_size [--chunks 100000] [--questions 200] [--home DIR]

The chunks are made up: sentences of common words, and vectors around topics as encoders make them, 384 floats each. The
rest is the real thing: database on disk, indexes on disk, the bundled encoder and a trained router in memory. A change
is committed by another process's connection; it is seen when a search through the use case tells it.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import resident_mb
from bot.app import App, open_app
from bot.dialogue import Incoming, Person, Place
from bot.knowledge import chat_scope, visible_scopes
from bot.progress import Progress
from bot.settings import load_settings
from storage.database import Database
from storage.records import SHARED, NewChunk, NewDocument

_PER_DOCUMENT = 50
_CHATS = 40
_PRIVATE = 0.1  # share of documents that belong to one of the chats
_TOPICS = 500
_WORDS = (
    "the of a to in for is on that by this with from at be are as was an which or have has its not but they were will "
    "report office budget refund parcel printer holiday salary contract invoice meeting project server network "
    "password customer order delivery product price training safety travel hotel train insurance health doctor school"
).split()
_HAN = (
    "报销年假合同发票会议项目服务器网络密码客户订单快递产品价格培训安全出差酒店火车保险健康医生学校老师办公室预算工资"
)


@dataclass(frozen=True)
class Figures:
    """Seconds unless the name says otherwise; `search_ms` are those of a whole search through the use case, `answer_ms`
    of everything from a question to its complete answer."""

    chunks: int
    fill: float
    build: float
    save: float
    restart: float
    add_seen: float
    share_seen: float
    remove_seen: float
    search_ms_p50: float
    search_ms_p95: float
    chat_search_ms_p95: float
    answer_ms_p50: float
    answer_ms_p95: float
    resident_mb: float
    most_resident_mb: float


class Maker:
    """Makes documents up; the same seed makes the same ones."""

    def __init__(self, dimension: int, fingerprint: str) -> None:
        self._rng, self._numbers = random.Random(0), np.random.default_rng(0)
        self._topics = self._numbers.normal(size=(_TOPICS, dimension))
        self._slope = 1 / np.sqrt(1 + np.arange(dimension) / 20)
        self._fingerprint = fingerprint

    def document(self, number: int, scope: str, chunks: int = _PER_DOCUMENT, said: str = "") -> NewDocument:
        """One document; every chunk says `said`."""
        rows = self._topics[self._numbers.integers(_TOPICS, size=chunks)]
        rows = rows + self._numbers.normal(size=rows.shape) * self._slope
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        made = tuple(self._chunk(place, said, row) for place, row in enumerate(rows.astype("<f4")))
        return NewDocument(scope, f"made:{number}", f"Paper {number}", "en", "text/plain", str(number), 9000, made)

    def _chunk(self, place: int, said: str, vector: np.ndarray) -> NewChunk:
        chinese = place % 2 == 1
        words = "".join(self._rng.choices(_HAN, k=120)) if chinese else " ".join(self._rng.choices(_WORDS, k=90))
        text = f"{said} {words} {self._rng.randrange(10**6)}"
        language = "zh" if chinese else "en"
        return NewChunk(place, 0, len(text), "", None, language, text, self._fingerprint, vector.tobytes())


async def fill(database: Database, maker: Maker, chunks: int) -> None:
    """Put as many chunks into the database, one in ten of them a chat's own."""
    documents = chunks // _PER_DOCUMENT
    for start in range(0, documents, 100):
        async with database.write() as tx:
            for number in range(start, min(start + 100, documents)):
                private = number % round(1 / _PRIVATE) == 0
                scope = chat_scope(number % _CHATS + 1) if private else SHARED
                await tx.documents.save(maker.document(number, scope))


async def search_ms(app: App, questions: Sequence[str], scopes: frozenset[str]) -> list[float]:
    """Milliseconds of each search, the encoding of the question left out."""
    times = []
    for question in questions:
        encoded = await app.inference.run(app.inference.models.encoder.encode, [question], "query")
        start = time.perf_counter()
        await app.knowledge.search(question, encoded, scopes, 5)
        times.append((time.perf_counter() - start) * 1000)
    return times


async def answer_ms(app: App, questions: Sequence[str]) -> list[float]:
    """Milliseconds from each question to its complete answer: route, retrieve, read."""
    times = []
    for question in questions:
        start = time.perf_counter()
        await app.conversation.ask(Incoming(Person(1, "Ada"), Place(1, "private"), question))
        times.append((time.perf_counter() - start) * 1000)
    return times


async def seconds(work: Awaitable[object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


async def seen(app: App, word: str, scopes: frozenset[str], *, there: bool) -> None:
    """Search until what says `word` is found, or is not."""
    encoded = await app.inference.run(app.inference.models.encoder.encode, [word], "query")
    while True:
        found = await app.knowledge.search(word, encoded, scopes, 5)
        if any(word in passage.text for passage, _ in found) is there:
            return


async def changes(app: App, other: Database, maker: Maker) -> tuple[float, float, float]:
    """Seconds from commit to sight of adding a chat's document, of sharing it, and of removing it."""
    mine, everybody = visible_scopes(1), visible_scopes(2)
    async with other.write() as tx:
        await tx.documents.save(maker.document(-1, chat_scope(1), said="zanzibar"))
    added = await seconds(seen(app, "zanzibar", mine, there=True))
    async with other.write() as tx:
        (paper,) = await tx.documents.find("made:-1")
        await tx.documents.share(paper.id)
    shared = await seconds(seen(app, "zanzibar", everybody, there=True))
    async with other.write() as tx:
        await tx.documents.remove(paper.id)
    return added, shared, await seconds(seen(app, "zanzibar", mine, there=False))


async def prepare(home: Path, chunks: int) -> tuple[float, float, float]:
    """Fill a home: seconds to put the chunks into the database, to index them, and to write and close everything."""
    settings = load_settings(home=home, manual=False)
    other = Database(settings.database_url)
    async with open_app(settings, Progress()) as app:
        encoder = app.inference.models.encoder
        filled = await seconds(fill(other, Maker(encoder.dimension, encoder.fingerprint), chunks))
        built = await seconds(app.knowledge.index.refresh())
        start = time.perf_counter()
    await other.close()
    return filled, built, time.perf_counter() - start


async def serve(home: Path, questions: Sequence[str]) -> tuple[float, ...]:
    """Open the bot on a home that is filled, search, and change the knowledge from another connection."""
    settings = load_settings(home=home, manual=False)
    other, start = Database(settings.database_url), time.perf_counter()
    async with open_app(settings, Progress()) as app:
        restarted = time.perf_counter() - start
        await search_ms(app, questions[:20], visible_scopes(1))
        times = await search_ms(app, questions, visible_scopes(None))
        chat = await search_ms(app, questions, visible_scopes(1))
        await answer_ms(app, questions[:20])
        answers = await answer_ms(app, questions)
        encoder = app.inference.models.encoder
        seen_after = await changes(app, other, Maker(encoder.dimension, encoder.fingerprint))
        resident = resident_mb() or (float("nan"), float("nan"))
    await other.close()
    searches = (*np.percentile(times, [50, 95]).tolist(), float(np.percentile(chat, 95)))
    return (restarted, *seen_after, *searches, *np.percentile(answers, [50, 95]).tolist(), *resident)


def in_new_process(
    work: Callable[..., Coroutine[Any, Any, tuple[float, ...]]], *arguments: object
) -> tuple[float, ...]:
    """What some work gives in a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_run, work, arguments).result()


def _run(
    work: Callable[..., Coroutine[Any, Any, tuple[float, ...]]], arguments: tuple[object, ...]
) -> tuple[float, ...]:
    return asyncio.run(work(*arguments))


def made_questions(count: int) -> list[str]:
    """Questions of a few words in either language."""
    rng = random.Random(1)
    english = (f"what is the {' '.join(rng.choices(_WORDS[28:], k=4))}?" for _ in range(count))
    chinese = (f"{''.join(rng.choices(_HAN, k=8))}是什么？" for _ in range(count))
    return [question for pair in zip(english, chinese, strict=True) for question in pair][:count]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--home", type=Path, help="a folder to work in, whose router is used; else a new one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dawen-index-") as folder:
        home = options.home or Path(folder)
        made = in_new_process(prepare, home, options.chunks)
        figures = Figures(options.chunks, *made, *in_new_process(serve, home, made_questions(options.questions)))
    print(json.dumps({name: round(value, 4) for name, value in asdict(figures).items()}, indent=1))


if __name__ == "__main__":
    main()
