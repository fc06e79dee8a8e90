"""Labelled texts: reading them from JSON Lines, CSV or TSV, and knowing exactly what was read.

One object a line, or a row below a header, with `text`, and `intent` (or `label`), optionally `topic` (or `scenario`).
Other fields are ignored.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import DataError
from nlp.model_store import DataSnapshot
from nlp.text import clean
from nlp.training.readers import read_rows

SEEDS = Path(__file__).parents[1] / "seeds"


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. `origin` says where the row came from, as `file:line` or a database row; `weight` >= 0 is how
    much it teaches beside a row of weight 1."""

    text: str
    intent: str
    topic: str | None = None
    origin: str = ""
    weight: float = 1.0


def seed_files(folder: Path = SEEDS) -> list[Path]:
    """The training files among the seeds: `*.jsonl`, without the held-out `*.test.jsonl`.

    Raises:
        DataError: there are none.
    """
    files = sorted(path for path in folder.glob("*.jsonl") if not path.name.endswith(".test.jsonl"))
    if not files:
        raise DataError(f"{str(folder)!r} holds no .jsonl files with training examples: check the folder")
    return files


def read_examples(*paths: Path) -> list[Example]:
    """All rows of the given files, in order.

    Raises:
        DataError: a file is missing or empty, or a line is not a labelled text.
    """
    examples: list[Example] = []
    for path in paths:
        rows = [_example(row, f"{path.name}:{number}") for number, row in read_rows(path)]
        if not rows:
            raise DataError(f"{str(path)!r} has no rows: expected a 'text' and its 'label' a line")
        examples += rows
    return examples


def _example(row: dict[str, Any], origin: str) -> Example:
    text, intent = row.get("text"), row.get("intent", row.get("label"))
    topic = row.get("topic", row.get("scenario"))
    if not isinstance(text, str) or not isinstance(intent, str) or not intent:
        raise DataError(f"{origin} lacks a 'text' or a 'label' (or 'intent'): both must be strings")
    if topic is not None and not isinstance(topic, str):
        raise DataError(f"{origin} has a 'topic' that is not a string: mend or remove it")
    for label in (intent, topic or ""):
        if clean(label) != label:
            raise DataError(f"{origin} has the label {label!r} with invisible characters: mend it")
    return Example(clean(text), intent, topic or None, origin)


def snapshot(examples: Sequence[Example], sources: Sequence[str] = ()) -> DataSnapshot:
    """The fingerprint of a training set; the order of its rows does not matter."""
    rows = sorted(f"{e.text}\x1f{e.intent}\x1f{e.topic or ''}" + _weighed(e) for e in examples)
    digest = hashlib.sha256("\x1e".join(rows).encode()).hexdigest()
    return DataSnapshot(digest, len(rows), tuple(sources))


def _weighed(example: Example) -> str:
    return "" if example.weight == 1.0 else f"\x1f{example.weight:.6g}"
