"""What people say about an answer, as evidence for its label: each signal has a weight, and so has who gives it.

The rule, in full. A signal counts `SIGNAL_WEIGHTS[kind]` times the standing of its person. Standing is 4 for an admin, 3
for a reviewer, 1 for a member; a newcomer's grows from 0.1 to 1 over 14 days in the bot with 7 active ones. Of one
person's opinions of one message the newest explicit one counts, or the newest implicit one where there is no explicit
one. What speaks for a label adds to it, what speaks against it takes away.

1. Where admins or reviewers named or judged a label, they alone decide: the highest rank that spoke, by its sum.
2. Otherwise all decide by sum, but all newcomers together, whatever they say, count at most `NEWCOMERS_TOGETHER` times
   the least opinion of an established person (or, where none spoke, of one with the strongest signal given), so that no
   number of fresh accounts outvotes one established person.
3. The best label must have a positive sum of at least `LEAST`, and lead the next one by
   `LEAST_LEAD` of all that was said; otherwise the row is dropped.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Outcome = Literal["settled", "silent", "weak", "disputed", "rejected"]


class Signal(StrEnum):
    """How somebody told what they think of an answer."""

    UP = "up"
    DOWN = "down"
    REACTION_UP = "reaction_up"
    REACTION_DOWN = "reaction_down"
    WRONG_BECAUSE = "wrong_because"
    ADMIN_LABEL = "admin_label"
    ADMIN_CORRECTION = "admin_correction"
    REVIEW = "review"
    CLARIFIED = "clarified"
    REPHRASED = "rephrased"
    DENIED = "denied"
    THANKED = "thanked"


class Rank(StrEnum):
    """What a person is to the bot."""

    ADMIN = "admin"
    REVIEWER = "reviewer"
    MEMBER = "member"


SIGNAL_WEIGHTS: Mapping[Signal, float] = {
    Signal.ADMIN_CORRECTION: 1.0,
    Signal.ADMIN_LABEL: 1.0,
    Signal.REVIEW: 1.0,
    Signal.WRONG_BECAUSE: 0.7,
    Signal.CLARIFIED: 0.6,
    Signal.UP: 0.4,
    Signal.DOWN: 0.4,
    Signal.REACTION_UP: 0.3,
    Signal.REACTION_DOWN: 0.3,
    Signal.DENIED: 0.2,
    Signal.THANKED: 0.15,
    Signal.REPHRASED: 0.15,
}
AGAINST = frozenset(
    (Signal.DOWN, Signal.REACTION_DOWN, Signal.WRONG_BECAUSE, Signal.DENIED, Signal.REPHRASED)
)  # what speaks against the label that it is about, unless it names another
IMPLICIT = frozenset((Signal.REPHRASED, Signal.DENIED, Signal.THANKED))
REPHRASED_WITHIN = 120.0  # seconds between a question and its rewording
STANDING: Mapping[Rank, float] = {Rank.ADMIN: 4.0, Rank.REVIEWER: 3.0, Rank.MEMBER: 1.0}
NEWEST, GROWN_DAYS, GROWN_ACTIVE_DAYS = 0.1, 14.0, 7
NEWCOMERS_TOGETHER, LEAST, LEAST_LEAD = 0.9, 0.1, 0.2


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gives signals: `days` since the bot first met them, `active_days` of these with a message."""

    key: int
    rank: Rank = Rank.MEMBER
    days: float = 0.0
    active_days: int = 0

    @property
    def trusted(self) -> bool:
        """True for admins and reviewers."""
        return self.rank is not Rank.MEMBER

    @property
    def standing(self) -> float:
        """How much a signal of theirs counts: 3 or 4 for those in charge, 0.1 to 1 for others."""
        if self.trusted:
            return STANDING[self.rank]
        grown = min(self.days / GROWN_DAYS, self.active_days / GROWN_ACTIVE_DAYS, 1.0)
        return NEWEST + (1.0 - NEWEST) * max(grown, 0.0)

    @property
    def established(self) -> bool:
        """True for those whose standing has grown whole."""
        return self.standing >= 1.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """One signal about one message: for `label`, or against it where `against` is true.

    `person` is the key of a `Person`, `said_at` a time with a zone. A correction that says both what is wrong and what is
    right is one opinion, for the right label.
    """

    person: int
    signal: Signal
    label: str
    said_at: datetime
    against: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the opinions of one message come to.

    `label` is None unless the outcome is "settled". `weight` in [0, 1] is how much the row teaches, `lead` in [0, 1] how
    clear it was, `people` who spoke for the label, oldest key first; `trusted` tells that admins or reviewers decided, and
    `established` how many of `people` are established. The other outcomes: "silent" (nobody spoke), "weak" (too little),
    "disputed" (no clear lead), "rejected" (only spoken against).
    """

    label: str | None
    outcome: Outcome
    weight: float = 0.0
    lead: float = 0.0
    people: tuple[int, ...] = ()
    trusted: bool = False
    established: int = 0


def opinion(person: int, signal: Signal, label: str, said_at: datetime, named: str | None = None) -> Opinion:
    """The opinion that a signal about an answer routed to `label` gives; `named` is the label it says is right."""
    against = signal in AGAINST and named is None
    return Opinion(person, signal, named if named is not None else label, said_at, against)


def settle(opinions: Sequence[Opinion], people: Mapping[int, Person]) -> Verdict:
    """The label that the opinions of one message come to, by the rule above; a person not in `people` is a newcomer."""
    known = [(people.get(o.person, Person(o.person)), o) for o in _one_each(opinions)]
    if not known:
        return Verdict(None, "silent")
    deciding = _deciding(known)
    said = _sums(deciding)
    scores = {label: said[label, False] - said[label, True] for label, _ in list(said)}
    best = max(sorted(scores), key=lambda label: scores[label])
    rival = max([0.0, *(score for label, score in scores.items() if label != best)])
    lead = max(0.0, (scores[best] - rival) / sum(said.values()))
    if scores[best] <= 0:
        return Verdict(None, "rejected")
    if scores[best] < LEAST or lead < LEAST_LEAD:
        return Verdict(None, "weak" if scores[best] < LEAST else "disputed", lead=lead)
    speakers = {person.key: person for person, o in deciding if o.label == best and not o.against}
    established = sum(person.established for person in speakers.values())
    trusted = deciding[0][0].trusted
    return Verdict(best, "settled", min(1.0, scores[best]), lead, tuple(sorted(speakers)), trusted, established)


def _one_each(opinions: Iterable[Opinion]) -> list[Opinion]:
    """The opinion of each person that counts; what was said at one moment is ordered by its signal, for one result."""
    newest: dict[int, Opinion] = {}
    ordered = sorted(opinions, key=lambda o: (o.signal not in IMPLICIT, o.said_at, SIGNAL_WEIGHTS[o.signal], o.label))
    for one in ordered:
        newest[one.person] = one
    return [newest[person] for person in sorted(newest)]


def _deciding(known: list[tuple[Person, Opinion]]) -> list[tuple[Person, Opinion]]:
    """Those of the highest rank that spoke explicitly, or everybody where no admin or reviewer did."""
    for rank in (Rank.ADMIN, Rank.REVIEWER):
        of_rank = [(person, one) for person, one in known if person.rank is rank and one.signal not in IMPLICIT]
        if of_rank:
            return of_rank
    return known


def _sums(deciding: list[tuple[Person, Opinion]]) -> defaultdict[tuple[str, bool], float]:
    """The evidence for each label, and under (label, True) that against it; what newcomers say is made small enough."""
    sums: defaultdict[tuple[str, bool], float] = defaultdict(float)
    scale = _newcomers_scale(deciding)
    for person, one in deciding:
        value = SIGNAL_WEIGHTS[one.signal] * person.standing
        sums[one.label, one.against] += value if person.established else value * scale
    return sums


def _newcomers_scale(deciding: list[tuple[Person, Opinion]]) -> float:
    """The factor in [0, 1] after which all newcomers together count less than the least established opinion.

    Where no established person spoke, they count less than one of them would with the strongest signal given.
    """
    grown = [SIGNAL_WEIGHTS[one.signal] * person.standing for person, one in deciding if person.established]
    fresh = [(SIGNAL_WEIGHTS[one.signal], person.standing) for person, one in deciding if not person.established]
    together = sum(weight * standing for weight, standing in fresh)
    bound = NEWCOMERS_TOGETHER * (min(grown) if grown else max((weight for weight, _ in fresh), default=0.0))
    return min(1.0, bound / together) if together else 1.0
