"""Use case: reviewers say what messages really were. Which come first is chosen so that every label teaches much.

A reviewer goes through a batch of cards, one message each. Everything that is said is stored at once; only the order of
the batch is held in memory, and after a restart a new batch is chosen. Messages of people who may not be learned from
are never shown, and a label that is there stays when its author opts out, but is no longer read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.inference import Inference
from nlp.learning.agreement import Agreement, agreement
from nlp.learning.evidence import SIGNAL_WEIGHTS, Signal
from nlp.learning.likeness import joined
from nlp.learning.selection import select
from nlp.text import clean, fold
from storage.database import Database, Transaction
from storage.records import Candidate, Label, Reviewed

BATCH = 40
ENOUGH = 20  # labels from which a retraining is worth it
_POOL = 1000  # newest messages to choose from
_SECOND_LOOKS = 8  # one card in so many is one that another reviewer has labelled
LONGEST_NAME = 32  # characters
_NAME = re.compile(r"\w+")
_REVIEW = "review"
_WEIGHT = SIGNAL_WEIGHTS[Signal.REVIEW]

Head = Literal["intent", "topic"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a reviewer is: card `place` of `total`, and `fresh` labels since the last training, of `enough`."""

    place: int
    total: int
    fresh: int
    enough: int


@dataclass(frozen=True, slots=True)
class Card:
    """A message to review: what the bot made of it, what the reviewer has said so far, and how far they are.

    `verdict` is what they think of the answer (+1, -1 or 0); `asked` counts how often the same was asked.
    """

    message: Reviewed
    label: Label | None
    verdict: int
    progress: Progress
    asked: int = 1
    agreement: Agreement | None = None


@dataclass(slots=True)
class _Batch:
    """The messages of one reviewer's batch, in order, and how often each was asked."""

    messages: list[int] = field(default_factory=list)
    asked: dict[int, int] = field(default_factory=dict)

    def place(self, message_id: int) -> int:
        """Where a message is, from 1; 0 for one that is not among them."""
        return self.messages.index(message_id) + 1 if message_id in self.messages else 0


class Review:
    """Hands out cards and keeps what reviewers say. `assumed` is as for `storage.consent`."""

    def __init__(self, database: Database, inference: Inference, *, assumed: bool, enough: int = ENOUGH) -> None:
        self._database = database
        self._inference = inference
        self._assumed = assumed
        self._enough = enough
        self._batches: dict[int, _Batch] = {}

    async def begin(self, reviewer: int) -> Card | None:
        """The first card of a new batch; None when there is nothing to review."""
        async with self._database.read() as tx:
            pool = await tx.review.pool(reviewer, _POOL, assumed=self._assumed)
        self._batches[reviewer] = await self._choose(pool)
        return await self._first(reviewer, self._batches[reviewer].messages)

    async def next(self, reviewer: int, after: int) -> Card | None:
        """The card behind that of a message; None at the end of the batch."""
        batch = self._batches.get(reviewer)
        if batch is None:
            return await self.begin(reviewer)
        return await self._first(reviewer, batch.messages[batch.place(after) :])

    async def card(self, reviewer: int, message_id: int) -> Card | None:
        """The card of a message as it stands; None where it may no longer be shown."""
        batch = self._batches.get(reviewer) or _Batch()
        async with self._database.read() as tx:
            message = await tx.review.message(message_id, assumed=self._assumed)
            if message is None:
                return None
            return Card(
                message=message,
                label=await tx.review.label(message_id, reviewer),
                verdict=await tx.review.verdict(message.answer_id, reviewer),
                progress=await self._progress(tx, batch, message_id),
                asked=batch.asked.get(message_id, 1),
                agreement=agreement(await tx.review.opinions()),
            )

    async def progress(self, reviewer: int) -> Progress:
        """How far a reviewer is at the end of a batch."""
        batch = self._batches.get(reviewer) or _Batch()
        async with self._database.read() as tx:
            return await self._progress(tx, batch, batch.messages[-1] if batch.messages else 0)

    async def label(self, reviewer: int, message_id: int, head: Head, name: str) -> bool:
        """Say what a message was; the other half of the label stays. False where the message may not be shown."""
        async with self._database.write() as tx:
            message = await tx.review.message(message_id, assumed=self._assumed)
            if message is None:
                return False
            label = await _started(tx, reviewer, message_id)
            await _store(tx, replace(label, intent=name) if head == "intent" else replace(label, topic=name))
            return True

    async def confirm(self, reviewer: int, message_id: int) -> bool:
        """Say that route and answer were right; what was chosen by hand stays."""
        async with self._database.write() as tx:
            message = await tx.review.message(message_id, assumed=self._assumed)
            if message is None:
                return False
            label = await _started(tx, reviewer, message_id)
            whole = replace(label, intent=label.intent or message.intent, topic=label.topic or message.topic)
            await _store(tx, whole)
            await _judge(tx, message, reviewer, 1)
            return True

    async def reject(self, reviewer: int, message_id: int) -> bool:
        """Say that the answer was wrong, which says nothing of the route."""
        async with self._database.write() as tx:
            message = await tx.review.message(message_id, assumed=self._assumed)
            if message is not None:
                await _judge(tx, message, reviewer, -1)
            return message is not None

    async def gild(self, reviewer: int, message_id: int) -> bool | None:
        """Make a labelled message golden, or no longer; whether it is now, or None where it has no intent yet.

        A golden message teaches nothing: every new version must get it right.
        """
        async with self._database.write() as tx:
            label = await tx.review.label(message_id, reviewer)
            if label is None or label.intent is None:
                return None
            await _store(tx, replace(label, golden=not label.golden))
            return not label.golden

    async def undo(self, reviewer: int) -> Card | None:
        """Take the reviewer's last label back, with what they said of the answer; its card, None without a label."""
        async with self._database.write() as tx:
            label = await tx.review.latest(reviewer)
            if label is None:
                return None
            await tx.feedback.unlabel(label.message_id, reviewer)
            message = await tx.review.message(label.message_id, assumed=self._assumed)
            if message is not None:
                await _judge(tx, message, reviewer, 0)
        return await self.card(reviewer, label.message_id)

    async def names(self, head: Head, message: Reviewed) -> list[str]:
        """All intents, or topics, that a message may have: the best guesses first, then what the router and people
        know, by name."""
        async with self._database.read() as tx:
            intents, topics = await tx.review.names()
        heads = self._inference.models.router.heads
        place, guesses = (0, "intents") if head == "intent" else (1, "topics")
        known = {*(intents if head == "intent" else topics), *(heads[place].labels if len(heads) > place else ())}
        best = list(message.scores.get(guesses, {}))
        return list(dict.fromkeys([*best, *sorted(known)]))

    async def _choose(self, pool: Sequence[Candidate]) -> _Batch:
        """A batch from the pool: what teaches most, and among it some that others have labelled, to compare."""
        groups = _same(pool)
        fresh, again = _split(groups.values())
        again = again[: BATCH // _SECOND_LOOKS]
        chosen = await self._inference.run(self._most_telling, fresh, groups, BATCH - len(again))
        asked = {candidate.message_id: len(group) for group in groups.values() for candidate in group}
        return _Batch(_mixed(chosen, [candidate.message_id for candidate in again]), asked)

    def _most_telling(
        self, fresh: Sequence[Candidate], groups: Mapping[str, Sequence[Candidate]], most: int
    ) -> list[int]:
        """The messages whose labels teach most, best first."""
        texts = [candidate.text for candidate in fresh]
        vectors = self._inference.models.encoder.features(texts).vectors
        chances = [tuple(candidate.intents.values()) for candidate in fresh]
        asked = [len(groups[_key(candidate)]) for candidate in fresh]
        return [fresh[place].message_id for place in select(chances, joined(texts, vectors), asked, most)]

    async def _first(self, reviewer: int, messages: Sequence[int]) -> Card | None:
        for message_id in messages:
            card = await self.card(reviewer, message_id)
            if card is not None:
                return card
        return None

    async def _progress(self, tx: Transaction, batch: _Batch, message_id: int) -> Progress:
        return Progress(batch.place(message_id), len(batch.messages), await tx.review.fresh(), self._enough)


def new_name(text: str) -> str | None:
    """The name of a new intent or topic in the form in which labels are kept: "Lost Card" is "lost_card"; None where
    it is none or too long."""
    name = "_".join(_NAME.findall(fold(clean(text))))
    return name if 0 < len(name) <= LONGEST_NAME else None


async def _started(tx: Transaction, reviewer: int, message_id: int) -> Label:
    """The reviewer's label so far."""
    label = await tx.review.label(message_id, reviewer)
    return label or Label(message_id, reviewer, None, None, _REVIEW, _WEIGHT, golden=False)


async def _store(tx: Transaction, label: Label) -> None:
    await tx.feedback.label(
        label.message_id,
        label.user_id,
        _REVIEW,
        label.intent,
        label.topic,
        weight=_WEIGHT,
        golden=label.golden,
    )


async def _judge(tx: Transaction, message: Reviewed, reviewer: int, value: int) -> None:
    """Keep what a reviewer thinks of the answer; 0 takes it back."""
    await tx.feedback.vote(message.answer_id, reviewer, _REVIEW, value, weight=_WEIGHT)


def _same(pool: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """The messages by what they say, however it is spaced and capped."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in pool:
        groups.setdefault(_key(candidate), []).append(candidate)
    return groups


def _key(candidate: Candidate) -> str:
    return " ".join(fold(candidate.text).split())


def _split(groups: Iterable[Sequence[Candidate]]) -> tuple[list[Candidate], list[Candidate]]:
    """Of every group the newest message: of those that nobody has labelled, and of those that others have."""
    fresh: list[Candidate] = []
    again: list[Candidate] = []
    for group in groups:
        if any(candidate.mine for candidate in group):
            continue
        looked_at = [candidate for candidate in group if candidate.others]
        if looked_at:
            again.append(looked_at[0])
        else:
            fresh.append(group[0])
    return fresh, again


def _mixed(fresh: Sequence[int], again: Sequence[int]) -> list[int]:
    """One of `again` behind every few of `fresh`, as far as they go."""
    mixed: list[int] = []
    left = list(again)
    for number, message_id in enumerate(fresh, 1):
        mixed.append(message_id)
        if left and number % (_SECOND_LOOKS - 1) == 0:
            mixed.append(left.pop(0))
    return mixed + left
