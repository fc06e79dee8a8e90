"""The trainer's use of snapshot and gate for a router: what it may learn from, and whether what came out is better."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.encoder import Encoder
from nlp.learning.gate import judge
from nlp.learning.verdict import Verdict
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


def continue_router(live: Router | None, lessons: Lessons, seeds: Sequence[Example], encoder: Encoder) -> Steps[Router]:
    assert live is None or live
    return (yield from train_router([*seeds, *lessons.train], encoder, DEFAULT))


def judge_router(candidate: Router, live: Router, base: Router | None, lessons: Lessons, seeds: Path) -> Verdict:
    """The verdict of the gate on the held-out seeds, on recent conversations, and on the owner's golden rows."""
    held_out = sorted(seeds.glob("*.test.jsonl"))
    fixed = read_examples(*held_out) if held_out else []
    sets = {"fixed": fixed, "recent": lessons.recent, "golden": lessons.golden}
    return judge(candidate, live, base, {name: rows for name, rows in sets.items() if rows}, taught=lessons.train)


def scores_of(verdict: Verdict) -> Mapping[str, float]:
    """The candidate's accuracy by set and language, as `fixed/en`, for the curve over versions."""
    return {f"{line.set}/{line.language}": line.candidate for line in verdict.lines if line.measure == "intent"}
