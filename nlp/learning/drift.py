"""Whether what people write now differs from what they wrote before: the population stability index (PSI).

PSI = sum over classes of (recent - reference) * ln(recent / reference), with the shares of each window (Siddiqi 2006,
"Credit Risk Scorecards"). By custom 0.1 calls for a look and 0.25 for action. Of two windows of the same kind it is not
0 but about (k - 1)(1/n + 1/m) with k classes (Yurdakul 2018, "Statistical Properties of Population Stability Index"),
so small windows would raise alarms by chance: a level is given only to what lies beyond that chance too.
"""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from nlp.types import Language

_SMOOTHING = 0.5  # rows that every class has beside those counted, so that a class that is new or gone has a share
_BINS = 10
_CHANCE = 1.645  # standard deviations: one window in twenty lies beyond by chance


class Level(StrEnum):
    """How far a distribution has moved."""

    STABLE = "stable"
    WATCH = "watch"
    ALARM = "alarm"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one message: `known` is False where the bot was not made for it or did not know; `evidence` in
    [0, 1] is the score of what the documents had, None where they were not asked."""

    language: Language
    intent: str
    topic: str | None = None
    known: bool = True
    evidence: float | None = None


@dataclass(frozen=True)
class DriftRules:
    """From which PSI to watch and to raise an alarm, and the messages that each window needs."""

    watch: float = 0.1
    alarm: float = 0.25
    least: int = 50


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one distribution moved: its PSI, what chance explains of it, the sizes of both windows, and the class
    that moved most with its shares before and now (of evidence, the class is the bin `low-high`)."""

    name: str
    psi: float
    chance: float
    level: Level
    reference: int
    recent: int
    most: str = ""
    before: float = 0.0
    now: float = 0.0


@dataclass(frozen=True)
class Drift:
    """All shifts, and the worst level among them."""

    shifts: tuple[Shift, ...] = field(default=())

    @property
    def level(self) -> Level:
        """The worst level of those that could be told; `TOO_FEW` where none could."""
        order = (Level.ALARM, Level.WATCH, Level.STABLE)
        found = {shift.level for shift in self.shifts}
        return next((level for level in order if level in found), Level.TOO_FEW)


def measure_drift(reference: Sequence[Seen], recent: Sequence[Seen], rules: DriftRules = DriftRules()) -> Drift:
    """Compare two windows of messages by intent, topic, language, share of unknown messages, and evidence."""
    pairs = {
        "intents": [Counter(seen.intent for seen in window) for window in (reference, recent)],
        "topics": [Counter(seen.topic for seen in window if seen.topic) for window in (reference, recent)],
        "languages": [Counter[str](seen.language for seen in window) for window in (reference, recent)],
        "unknown": [Counter("known" if seen.known else "unknown" for seen in window) for window in (reference, recent)],
        "evidence": binned(_evidence(reference), _evidence(recent)),
    }
    return Drift(tuple(shift(name, before, now, rules) for name, (before, now) in pairs.items()))


def _evidence(window: Sequence[Seen]) -> list[float]:
    return [seen.evidence for seen in window if seen.evidence is not None]


def binned(reference: Sequence[float], recent: Sequence[float], bins: int = _BINS) -> list[Counter[str]]:
    """Both windows counted in bins that each hold the same share of the reference, as far as its values differ."""
    if not reference:
        return [Counter(), Counter({"all": len(recent)} if recent else {})]
    inner = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    edges = ["", *(f"{edge:.2f}" for edge in inner), ""]
    names = [f"{low}-{high}" for low, high in itertools.pairwise(edges)]
    return [
        Counter(names[place] for place in np.searchsorted(inner, window, side="right"))
        for window in (reference, recent)
    ]


def psi(reference: Mapping[str, int], recent: Mapping[str, int]) -> float:
    """The index of two counts of the same classes; 0 where there are none."""
    return math.fsum(_parts(reference, recent).values())


def _parts(reference: Mapping[str, int], recent: Mapping[str, int]) -> dict[str, float]:
    before, now = _shares(reference, recent), _shares(recent, reference)
    return {name: (now[name] - before[name]) * math.log(now[name] / before[name]) for name in before}


def _shares(counts: Mapping[str, int], other: Mapping[str, int]) -> dict[str, float]:
    names = sorted({*counts, *other})
    total = sum(counts.values()) + _SMOOTHING * len(names)
    return {name: (counts.get(name, 0) + _SMOOTHING) / total for name in names}


def shift(name: str, reference: Mapping[str, int], recent: Mapping[str, int], rules: DriftRules) -> Shift:
    """How far one distribution moved, with its level."""
    sizes = sum(reference.values()), sum(recent.values())
    if min(sizes) < rules.least:
        return Shift(name, 0.0, 0.0, Level.TOO_FEW, *sizes)
    parts = _parts(reference, recent)
    value, chance = math.fsum(parts.values()), _by_chance(len(parts), *sizes)
    most = max(parts, key=lambda label: parts[label])
    level = Level.ALARM if value >= rules.alarm else Level.WATCH if value >= rules.watch else Level.STABLE
    shares = reference.get(most, 0) / sizes[0], recent.get(most, 0) / sizes[1]
    return Shift(name, value, chance, level if value > chance else Level.STABLE, *sizes, most, *shares)


def _by_chance(classes: int, reference: int, recent: int) -> float:
    """The 95 % point of the index where nothing has moved: a scaled chi-square, by its normal approximation."""
    freedom = classes - 1
    return (1 / reference + 1 / recent) * (freedom + _CHANCE * math.sqrt(2 * freedom))
