"""What goes into a snapshot and what comes out: plain values, and the policy that is between them."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from nlp.learning.folding import NEAR
from nlp.learning.weights import MEMBERS_SHARE, PERSON_SHARE
from nlp.types import Language

Split = Literal["train", "recent", "reviewed", "golden"]
"""What is learned from; what is measured with: the latest conversations, those of them whose label admins or reviewers
gave, and what the owner set aside."""
SPLITS: tuple[Split, ...] = ("train", "recent", "reviewed", "golden")


@dataclass(frozen=True, slots=True)
class Sample:
    """A message with the label that the opinions about it came to.

    `origin` names it in the database, as "message:123". `person` wrote it in the chat `conversation` at `said_at` (with
    a time zone); `consented` tells whether they let the bot learn from it. `weight` >= 0, `trusted`, `people` and
    `established` are those of the `Verdict`: who spoke for the label, whether admins or reviewers decided, how many
    were established. `live` in [0, 1] is the live router's probability of `intent` for the text, where it is known. A
    `golden` sample is one that the owner set aside to measure with.
    """

    text: str
    intent: str
    topic: str | None
    language: Language
    origin: str
    person: int
    conversation: str
    said_at: datetime
    weight: float = 1.0
    golden: bool = False
    consented: bool = False
    trusted: bool = False
    people: tuple[int, ...] = ()
    established: int = 0
    live: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a snapshot; what each bound refuses is counted in its report.

    `seed_rows` and `chat_rows` bound how many seeds and messages are replayed, so many of each label as it takes for
    the rarest to keep all of theirs. `recent_share` of the messages, the latest conversations, are held out. A person's
    rows beyond `rows_an_hour` in one hour are a flood. `least_letters` is the shortest text that teaches,
    `most_characters` the longest. The rest are the bounds of `suspicion` and `weights`.
    """

    seed_rows: int = 10_000
    chat_rows: int = 10_000
    recent_share: float = 0.2
    recent_rows: int = 500
    near: float = NEAR
    least_letters: int = 2
    most_characters: int = 2_000
    person_share: float = PERSON_SHARE
    members_share: float = MEMBERS_SHARE
    rows_an_hour: int = 30
    supporters: int = 3
    neighbours: int = 8
    neighbour_likeness: float = 0.35
    neighbour_agreement: float = 0.1
    doubted_below: float = 0.2
    trigger_rows: int = 5
    trigger_people: int = 2
    trigger_chance: float = 0.001


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from: a message, or the file and line of a seed, and its writer as a salted hash or ""."""

    origin: str
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a snapshot: scrubbed text, labels and weight. The text is that of the first of `sources`; the others are
    repeats of it that were folded into the row."""

    text: str
    intent: str
    topic: str | None
    language: Language
    split: Split
    weight: float
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Snapshot:
    """A frozen training set: its rows in a fixed order, their SHA-256, when it was made, and what was counted.

    `report` holds the counts: "taken" (rows by split and by language), "refused" (messages by reason), "capped" (how
    many people had weight taken away), "folded" (repeats), "scrubbed" (pieces of personal data by kind), and "held",
    the origins held back for a person to look at, by reason.
    """

    rows: tuple[Row, ...]
    sha256: str
    created_at: datetime
    policy: Policy
    report: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def split(self, name: Split) -> tuple[Row, ...]:
        """The rows of one split."""
        return tuple(row for row in self.rows if row.split == name)


def writer_key(person: int, secret: str) -> str:
    """How a person is known in a snapshot: a keyed hash, which nobody without `secret` can go back from."""
    return hmac.new(secret.encode(), str(person).encode(), hashlib.sha256).hexdigest()[:16]
