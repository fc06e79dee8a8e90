"""Use case: what conversations teach, frozen: read from the database, chosen, kept in a folder named by its content."""

import asyncio
import logging
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.evidence import ORIGIN, samples
from bot.points import reached
from bot.settings import Settings
from nlp.errors import DataError
from nlp.learning import snapshot_store
from nlp.learning.samples import Policy, Snapshot
from nlp.learning.snapshot import freeze as freeze_rows
from nlp.training.data import SEEDS, read_examples, seed_files
from storage.database import Database
from storage.records import Author, HeardMessage

_log = logging.getLogger(__name__)
_CHANGED_WITHIN = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot on disk: its folder, the SHA-256 of what it holds, and how many rows from messages teach."""

    folder: Path
    sha256: str
    rows: int


async def freeze(database: Database, settings: Settings) -> Frozen:
    """Freeze what may be learned from by now.

    Raises:
        DataError: the seeds cannot be read, or the snapshot not be written.
    """
    now = datetime.now(UTC)
    async with database.read() as tx:
        messages, authors = await tx.samples.heard(), await tx.samples.people()
    reached("run.samples.read")
    return await asyncio.to_thread(_frozen, messages, authors, now, settings)


def _frozen(messages: list[HeardMessage], authors: dict[int, Author], now: datetime, settings: Settings) -> Frozen:
    found = samples(messages, authors, now, admins=settings.admins, assumed=settings.consent_assumed)
    seeds = read_examples(*seed_files(settings.seeds or SEEDS), *files_in(settings.learned_folder))
    snapshot = freeze_rows(found, seeds, Policy(), now)
    folder = settings.snapshots_folder.absolute() / snapshot.sha256[:12]
    if not _is_there(folder, snapshot):
        snapshot_store.write(folder, snapshot)
    reached("run.snapshot.written")
    return Frozen(folder, snapshot.sha256, count_taught(snapshot))


def files_in(learned: Path, *, golden: bool = False) -> list[Path]:
    """The files of labelled texts that were imported: those to learn from, or the `golden` ones, to judge on."""
    return [path for path in sorted(learned.glob("*.jsonl")) if path.name.endswith(".test.jsonl") is golden]


def _is_there(folder: Path, snapshot: Snapshot) -> bool:
    """True for a folder that holds this snapshot whole; a damaged one is removed."""
    if not folder.exists():
        return False
    with suppress(DataError):
        if snapshot_store.read(folder).sha256 == snapshot.sha256:
            return True
    shutil.rmtree(folder)
    return False


def count_taught(snapshot: Snapshot) -> int:
    """How many rows to learn from came from messages."""
    return sum(row.sources[0].origin.startswith(ORIGIN) for row in snapshot.split("train"))


def unlearn(root: Path, messages: Iterable[int]) -> int:
    """Take messages out of every snapshot; how many places they were in. One that is damaged goes whole.

    Raises:
        DataError: a snapshot cannot be written.
    """
    origins = {f"{ORIGIN}{message}" for message in messages}
    return sum(snapshot_store.without(folder, origins) for folder, _ in _sound(root))


def messages_in(root: Path) -> set[tuple[int, str]]:
    """The messages that the snapshots know: numbers, with the texts of their rows; empty where they are only named."""
    found: set[tuple[int, str]] = set()
    for _, snapshot in _sound(root):
        found |= {(number, "") for origins in snapshot.held.values() for number in _numbers(origins)}
        for row in snapshot.rows:
            found |= {(number, row.text) for number in _numbers(source.origin for source in row.sources)}
    return found


def _sound(root: Path) -> Iterator[tuple[Path, Snapshot]]:
    """The snapshots that can be read. Others are of no use, and may hold what was to be forgotten: they are removed."""
    for path in sorted(root.glob("*/manifest.json")):
        try:
            yield path.parent, _read_patiently(path.parent)
        except DataError as error:
            _log.warning("%s; it is removed", error)
            shutil.rmtree(path.parent, ignore_errors=True)


def _read_patiently(folder: Path) -> Snapshot:
    """A snapshot, read again where another process was changing it meanwhile."""
    try:
        return snapshot_store.read(folder)
    except DataError:
        time.sleep(_CHANGED_WITHIN)
        return snapshot_store.read(folder)


def _numbers(origins: Iterable[str]) -> list[int]:
    return [int(origin.removeprefix(ORIGIN)) for origin in origins if origin.startswith(ORIGIN)]
