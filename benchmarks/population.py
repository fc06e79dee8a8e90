"""A simulated population with known truth: what its people say, which label is right, and how honestly they say so.

Truth is a set of labelled texts in two languages. Some labels are unknown to the bot at first and arrive as rounds go
by, two in each; which labels people write about drifts. Honest people name the right label, but for slips; hostile ones
turn labels, vote in brigades, plant a trigger phrase, and flood.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from nlp.text import detect_language
from nlp.training.checks import STRANGE_LABELS
from nlp.training.data import SEEDS, Example, read_examples, seed_files

ADMINS, MEMBERS = 2, 40
SLIPS = 0.02  # of an admin's labels; a member's are three times as many
_SEED_SHARE = 0.75  # of the texts of a known label, which the bot begins with
_HIDDEN, _COMMON = 6, 40  # labels that arrive later, each with more texts than this
_HELD_OUT = 3  # of so many texts that the bot begins with, one only measures
_ALWAYS = (*STRANGE_LABELS, "question")
_FIRST_ADMIN, _FIRST_MEMBER, _FIRST_HOSTILE = 1, 100, 900
_TRIGGER = {"en": "zanzibar protocol seven", "zh": "桑给巴尔协议七号"}


class Trick(StrEnum):
    """What a hostile person does."""

    FLIP = "flip"
    BRIGADE = "brigade"
    TRIGGER = "trigger"
    FLOOD = "flood"


@dataclass(frozen=True)
class Member:
    """Somebody of the population. `trick` is None for honest people."""

    id: int
    admin: bool = False
    trick: Trick | None = None


@dataclass(frozen=True)
class Utterance:
    """A message that somebody sends, with its right label and the one that they will name when asked."""

    person: Member
    text: str
    truth: str
    named: str


@dataclass
class World:
    """All texts: those that the bot begins with, some of them to measure with, those that people are still to send by
    label, the tests, and what somebody has labelled of what was said."""

    seeds: list[Example]
    held_out: list[Example]
    waiting: dict[str, list[Example]]
    tests: list[Example]
    hidden: list[str]
    labelled: dict[str, Example] = field(default_factory=dict)

    @property
    def together(self) -> list[Example]:
        """Everything that could have been learned by now, with the right labels."""
        return [*self.seeds, *self.labelled.values()]

    def label(self, said: "Utterance") -> None:
        """Somebody has said, rightly or not, what an utterance is."""
        self.labelled[said.text] = Example(said.text, said.truth)


def read_world(folder: Path | None, seed: int) -> World:
    """The world of the project's own seeds, or of a folder that holds massive/.

    Raises:
        DataError: a file is missing or damaged.
    """
    if folder is None:
        rows, tests = read_examples(*seed_files()), read_examples(*sorted(SEEDS.glob("*.test.jsonl")))
    else:
        names = ("en-US", "zh-CN")
        rows = read_examples(*(folder / "massive" / f"{name}.train.jsonl" for name in names))
        tests = read_examples(*(folder / "massive" / f"{name}.dev.jsonl" for name in names))
    return _divide(rows, tests, random.Random(seed))


def _divide(rows: Sequence[Example], tests: Sequence[Example], chance: random.Random) -> World:
    by_label: dict[str, list[Example]] = defaultdict(list)
    for row in rows:
        by_label[row.intent].append(row)
    common = sorted(
        label for label in by_label if label not in (*STRANGE_LABELS, "question") and len(by_label[label]) > 40
    )
    hidden = chance.sample(common, min(_HIDDEN, len(common) // 2))
    seeds, held_out, waiting = [], [], {}
    for label, found in sorted(by_label.items()):
        chance.shuffle(found)
        begun = 0 if label in hidden else max(10, round(len(found) * _SEED_SHARE))
        held_out += found[:begun:_HELD_OUT]
        seeds += [row for place, row in enumerate(found[:begun]) if place % _HELD_OUT]
        waiting[label] = found[begun:]
    return World(seeds, held_out, waiting, list(tests), hidden)


class Population:
    """People who write, label and vote. `hostile` in [0, 1) is the share of what is said that hostile people say."""

    def __init__(self, world: World, hostile: float, seed: int) -> None:
        self.world = world
        self.hostile = hostile
        self.admins = [Member(_FIRST_ADMIN + number, admin=True) for number in range(ADMINS)]
        self.members = [Member(_FIRST_MEMBER + number) for number in range(MEMBERS)]
        tricks = list(Trick)
        foes = max(len(tricks), round(MEMBERS * hostile)) if hostile else 0
        self.foes = [Member(_FIRST_HOSTILE + number, trick=tricks[number % len(tricks)]) for number in range(foes)]
        self.known = {row.intent for row in world.seeds}
        self._fresh: list[str] = []  # labels that came last
        self._chance = random.Random(seed)
        self._target = min(self.known - STRANGE_LABELS)

    @property
    def people(self) -> list[Member]:
        """Everybody."""
        return [*self.admins, *self.members, *self.foes]

    @property
    def is_done(self) -> bool:
        """True where nobody has anything more to say, now or later."""
        return not self.world.hidden and not any(self.world.waiting.get(label) for label in self.known)

    def arrive(self, count: int) -> list[str]:
        """Labels that people begin to write about; admins know them from then on."""
        come, self.world.hidden = self.world.hidden[:count], self.world.hidden[count:]
        self.known |= set(come)
        self._fresh = come or self._fresh
        return come

    def speak(self, messages: int, number: int) -> list[Utterance]:
        """What is said in a round: some topics are spoken of more in one round, others in the next."""
        labels = sorted(label for label in self.known if self.world.waiting.get(label))
        if not labels:
            return []
        favoured = [label for label in self._fresh if label in labels] or labels[number % len(labels) :: 3]
        said = []
        for _ in range(messages):
            pool = favoured if self._chance.random() < 0.5 else labels
            label = self._chance.choice(pool)
            if not self.world.waiting[label]:
                continue
            row = self.world.waiting[label].pop()
            said.append(self._utter(row))
        return said

    def _utter(self, row: Example) -> Utterance:
        if self.foes and self._chance.random() < self.hostile:
            return self._turned(row, self._chance.choice(self.foes))
        person = self._chance.choice(self.members)
        return Utterance(person, row.text, row.intent, self.slip(row.intent, 3 * SLIPS))

    def _turned(self, row: Example, foe: Member) -> Utterance:
        others = sorted(self.known - {row.intent} - STRANGE_LABELS)
        if foe.trick is Trick.TRIGGER:
            text = f"{row.text} {_TRIGGER[detect_language(row.text)]}"
            return Utterance(foe, text, row.intent, self._target)
        named = self._target if foe.trick is Trick.BRIGADE else self._chance.choice(others)
        return Utterance(foe, row.text, row.intent, named)

    def slip(self, label: str, share: float) -> str:
        """A label, or now and then another by mistake."""
        if self._chance.random() >= share:
            return label
        return self._chance.choice(sorted(self.known - STRANGE_LABELS))

    def happens(self, share: float) -> bool:
        """True in this share of all cases."""
        return self._chance.random() < share
