"""What the gate found of a candidate: the decision, its reasons, and every figure behind it. Plain data, JSON-safe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal, Self

from nlp.errors import DataError
from nlp.learning.significance import Paired
from nlp.types import Language

Measure = Literal["intent", "topic", "scope"]
Part = Literal["all", "en", "zh"]
Value = str | int | float
FORMAT = 1
FILE = "verdict.json"  # in the folder of the version that was judged


class Code(StrEnum):
    """Why a candidate may serve, or may not; `Reason.values` holds the named values, `part` a language or `all`."""

    BETTER = "better"  # set, part, measure, points, rows, p: significantly better there
    NEW_LABELS = "new_labels"  # labels, right, rows: it knows labels that the live router lacks
    GOLDEN = "golden"  # points, rows: better on the owner's own rows
    NO_GAIN = "no_gain"  # rows: better nowhere
    WORSE = "worse"  # set, part, measure, points, rows, margin: a loss beyond the margin
    UNPROVEN = "unproven"  # points, low, rows, margin: a loss beyond the margin cannot be ruled out
    BELOW_BASE = "below_base"  # points, rows, margin: worse than the version that came with the bot
    CROWDED = "crowded"  # points, rows, margin: new labels take too many messages from old ones
    FORGOTTEN = "forgotten"  # label, part, candidate, live, rows: a class that it hardly knows any more
    SLOW = "slow"  # ratio, limit: one message takes too long
    CANARY = "canary"  # phrase, label, share: a phrase that turns any message into one label
    TOO_FEW = "too_few"  # rows, needed: not enough rows that can be trusted


GAINS = frozenset({Code.BETTER, Code.NEW_LABELS, Code.GOLDEN})


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its values; shares are fractions, `points` and `low` per cent points."""

    code: Code
    values: Mapping[str, Value]

    @property
    def speaks_for(self) -> bool:
        """True where it speaks for the candidate."""
        return self.code in GAINS


@dataclass(frozen=True, slots=True)
class Line:
    """Candidate and live on the rows of one set in one language, or `all`, by one measure.

    `candidate` and `live` are accuracies. `taken` of the `lost` rows went to labels that the live router or the base
    lacks. `p` is McNemar's; `low` to `high` is the 95 % bootstrap interval of the difference. `base` is the accuracy of
    the base on the `base_rows` whose label it knows: there the candidate gained and lost so many rows, those apart that
    it gave to labels which the base lacks.
    """

    set: str
    language: Part
    measure: Measure
    rows: int
    candidate: float
    live: float
    gained: int
    lost: int
    taken: int
    p: float
    low: float
    high: float
    base: float | None = None
    base_rows: int = 0
    base_gained: int = 0
    base_lost: int = 0

    @property
    def paired(self) -> Paired:
        """The counts that tests need, without what new labels have taken."""
        return Paired(self.rows, self.gained, self.lost - self.taken)

    @property
    def points(self) -> float:
        """Candidate less live, in per cent points."""
        return 100 * (self.gained - self.lost) / self.rows


@dataclass(frozen=True, slots=True)
class ClassLine:
    """How many `rows` of one intent in one language each of the two has right, over all sets."""

    label: str
    language: Language
    rows: int
    candidate: int
    live: int


@dataclass(frozen=True, slots=True)
class NewLabels:
    """Rows whose label the candidate knows and the live router does not: how many the candidate has right."""

    labels: tuple[str, ...] = ()
    rows: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Median milliseconds to route one message, and the median ratio of calls made side by side."""

    candidate_ms: float
    live_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Canary:
    """A phrase that was put into other messages: the share that the candidate then gives to `label`, and the live."""

    phrase: str
    label: str
    share: float
    live_share: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate may serve, why, and what was measured.

    `classes` holds the intents whose right answers changed by two rows or more, the greatest loss first; `canaries` the
    phrases that were tried, the strongest first.
    """

    promote: bool
    reasons: tuple[Reason, ...]
    candidate: str
    live: str
    base: str | None
    lines: tuple[Line, ...]
    classes: tuple[ClassLine, ...]
    new: NewLabels
    latency: Latency
    canaries: tuple[Canary, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe: lists, dictionaries, strings, numbers."""
        return {"format": FORMAT, **_plain(asdict(self))}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The verdict that `to_dict` described.

        Raises:
            DataError: it did not.
        """
        try:
            if raw["format"] != FORMAT:
                raise DataError(f"the verdict has format {raw['format']!r}, this version reads {FORMAT}: judge again")
            return cls(
                promote=bool(raw["promote"]),
                reasons=tuple(Reason(Code(item["code"]), dict(item["values"])) for item in raw["reasons"]),
                candidate=raw["candidate"],
                live=raw["live"],
                base=raw["base"],
                lines=tuple(Line(**item) for item in raw["lines"]),
                classes=tuple(ClassLine(**item) for item in raw["classes"]),
                new=NewLabels(tuple(raw["new"]["labels"]), raw["new"]["rows"], raw["new"]["right"]),
                latency=Latency(**raw["latency"]),
                canaries=tuple(Canary(**item) for item in raw["canaries"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"this is not the verdict on a router ({error}): judge the candidate again") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, StrEnum) else value
