"""What answers teach, frozen: judged answers of people who let the bot learn, with the passages they are about.

The trainer of everything but the router reads it from a file in the folder of its run, for it touches no database. The
texts of people are scrubbed; of the documents, only those that are shared teach. The file goes when its run is over.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import RunError
from bot.evidence import liking, persons
from bot.memory import said
from bot.plans import write_json
from bot.settings import Settings
from bot.teaching import address
from nlp.learning.evidence import Person
from nlp.learning.scrubbing import scrub
from nlp.types import Passage, embedded
from storage.consent import may_teach
from storage.database import Database, Transaction
from storage.records import SHARED, AnswerKind, Author, ChunkVector, JudgedAnswer

FILE = "judged.json"
_PASSAGES = 1500  # beside those that are cited: what answers are told from, which the trainer has to embed
_ANSWERS = 20_000  # the newest, beyond which older ones say little new


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer with what people think of it; `message` is the question's number.

    `answered` is False for a refusal. `opinion`, in [-1, 1], is above zero where people liked it. `cited` are keys
    of passages, in the order of the answer; `approved` those of the right answer that an admin gave, whose words are
    `correction`.
    """

    message: int
    question: str
    answer: str
    answered: bool
    confidence: float | None
    opinion: float
    correction: str
    cited: tuple[int, ...]
    approved: tuple[int, ...]

    @property
    def origin(self) -> str:
        """The name of the row."""
        return f"message:{self.message}"


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """A passage of the shared knowledge."""

    key: int
    document: int
    title: str
    heading: str
    text: str
    language: str
    whole: bool

    @property
    def embedded(self) -> str:
        """What is embedded of it."""
        return embedded(self.title, self.heading, self.text, self.whole)

    def passage(self) -> Passage:
        """The passage as the reader takes it."""
        return Passage(
            self.key,
            self.text,
            self.title,
            self.heading,
            document=self.document,
            language="zh" if self.language == "zh" else "en",
            whole=self.whole,
        )


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that was frozen, and the SHA-256 of the file."""

    answers: tuple[Judgement, ...]
    passages: tuple[KnownPassage, ...]
    sha256: str = ""


async def freeze_judgements(database: Database, settings: Settings, folder: Path) -> Judgements:
    """Freeze what answers teach by now into the folder of a run."""
    async with database.read() as tx:
        authors = await tx.samples.people()
        judged = await _of_willing(tx, authors, assumed=settings.consent_assumed)
        passages, approved = await _passages(tx, judged)
    people = persons(authors, datetime.now(UTC), settings.admins)
    return await asyncio.to_thread(_frozen, judged, people, passages, approved, folder)


async def _of_willing(tx: Transaction, authors: Mapping[int, Author], *, assumed: bool) -> list[JudgedAnswer]:
    consents = {number: author.consent for number, author in authors.items()}
    found = [item for item in await tx.samples.judged() if may_teach(consents.get(item.author, False), assumed=assumed)]
    return found[-_ANSWERS:]


async def _passages(
    tx: Transaction, judged: Sequence[JudgedAnswer]
) -> tuple[list[KnownPassage], dict[str, tuple[int, ...]]]:
    """Passages of the documents that were cited or approved, and of others up to a bound; keys by approved address."""
    shared = {document.id: document.uri for document in await tx.documents.all({SHARED})}
    cited = await tx.documents.chunks(sorted({key for item in judged for key in item.chunks}), {SHARED})
    wanted = {address(item.question) for item in judged if item.correction}
    taught = {document for document, uri in shared.items() if uri in wanted}
    first = {chunk.document_id for chunk in cited} | taught
    rows = [row async for batch in tx.documents.vectors_of(first) for row in batch]
    rest: list[ChunkVector] = []
    async for batch in tx.documents.vectors_of(shared.keys() - first):
        rest += batch
        if len(rest) >= _PASSAGES:
            break
    approved: dict[str, tuple[int, ...]] = {}
    for row in rows:
        if row.document_id in taught:
            uri = shared[row.document_id]
            approved[uri] = (*approved.get(uri, ()), row.id)
    return [_known(row) for row in [*rows, *rest[:_PASSAGES]]], approved


def _known(row: ChunkVector) -> KnownPassage:
    return KnownPassage(row.id, row.document_id, row.title, row.heading, row.text, row.language, row.whole)


def _frozen(
    judged: Sequence[JudgedAnswer],
    people: Mapping[int, Person],
    passages: Sequence[KnownPassage],
    approved: Mapping[str, tuple[int, ...]],
    folder: Path,
) -> Judgements:
    known = {passage.key for passage in passages}
    rows = tuple(
        _judgement(item, liking(item.voices, people), approved.get(address(item.question), ()), known)
        for item in judged
    )
    write_json(folder / FILE, {"answers": [asdict(row) for row in rows], "passages": [asdict(p) for p in passages]})
    return read_judgements(folder / FILE)


def _judgement(item: JudgedAnswer, opinion: float, approved: tuple[int, ...], known: set[int]) -> Judgement:
    return Judgement(
        message=item.message_id,
        question=scrub(item.question).text,
        answer=scrub(said(item.text, sources_shown=bool(item.citations))).text,
        answered=item.kind == AnswerKind.ANSWER,
        confidence=item.confidence,
        opinion=opinion,
        correction=scrub(item.correction or "").text,
        cited=tuple(key for key in item.chunks if key in known),
        approved=approved if item.correction else (),
    )


def read_judgements(path: Path) -> Judgements:
    """What was frozen.

    Raises:
        RunError: it is gone, or of another version.
    """
    try:
        content = path.read_bytes()
        raw = json.loads(content)
        answers = tuple(
            Judgement(**{**row, "cited": tuple(row["cited"]), "approved": tuple(row["approved"])})
            for row in raw["answers"]
        )
        passages = tuple(KnownPassage(**row) for row in raw["passages"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"{str(path)!r} cannot be read: start the training again", "data") from error
    return Judgements(answers, passages, hashlib.sha256(content).hexdigest())


def judged_messages_in(runs: Path) -> set[tuple[int, str]]:
    """The messages that runs which are not over have frozen: numbers, with their texts."""
    return {(row.message, row.question) for path in runs.glob(f"*/{FILE}") for row in read_judgements(path).answers}


def unlearn_judgements(runs: Path, messages: Iterable[int], documents: Iterable[int]) -> None:
    """Take messages and documents out of what runs that are not over have frozen."""
    gone, removed = set(messages), set(documents)
    for path in runs.glob(f"*/{FILE}"):
        frozen = read_judgements(path)
        answers = [asdict(row) for row in frozen.answers if row.message not in gone]
        passages = [asdict(passage) for passage in frozen.passages if passage.document not in removed]
        write_json(path, {"answers": answers, "passages": passages})
