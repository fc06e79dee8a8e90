"""Use case: what conversations teach, frozen: read from the database, chosen, kept in a folder named by its content."""

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.judging import Lessons
from bot.points import reached
from nlp.errors import DataError
from nlp.folders import new_folder
from nlp.training.data import Example
from storage.database import Database
from storage.records import LabelledMessage


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot on disk: its folder, the SHA-256 of what it holds, and how many rows of it teach."""

    folder: Path
    sha256: str
    rows: int


async def freeze(database: Database, root: Path) -> Frozen:
    async with database.read() as tx:
        labelled = await tx.samples.labelled()
    reached("run.samples.read")
    return await asyncio.to_thread(_write, labelled, root)


def _write(labelled: list[LabelledMessage], root: Path) -> Frozen:
    lessons = _lessons(labelled)
    text = json.dumps(asdict(lessons), ensure_ascii=False, sort_keys=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    folder = root / sha256[:12]
    if not folder.exists():
        with new_folder(folder, "the snapshot", DataError) as scratch:
            (scratch / "lessons.json").write_text(text, encoding="utf-8")
    reached("run.snapshot.written")
    return Frozen(folder, sha256, len(lessons.train))


def _lessons(labelled: list[LabelledMessage]) -> Lessons:
    rows = [
        (Example(row.text, row.intent, row.topic, f"message:{row.message_id}", row.weight), row)
        for row in labelled
        if row.intent and not (row.author and row.author.consent is False)
    ]
    golden = tuple(example for example, row in rows if row.golden)
    others = [
        (example, hashlib.sha256(row.conversation.encode()).digest()[0] < 77) for example, row in rows if not row.golden
    ]
    return Lessons(tuple(e for e, held in others if not held), tuple(e for e, held in others if held), golden)
