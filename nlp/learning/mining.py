"""From votes and corrections to what a retriever learns: questions with passages that answer, and those that do not.

Votes on the same passage for the same question add up. What people liked less than they disliked teaches nothing, and
no number of likes counts for more than `MOST`, so that a crowd cannot drown the rest.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.lexical import terms
from nlp.training.division import same_question
from nlp.training.pairs import Pair

MOST = 3.0  # the greatest weight of a pair
HARD = 4  # negatives of a pair, of which training takes the first
_NEAR = 0.8  # share of the terms of the shorter passage that two have in common to be taken for versions of one


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer that somebody judged, with passages by their keys.

    `cited` are those it stands on; of a correction, that of the approved answer. `found` are all that the search found,
    best first. `vote` is above zero for a liked answer or a correction, below for a disliked one, at most 1 in size
    for one person's. `origin` names the row.
    """

    question: str
    cited: tuple[int, ...]
    found: tuple[int, ...]
    vote: float
    origin: str = ""


def mine(judged: Sequence[Judged], passages: Mapping[int, str], hard: int = HARD) -> list[Pair]:
    """Pairs from judged answers; `passages` are texts as they are embedded, and keys that it lacks are passed over.

    A passage is a hard negative where the search ranked it high, nobody liked an answer from it to this question, and
    it is no near-duplicate of one that answers, which may say the same or be an older version of it.
    """
    by_question: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        by_question[same_question(item.question)].append(item)
    pairs: list[Pair] = []
    for items in by_question.values():
        pairs += _pairs_of(items, passages, hard)
    return pairs


def _pairs_of(items: Sequence[Judged], passages: Mapping[int, str], hard: int) -> list[Pair]:
    """The pairs of one question. An answer from several passages gives each an equal part of its vote."""
    votes: dict[int, float] = defaultdict(float)
    origins: dict[int, str] = {}
    for item in items:
        cited = [key for key in dict.fromkeys(item.cited) if key in passages]
        for key in cited:
            votes[key] += item.vote / len(cited)
            if item.vote > 0:
                origins.setdefault(key, item.origin)
    right = [key for key, vote in votes.items() if vote > 0]
    negatives = _hard_negatives(items, right, passages)[:hard]
    question = next((item.question for item in items if item.vote > 0), "")
    return [Pair(question, passages[key], negatives, min(votes[key], MOST), origins[key]) for key in right]


def _hard_negatives(items: Sequence[Judged], right: Sequence[int], passages: Mapping[int, str]) -> tuple[str, ...]:
    """What was ranked high and does not answer, by its best rank."""
    ranks: dict[int, int] = {}
    for item in items:
        for rank, key in enumerate(item.found):
            if key in passages and key not in right:
                ranks[key] = min(rank, ranks.get(key, rank))
    answers = [frozenset(terms(passages[key])) for key in right]
    ordered = dict.fromkeys(passages[key] for key in sorted(ranks, key=lambda key: (ranks[key], key)))
    return tuple(text for text in ordered if not any(_near(frozenset(terms(text)), other) for other in answers))


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _NEAR * min(len(one), len(other))
