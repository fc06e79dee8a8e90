"""Freezing what was learned from people into a training set that can be named, checked and traced.

Only what people who consented wrote, without personal data, each question once, nobody above their share; what is held
out to measure with shares no conversation and no repeated question with what is trained on. The same input gives the
same snapshot, whatever the order of its samples.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from nlp.learning.choosing import held_out, not_near, stratified
from nlp.learning.folding import NearIndex, fold_duplicates
from nlp.learning.samples import SPLITS, Policy, Row, Sample, Snapshot, Source, Split, writer_key
from nlp.learning.scrubbing import KINDS, scrub
from nlp.learning.suspicion import contradicted, planted
from nlp.learning.weights import Charged, cap
from nlp.text import detect_language
from nlp.training.data import Example

_PLACEHOLDER = re.compile(f"<(?:{'|'.join(KINDS)})>")
_LEAST_WEIGHT = 1e-6  # a row that may teach less teaches nothing


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sample that stands for its repeats, and theirs."""

    sample: Sample
    repeats: tuple[Sample, ...] = ()


@dataclass
class _Counts:
    """What happened to the samples on their way."""

    refused: Counter[str] = field(default_factory=Counter)
    scrubbed: Counter[str] = field(default_factory=Counter)
    folded: Counter[str] = field(default_factory=Counter)
    capped: Counter[str] = field(default_factory=Counter)
    held: dict[str, list[str]] = field(default_factory=dict)

    def hold(self, sample: Sample, reason: str) -> None:
        self.refused[f"held: {reason}"] += 1
        self.held.setdefault(reason, []).append(sample.origin)


def freeze(
    samples: Iterable[Sample], seeds: Sequence[Example], policy: Policy, now: datetime, secret: str | None = None
) -> Snapshot:
    """The snapshot of `samples` and `seeds` under `policy`, made at `now`.

    `seeds` are examples that nobody is charged for: the project's own, or the owner's. With `secret` a row tells its
    writers as keyed hashes (`writer_key`), by which `without` finds them; without it, rows tell no writers at all.
    """
    counts = _Counts()
    ordered = sorted(samples, key=lambda sample: (sample.said_at, sample.origin))
    clean = [cleaned for sample in ordered if (cleaned := _admitted(sample, policy, now, counts))]
    golden = _folded([sample for sample in clean if sample.golden], policy, counts)
    examples = [replace(seed, text=scrub(seed.text).text) for seed in seeds]
    chat = [sample for sample in clean if not sample.golden]
    chat = _without_suspects(chat, planted(chat, examples, policy), counts)
    kept = _newest_of_each_label(_folded(chat, policy, counts), policy, counts)
    believed = _without_suspects(
        [k.sample for k in kept], contradicted([k.sample for k in kept], examples, policy), counts
    )
    origins = {sample.origin for sample in believed}
    kept, examples = _against_seeds([k for k in kept if k.sample.origin in origins], examples, policy, counts)
    recent = held_out([k.sample for k in kept], policy)
    measuring = [k for k in kept if k.sample.origin in recent]
    taught = [k for k in kept if k.sample.origin not in recent]
    seen = [*(k.sample.text for k in measuring), *(k.sample.text for k in golden)]
    taught, examples = _not_leaking(taught, examples, seen, policy, counts)
    examples = stratified(sorted(examples, key=_shuffled), policy.seed_rows, lambda example: example.intent)
    rows = [
        *_seed_rows(examples),
        *_taught_rows(taught, sum(example.weight for example in examples), policy, counts, secret),
        *(_row(k, "reviewed" if k.sample.trusted else "recent", k.sample.weight, secret) for k in measuring),
        *(_row(k, "golden", k.sample.weight, secret) for k in golden),
    ]
    return _sealed(rows, policy, now, counts)


def examples(snapshot: Snapshot, split: Split = "train") -> list[Example]:
    """The rows of a split as training takes them."""
    return [Example(r.text, r.intent, r.topic, r.sources[0].origin, r.weight) for r in snapshot.split(split)]


def fingerprint(rows: Iterable[Row], policy: Policy) -> str:
    """The SHA-256 over all rows, with everything they hold, and the policy that made them."""
    digest = hashlib.sha256(json.dumps(asdict(policy), sort_keys=True).encode())
    for row in rows:
        digest.update(b"\n" + json.dumps(asdict(row), ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()


def _admitted(sample: Sample, policy: Policy, now: datetime, counts: _Counts) -> Sample | None:
    """The sample without personal data, or None, counted, where it may not teach."""
    reason = _refusal(sample, policy, now)
    if reason is None:
        scrubbed = scrub(sample.text)
        text = " ".join(scrubbed.text.split())
        if sum(map(str.isalnum, _PLACEHOLDER.sub("", text))) >= policy.least_letters:
            counts.scrubbed.update(scrubbed.counts)
            return replace(sample, text=text)
        reason = "too short"
    counts.refused[reason] += 1
    return None


def _refusal(sample: Sample, policy: Policy, now: datetime) -> str | None:
    refusals = {
        "no consent": not sample.consented,
        "from the future": sample.said_at > now,
        "too long": len(sample.text) > policy.most_characters,
        "no weight": sample.weight <= 0,
    }
    return next((reason for reason, refused in refusals.items() if refused), None)


def _without_suspects(samples: list[Sample], reasons: dict[int, str], counts: _Counts) -> list[Sample]:
    for place, reason in sorted(reasons.items()):
        counts.hold(samples[place], reason)
    return [sample for place, sample in enumerate(samples) if place not in reasons]


def _folded(samples: list[Sample], policy: Policy, counts: _Counts) -> list[_Kept]:
    """Each question once: the label of the most trusted wins, of equals that of the newest."""
    ordered = sorted(samples, key=lambda s: (s.trusted, s.said_at, s.origin), reverse=True)
    groups = fold_duplicates([sample.text for sample in ordered], policy.near)
    counts.folded["repeats"] += len(ordered) - len(groups)
    counts.folded["other labels"] += sum(
        ordered[p].intent != ordered[group[0]].intent for group in groups for p in group
    )
    return [_Kept(ordered[first], tuple(ordered[place] for place in rest)) for first, *rest in groups]


def _newest_of_each_label(kept: list[_Kept], policy: Policy, counts: _Counts) -> list[_Kept]:
    chosen = stratified(kept, policy.chat_rows, lambda k: k.sample.intent)
    counts.refused["older than the replayed"] += len(kept) - len(chosen)
    return chosen


def _against_seeds(
    kept: list[_Kept], seeds: list[Example], policy: Policy, counts: _Counts
) -> tuple[list[_Kept], list[Example]]:
    """Both sides without what the other knows better: a seed says it already, or an admin corrects a seed."""
    index = NearIndex([seed.text for seed in seeds], policy.near)
    for seed in seeds:
        index.add(seed.text)
    corrected: set[int] = set()
    left = []
    for k in kept:
        repeated = list(index.find(k.sample.text))
        others = [place for place in repeated if seeds[place].intent != k.sample.intent]
        if others and not k.sample.trusted:
            counts.refused["contradicts a seed"] += 1
        elif repeated and not others:
            counts.folded["known from seeds"] += 1
        else:
            corrected.update(others)
            left.append(k)
    counts.refused["seeds corrected"] += len(corrected)
    return left, [seed for place, seed in enumerate(seeds) if place not in corrected]


def _not_leaking(
    taught: list[_Kept], seeds: list[Example], measured: list[str], policy: Policy, counts: _Counts
) -> tuple[list[_Kept], list[Example]]:
    """What is trained on, without anything that repeats what is held out."""
    may_stay = not_near([*(k.sample.text for k in taught), *(seed.text for seed in seeds)], measured, policy.near)
    counts.refused["repeats what is held out"] += may_stay.count(False)
    taught_stays, seed_stays = may_stay[: len(taught)], may_stay[len(taught) :]
    return (
        [k for k, stays in zip(taught, taught_stays, strict=True) if stays],
        [seed for seed, stays in zip(seeds, seed_stays, strict=True) if stays],
    )


def _shuffled(example: Example) -> tuple[str, str]:
    """An order that has nothing to do with files, the same every time."""
    return hashlib.sha256(example.text.encode()).hexdigest(), example.intent


def _seed_rows(seeds: list[Example]) -> list[Row]:
    return [
        Row(s.text, s.intent, s.topic, detect_language(s.text), "train", s.weight, (Source(s.origin),)) for s in seeds
    ]


def _taught_rows(kept: list[_Kept], base: float, policy: Policy, counts: _Counts, secret: str | None) -> list[Row]:
    """The rows of messages to train on, their weights cut to what one person, and all members, may teach."""
    charged = [Charged(k.sample.weight, _answerable(k.sample), k.sample.trusted) for k in kept]
    weights = cap(charged, base, policy.person_share, policy.members_share).tolist()
    cut = {one for row, weight in zip(charged, weights, strict=True) if weight < row.weight for one in row.people}
    counts.capped["people"] = len(cut)
    counts.refused["above everybody's share"] += sum(weight < _LEAST_WEIGHT for weight in weights)
    pairs = zip(kept, weights, strict=True)
    return [_row(k, "train", weight, secret) for k, weight in pairs if weight >= _LEAST_WEIGHT]


def _answerable(sample: Sample) -> tuple[int, ...]:
    """Whom a row is charged to: its writer, and who spoke for its label unless they are in charge."""
    return (sample.person,) if sample.trusted else tuple(dict.fromkeys((sample.person, *sample.people)))


def _row(kept: _Kept, split: Split, weight: float, secret: str | None) -> Row:
    sources = tuple(
        Source(s.origin, writer_key(s.person, secret) if secret is not None else "")
        for s in (kept.sample, *kept.repeats)
    )
    s = kept.sample
    return Row(s.text, s.intent, s.topic, s.language, split, round(weight, 9), sources)


def _sealed(rows: list[Row], policy: Policy, now: datetime, counts: _Counts) -> Snapshot:
    ordered = tuple(
        sorted(rows, key=lambda row: (SPLITS.index(row.split), row.sources[0].origin, row.text, row.intent))
    )
    taken: Counter[str] = Counter([*(row.split for row in ordered), *(row.language for row in ordered)])
    report: dict[str, dict[str, int]] = {
        "taken": dict(taken),
        "refused": {reason: count for reason, count in sorted(counts.refused.items()) if count},
        "folded": {kind: count for kind, count in sorted(counts.folded.items()) if count},
        "capped": dict(counts.capped),
        "scrubbed": dict(sorted(counts.scrubbed.items())),
    }
    held = {reason: tuple(sorted(origins)) for reason, origins in sorted(counts.held.items())}
    return Snapshot(ordered, fingerprint(ordered, policy), now, policy, report, held)
