"""Use case: labelled texts out of the bot and into it.

Out go messages of people who may be learned from, without personal data, each with the one label that people settled
on. In come rows of files that somebody has labelled elsewhere; they are kept as files in the folder `learned`, which
every retraining reads beside the seeds, golden ones by themselves. They belong to no person: nobody's leaving removes
them, and deleting the file does.
"""

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bot import dataset_card
from nlp.errors import DataError
from nlp.folders import check_unused, new_folder, sync
from nlp.learning.evidence import Opinion, Person, Rank, Signal, settle
from nlp.learning.scrubbing import scrub
from nlp.text import clean, detect_language
from nlp.training.data import read_examples
from nlp.training.readers import read_rows
from nlp.types import LANGUAGES
from storage.consent import may_teach
from storage.database import Database
from storage.records import LabelledMessage

Format = Literal["jsonl", "datasets"]
FORMATS: tuple[Format, ...] = ("jsonl", "datasets")
LONGEST_LABEL = 64  # characters, as the database has room for
_SIGNALS = {"review": Signal.REVIEW, "clarification": Signal.CLARIFIED}


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text; a `golden` one is for testing alone."""

    text: str
    intent: str
    topic: str | None
    language: str
    golden: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: how many rows, how many of them golden, and where they are kept; `known` means that they
    were there already."""

    rows: int
    golden: int
    folder: Path
    known: bool


async def exported_rows(database: Database, *, assumed: bool) -> list[Row]:
    """Every message that may leave the bot, oldest first; `assumed` is as for `storage.consent`."""
    async with database.read() as tx:
        labelled = await tx.samples.labelled()
    by_message: dict[int, list[LabelledMessage]] = defaultdict(list)
    for row in labelled:
        if row.author is not None and may_teach(row.author.consent, assumed=assumed) and _counts(row):
            by_message[row.message_id].append(row)
    settled = [_settled(by_message[message]) for message in sorted(by_message)]
    return [row for row in settled if row is not None]


def _counts(row: LabelledMessage) -> bool:
    """True for what a reviewer says, and for what people say of their own messages."""
    mine = row.author is not None and row.author.id == row.labelled_by
    return row.intent is not None and row.source in _SIGNALS and (row.source == "review" or mine)


def _settled(said: Sequence[LabelledMessage]) -> Row | None:
    """The message with the label that its labels come to; None where they are disputed."""
    opinions = [Opinion(row.labelled_by, _SIGNALS[row.source], row.intent or "", row.labelled_at) for row in said]
    people = {row.labelled_by: _person(row) for row in said}
    intent = settle(opinions, people).label
    agreeing = [row for row in said if row.intent == intent]
    if intent is None or not agreeing:
        return None
    text = scrub(agreeing[-1].text).text
    topics = [row.topic for row in agreeing if row.topic]
    golden = any(row.golden for row in agreeing)
    return Row(text, intent, topics[-1] if topics else None, agreeing[-1].language or detect_language(text), golden)


def _person(row: LabelledMessage) -> Person:
    """Who has labelled a message: a reviewer, or its author."""
    if row.source == "review":
        return Person(row.labelled_by, Rank.ADMIN if row.labeller_role == "admin" else Rank.REVIEWER)
    known = (row.labelled_at - row.author.first_seen).total_seconds() / 86400 if row.author else 0.0
    return Person(row.labelled_by, Rank.MEMBER, known, row.author.days if row.author else 0)


def write_rows(rows: Sequence[Row], out: Path, wanted: Format) -> None:
    """Write rows to a new file, or to a new folder that `datasets.load_dataset` reads, whole or not at all.

    Raises:
        DataError: there are none, or `out` is in use or cannot be written.
    """
    if not rows:
        raise DataError("there is nothing to export: label messages with /review or 'dawen review' first")
    if wanted == "jsonl":
        if out.exists():
            raise DataError(f"{str(out)!r} is there already: choose a new file for the export")
        _write_file(out, lines(rows))
        return
    check_unused(out, "the export", DataError)
    splits = {"train": [row for row in rows if not row.golden], "test": [row for row in rows if row.golden]}
    with new_folder(out, "the export", DataError) as scratch:
        (scratch / "data").mkdir()
        for name, split in splits.items():
            if split:
                (scratch / dataset_card.FILES[name]).write_text(lines(split), encoding="utf-8")
        counts = {name: len(split) for name, split in splits.items() if split}
        languages = sorted({row.language for row in rows})
        (scratch / "README.md").write_text(dataset_card.card(counts, languages), encoding="utf-8")


def lines(rows: Iterable[Row]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)


def import_rows(path: Path, learned: Path) -> Imported:
    """Keep the labelled texts of a file for the next retraining: all of its rows, or none.

    Raises:
        DataError: a line cannot be used, or the folder cannot be written.
    """
    rows = read_labelled(path)
    golden = [row for row in rows if row.golden]
    name = hashlib.sha256(lines(rows).encode()).hexdigest()[:12]
    files = {f"{name}.jsonl": [row for row in rows if not row.golden], f"{name}.test.jsonl": golden}
    wanted = {learned / file: lines(kept) for file, kept in files.items() if kept}
    known = all(file.is_file() for file in wanted)
    for file, text in wanted.items():
        _write_file(file, text)
    return Imported(len(rows), len(golden), learned, known)


def read_labelled(path: Path) -> list[Row]:
    """The rows of a file, in order; what is not said of a row is worked out from its text.

    Raises:
        DataError: a line is not a labelled text, or says something of itself that cannot be used.
    """
    examples = read_examples(path)
    return [
        _row(path, number, raw, example.text, example.intent, example.topic)
        for (number, raw), example in zip(read_rows(path), examples, strict=True)
    ]


def _row(path: Path, number: int, raw: Mapping[str, Any], text: str, intent: str, topic: str | None) -> Row:
    where = f"{str(path)!r}, line {number}"
    if not clean(text).strip():
        raise DataError(f"{where} has an empty 'text': write one, or remove the line")
    for label in (intent, topic or ""):
        if len(label) > LONGEST_LABEL:
            raise DataError(f"{where} has the label {label[:20] + '…'!r} of {len(label)} characters: use at most 64")
    language = raw.get("language") or detect_language(text)
    if language not in LANGUAGES:
        raise DataError(f"{where} has the language {language!r}: use {' or '.join(map(repr, LANGUAGES))}, or none")
    golden = raw.get("golden", False)
    if golden not in (True, False, "", "true", "false"):
        raise DataError(f"{where} has the value {golden!r} for 'golden': use true or false")
    return Row(text, intent, topic, language, golden in (True, "true"))


def _write_file(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    scratch = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix=".new-", dir=path.parent, delete=False) as file:
            scratch = file.name
            file.write(text)
        sync(Path(scratch))
        Path(scratch).chmod(0o644)
        Path(scratch).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(scratch).unlink()
        raise DataError(f"{str(path)!r} cannot be written ({error.strerror}): choose another place") from error
