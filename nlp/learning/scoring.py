"""Who has which row right: candidate, live and base on every set, by set, language and measure.

A row counts for the intent where the live router knows its label. Where only the candidate knows it, it is a row of a
new label. Where neither does, nothing can be said. Topics alike. For the scope every row counts but those of intents
that the live router lacks: right is who takes it for in scope when its label is, and only then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.learning.decisions import Decider, Decision
from nlp.learning.significance import bootstrap_interval, compare, mcnemar
from nlp.learning.verdict import ClassLine, Line, Measure, NewLabels, Part
from nlp.router import Router
from nlp.text import detect_language
from nlp.training.checks import STRANGE_LABELS
from nlp.training.data import Example
from nlp.types import LANGUAGES, Language

Sets = Mapping[str, Sequence[Example]]
_PARTS: tuple[Part, ...] = ("all", *LANGUAGES)
_CHANGED = 2  # rows by which a class must change to be listed


@dataclass(frozen=True, slots=True)
class Mark:
    """One row by one measure: who is right; `live` is None for a label that the live router lacks, `base` alike.

    `taken`: the candidate gave it a label that the live router or the base lacks; `base_taken`: one that the base does.
    """

    set: str
    language: Language
    measure: Measure
    label: str
    candidate: bool
    live: bool | None
    base: bool | None
    taken: bool = False
    base_taken: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row with what all three say of it; `base` is None where there is none."""

    set: str
    row: Example
    language: Language
    candidate: Decision
    live: Decision
    base: Decision | None


@dataclass(frozen=True, slots=True)
class _Known:
    """The labels of one head of each router."""

    candidate: frozenset[str]
    live: frozenset[str]
    base: frozenset[str]


def score(candidate: Router, live: Router, base: Router | None, sets: Sets, decide: Decider) -> list[Mark]:
    """Ask all routers about all rows of all sets."""
    routers = (candidate, live, base or live)
    intents, topics = (_Known(*(labels_of(router)[head] for router in routers)) for head in (0, 1))
    marks: list[Mark] = []
    for name, rows in sets.items():
        for asked in _ask(name, rows, candidate, live, base, decide):
            marks += _marks(asked, intents, topics)
    return marks


def labels_of(router: Router) -> tuple[frozenset[str], frozenset[str]]:
    """The intents and topics that a router knows."""
    columns = [frozenset(head.labels) for head in router.heads]
    return columns[0], columns[1] if len(columns) > 1 else frozenset()


def _ask(
    name: str, rows: Sequence[Example], candidate: Router, live: Router, base: Router | None, decide: Decider
) -> list[_Asked]:
    texts = [row.text for row in rows]
    nothing: list[Decision | None] = [None] * len(texts)
    answers = zip(decide(candidate, texts), decide(live, texts), decide(base, texts) if base else nothing, strict=True)
    return [_Asked(name, row, detect_language(row.text), *said) for row, said in zip(rows, answers, strict=True)]


def _marks(asked: _Asked, intents: _Known, topics: _Known) -> Iterator[Mark]:
    row, said = asked.row, (asked.candidate, asked.live, asked.base)
    yield from _mark(asked, "intent", row.intent, [decision.intent if decision else None for decision in said], intents)
    if row.topic:
        yield from _mark(asked, "topic", row.topic, [decision.topic if decision else None for decision in said], topics)
    if row.intent in intents.live or row.intent in STRANGE_LABELS:
        inside = row.intent not in STRANGE_LABELS
        candidate, live = (decision.in_scope == inside for decision in (asked.candidate, asked.live))
        base = asked.base.in_scope == inside if asked.base else None
        yield Mark(asked.set, asked.language, "scope", row.intent, candidate, live, base)


def _mark(asked: _Asked, measure: Measure, label: str, said: Sequence[str | None], known: _Known) -> Iterator[Mark]:
    if label not in known.candidate | known.live:
        return
    candidate, live, base = said
    yield Mark(
        asked.set,
        asked.language,
        measure,
        label,
        candidate == label,
        live == label if label in known.live else None,
        base == label if asked.base and label in known.base else None,
        candidate != label and candidate not in known.live & known.base,
        candidate not in known.base,
    )


def lines(marks: Iterable[Mark]) -> list[Line]:
    """The figures of each set, in all languages and in each, by each measure; parts without rows are left out."""
    groups: dict[tuple[str, Measure, Part], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.live is not None:
            for part in ("all", mark.language):
                groups[mark.set, mark.measure, part].append(mark)
    order = sorted(groups, key=lambda key: (key[1], _PARTS.index(key[2])))
    sets = list(dict.fromkeys(name for name, _, _ in groups))
    return [line(groups[key], *key) for name in sets for key in order if key[0] == name]


def line(marks: Sequence[Mark], name: str, measure: Measure, part: Part) -> Line:
    """The figures of some rows, which the live router can all know."""
    candidate, live = [mark.candidate for mark in marks], [bool(mark.live) for mark in marks]
    paired = compare(candidate, live)
    low, high = bootstrap_interval(paired)
    based = [mark for mark in marks if mark.base is not None]
    beside = compare([mark.candidate for mark in based], [bool(mark.base) for mark in based])
    return Line(
        name,
        part,
        measure,
        paired.rows,
        sum(candidate) / len(marks),
        sum(live) / len(marks),
        paired.gained,
        paired.lost,
        sum(mark.taken and bool(mark.live) for mark in marks),
        mcnemar(paired.gained, paired.lost),
        low,
        high,
        sum(bool(mark.base) for mark in based) / len(based) if based else None,
        beside.rows,
        beside.gained,
        beside.lost - sum(mark.base_taken and bool(mark.base) for mark in based),
    )


def class_lines(marks: Iterable[Mark]) -> list[ClassLine]:
    """The intents of each language, over all sets, whose right rows changed by two or more: greatest loss first."""
    groups: dict[tuple[str, Language], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.measure == "intent" and mark.live is not None:
            groups[mark.label, mark.language].append(mark)
    found = [
        ClassLine(label, language, len(rows), sum(r.candidate for r in rows), sum(bool(r.live) for r in rows))
        for (label, language), rows in groups.items()
    ]
    changed = [item for item in found if abs(item.candidate - item.live) >= _CHANGED]
    return sorted(changed, key=lambda item: (item.candidate - item.live, item.label, item.language))


def new_labels(marks: Iterable[Mark]) -> NewLabels:
    """How well the candidate knows the labels, intents or topics, that the live router lacks."""
    fresh = [mark for mark in marks if mark.live is None]
    labels = tuple(sorted({mark.label for mark in fresh}))
    return NewLabels(labels, len(fresh), sum(mark.candidate for mark in fresh))
