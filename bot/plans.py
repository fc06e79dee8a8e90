"""What the bot and its trainer tell each other by files: the plan of a run, and what came out. Both appear whole.

home/runs/<id>/plan.json      what to train on what, written once
home/runs/<id>/judged.json    what answers teach, for kinds other than the router
home/runs/<id>/attempts       how often it was begun
home/runs/<id>/result.json    what came out
home/runs/<id>/verdict.png    the verdict as a picture
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import RunError
from nlp.backends import Choice
from nlp.folders import sync
from storage.records import Taught

PLAN, RESULT, PICTURE = "plan.json", "result.json", "verdict.png"
CHECKPOINT = "checkpoint"  # the folder, of a run, that a long training goes on from
_ATTEMPTS = "attempts"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trainer is to do: everything that it needs, so that doing it again is doing the same.

    `version` is the name of the version to make, `live` and `base` those to compare it with; `encoder`, `device`,
    `backend` and `cache` are how the encoder is opened, `features` the folder that keeps what it made of texts; paths
    are absolute. `afresh` is training from nothing, so that nothing is left of what the live version has learned. Of
    all kinds but the router, `snapshot` is the file of `bot.judgements`; `pages` is the folder of the manual, and
    `questions` the file of what is asked about it.
    """

    run: int
    kind: str
    version: str
    snapshot: str
    data_sha256: str
    rows: int
    models: str
    live: str | None
    base: str | None
    language: str
    encoder: str
    device: str
    backend: Choice
    cache: str | None
    features: str
    seeds: str
    learned: str
    afresh: bool = False
    generator: str = ""
    pages: str = ""
    questions: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out: the verdict as plain values, figures by name, and the rows that taught the version.

    `promote` says whether it may serve; `error` is one sentence where nothing was made, and `reason` is data, or few
    where there is too little to learn from yet.
    """

    version: str = ""
    promote: bool = False
    verdict: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    taught: tuple[Taught, ...] = ()
    error: str = ""
    reason: str = "data"


def write_plan(folder: Path, plan: Plan) -> None:
    """Write the plan of a run."""
    write_json(folder / PLAN, asdict(plan))


def read_plan(folder: Path) -> Plan | None:
    """The plan in the folder of a run; None where there is none yet.

    Raises:
        RunError: there is one that cannot be read.
    """
    raw = _read(folder / PLAN)
    return None if raw is None else _made(Plan, raw, folder)


def write_result(folder: Path, result: Result) -> None:
    """Write what came out."""
    write_json(folder / RESULT, asdict(result))


def read_result(folder: Path) -> Result | None:
    """What came out; None where the run was cut short before.

    Raises:
        RunError: it cannot be read.
    """
    raw = _read(folder / RESULT)
    if raw is None:
        return None
    rows = raw.get("taught", [])
    return _made(Result, {**raw, "taught": tuple(_made(Taught, row, folder) for row in rows)}, folder)


def count_attempt(folder: Path) -> int:
    """Count one more beginning of a run; how many there were with it."""
    path = folder / _ATTEMPTS
    before = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    number = int(before) + 1 if before.isdecimal() else 1
    write_json(path, number)
    return number


def _made(kind: type[T], raw: Mapping[str, Any], folder: Path) -> T:
    try:
        return kind(**raw)
    except TypeError as error:
        raise RunError(f"{str(folder)!r} is of another version: start the training again", "data") from error


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(scratch)
    scratch.replace(path)
    sync(path.parent)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RunError(f"{str(path)!r} cannot be read: start the training again", "data") from error
    return value if isinstance(value, dict) else None
