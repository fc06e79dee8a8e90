"""Which rows a snapshot replays and which it holds out to measure with."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from nlp.learning.folding import NearIndex
from nlp.learning.samples import Policy, Sample

T = TypeVar("T")


def stratified(items: Sequence[T], most: int, label: Callable[[T], Hashable]) -> list[T]:
    """At most `most` items, the first ones of each label, in their order.

    Every label may keep as many as the others; what a rare label leaves, frequent ones share.
    """
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        groups[label(item)].append(place)
    kept: list[int] = []
    room, left = most, len(groups)
    for places in sorted(groups.values(), key=len):
        taken = places[: room // left]
        kept += taken
        room, left = room - len(taken), left - 1
    return [items[place] for place in sorted(kept)]


def held_out(samples: Sequence[Sample], policy: Policy) -> set[str]:
    """The origins of the samples to hold out: the latest conversations, whole.

    Where these have less than half of the share wished for, as with somebody who alone says nearly everything, the
    latest samples of each label are held out too, in the same share.
    """
    whole = latest_conversations(samples, policy)
    chosen = {sample.origin for sample in samples if sample.conversation in whole}
    if 2 * len(chosen) >= _target(samples, policy):
        return chosen
    labels: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda s: (s.said_at, s.origin), reverse=True):
        if sample.origin not in chosen:
            labels[sample.intent].append(sample)
    latest = [one for rows in labels.values() for one in rows[: round(policy.recent_share * len(rows))]]
    return chosen | {sample.origin for sample in stratified(latest, policy.recent_rows, lambda s: s.intent)}


def _target(samples: Sequence[Sample], policy: Policy) -> int:
    return min(policy.recent_rows, math.ceil(policy.recent_share * len(samples)))


def latest_conversations(samples: Sequence[Sample], policy: Policy) -> set[str]:
    """The conversations to hold out: the latest, whole, until they have the policy's share of the samples.

    A conversation that would make them more than half of all samples is passed over: something must be left to learn.
    """
    rows: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        rows[sample.conversation].append(sample)
    ordered = sorted(rows, key=lambda name: (max(s.said_at for s in rows[name]), name), reverse=True)
    target = _target(samples, policy)
    chosen: set[str] = set()
    held = 0
    for name in ordered:
        if held >= target:
            break
        if 2 * (held + len(rows[name])) <= len(samples):
            chosen.add(name)
            held += len(rows[name])
    return chosen


def not_near(texts: Iterable[str], held_out: Sequence[str], near: float) -> list[bool]:
    """For each text whether it repeats none of those held out, exactly or nearly."""
    index = NearIndex(held_out, near)
    for text in held_out:
        index.add(text)
    return [next(index.find(text), None) is None for text in texts]
