"""The pure parts of learning as the trainer uses them: the snapshot, training that goes on, the gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.plans import PICTURE, Plan
from nlp.encoder import Encoder
from nlp.router import Router
from nlp.training import Steps
from nlp.training.data import Example, read_examples
from nlp.training.router import DEFAULT, train_router


@dataclass(frozen=True)
class Lessons:
    """What a snapshot holds for a router: rows to learn from, recent ones to judge on, and the owner's golden ones."""

    train: tuple[Example, ...] = ()
    recent: tuple[Example, ...] = ()
    golden: tuple[Example, ...] = ()


def read_lessons(folder: Path) -> Lessons:
    raw = json.loads((folder / "lessons.json").read_text(encoding="utf-8"))
    return Lessons(**{name: tuple(Example(**row) for row in rows) for name, rows in raw.items()})


def continue_router(
    live: Router | None, lessons: Lessons, seeds: Sequence[Example], encoder: Encoder, plan: Plan
) -> Steps[Router]:
    return (yield from train_router([*seeds, *lessons.train], encoder, DEFAULT))


@dataclass(frozen=True)
class Judged:
    promote: bool
    plain: Mapping[str, Any]
    scores: Mapping[str, float] = field(default_factory=dict)

    def draw(self, folder: Path, language: str) -> None:
        (folder / PICTURE).write_bytes(b"")


def judge_router(candidate: Router, live: Router, base: Router | None, lessons: Lessons, seeds: Path) -> Judged:
    fixed = read_examples(*sorted(seeds.glob("*.test.jsonl"))) if any(seeds.glob("*.test.jsonl")) else []
    rows = [*fixed, *lessons.recent, *lessons.golden]
    old, new = (sum(r.route(row.text).intent.label == row.intent for row in rows) for r in (live, candidate))
    return Judged(new >= old, {"promote": new >= old}, {"accuracy": new / max(1, len(rows))})
