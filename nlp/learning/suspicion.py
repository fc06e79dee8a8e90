"""Labels that look planted: held back for a person to look at, never silently learned.

Nothing that an admin or reviewer labelled, or that enough established people support, is held back. Of the rest:

- "flood": one person's rows beyond so many in an hour;
- "trigger": rows that share a phrase which seeds and trusted rows do not know, which comes from very few people, in
  many rows, all with one label, where so many rows of one label would hardly come by chance;
- "neighbours": the label is not that of the texts most like it, those of other people, and the live router doubts it
  too.

The neighbours are those of k-NN label sanitisation (Paudice, Muñoz-González and Lupu 2018, "Label sanitization against
label flipping poisoning attacks"), here without the rows of the same person, who could be their own neighbours.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.learning.samples import Policy, Sample
from nlp.text import HAN, TOKEN, fold, is_han
from nlp.training.data import Example

_DIMENSIONS = 512
_BLOCK = 512  # rows compared at a time
_WORDS_IN_PHRASE, _HAN_IN_PHRASE = 3, 4
_TRUSTED_VOICE = 2.0  # of a neighbour that a seed or an admin labelled, beside that of a member's row
_UNIT = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
Floats = NDArray[np.float32]


def planted(samples: Sequence[Sample], seeds: Sequence[Example], policy: Policy) -> dict[int, str]:
    """The places of samples that look planted by how many there are, "flood" or "trigger"; before repeats are folded,
    which hides it. The texts should be scrubbed: a name is no trigger."""
    doubtful = [place for place, sample in enumerate(samples) if not _is_backed(sample, policy)]
    triggers = dict.fromkeys(_triggers(samples, seeds, doubtful, policy), "trigger")
    return triggers | dict.fromkeys(_floods(samples, doubtful, policy), "flood")


def contradicted(samples: Sequence[Sample], seeds: Sequence[Example], policy: Policy) -> dict[int, str]:
    """The places of samples, without repeats, whose label what sounds like them and the live router speak against."""
    doubtful = [place for place, sample in enumerate(samples) if not _is_backed(sample, policy)]
    return dict.fromkeys(_lonely(samples, seeds, doubtful, policy), "neighbours")


def _is_backed(sample: Sample, policy: Policy) -> bool:
    return sample.trusted or sample.golden or sample.established >= policy.supporters


def _floods(samples: Sequence[Sample], doubtful: Iterable[int], policy: Policy) -> Iterator[int]:
    """The rows of a person that have as many before them, within the hour, as an hour may have."""
    by_person: defaultdict[int, list[int]] = defaultdict(list)
    for place in doubtful:
        by_person[samples[place].person].append(place)
    for places in by_person.values():
        places.sort(key=lambda place: (samples[place].said_at, samples[place].origin))
        for earlier, place in zip(places, places[policy.rows_an_hour :], strict=False):
            if (samples[place].said_at - samples[earlier].said_at).total_seconds() < 3600:
                yield place


def phrases(text: str) -> set[str]:
    """The phrases of a text: one to three words in a row, or two to four Chinese characters."""
    found = set()
    units = _UNIT.findall(fold(text))
    for size in range(1, _HAN_IN_PHRASE + 1):
        for start in range(len(units) - size + 1):
            run = units[start : start + size]
            chinese = sum(map(is_han, run))
            if (chinese == size and size > 1) or (not chinese and size <= _WORDS_IN_PHRASE):
                found.add("".join(run) if chinese else " ".join(run))
    return found


def _triggers(
    samples: Sequence[Sample], seeds: Sequence[Example], doubtful: list[int], policy: Policy
) -> Iterator[int]:
    backed = [sample.text for sample in samples if _is_backed(sample, policy)]
    known = {phrase for text in [*(seed.text for seed in seeds), *backed] for phrase in phrases(text)}
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for place in doubtful:
        for phrase in phrases(samples[place].text) - known:
            rows[phrase].append(place)
    counts = Counter([*(seed.intent for seed in seeds), *(sample.intent for sample in samples)])
    total = counts.total()
    found: set[int] = set()
    for places in rows.values():
        labels = {samples[place].intent for place in places}
        people = {samples[place].person for place in places}
        if len(places) < policy.trigger_rows or len(people) > policy.trigger_people or len(labels) > 1:
            continue
        if (counts[labels.pop()] / total) ** len(places) < policy.trigger_chance:
            found.update(places)
    yield from sorted(found)


def _lonely(samples: Sequence[Sample], seeds: Sequence[Example], doubtful: list[int], policy: Policy) -> Iterator[int]:
    """The rows whose like-sounding rows of others have other labels, unless the live router believes them."""
    doubtful = [place for place in doubtful if (samples[place].live or 0.0) < policy.doubted_below]
    if not doubtful:
        return
    vectors = _vectors([*(sample.text for sample in samples), *(seed.text for seed in seeds)])
    labels = np.array([*(sample.intent for sample in samples), *(seed.intent for seed in seeds)])
    people = np.array([*(sample.person for sample in samples), *([-1] * len(seeds))], np.int64)
    voices = np.ones(len(labels), np.float32)
    voices[[place for place, sample in enumerate(samples) if _is_backed(sample, policy)]] = _TRUSTED_VOICE
    voices[len(samples) :] = _TRUSTED_VOICE
    for start in range(0, len(doubtful), _BLOCK):
        block = np.array(doubtful[start : start + _BLOCK])
        likeness = vectors[block] @ vectors.T
        likeness[(people[block, None] == people) & (people[block, None] >= 0)] = 0.0
        likeness[np.arange(len(block)), block] = 0.0
        for place, row in zip(block.tolist(), likeness, strict=True):
            if _agreement(row, voices, labels == labels[place], policy) < policy.neighbour_agreement:
                yield place


def _agreement(likeness: Floats, voices: Floats, same: NDArray[np.bool_], policy: Policy) -> float:
    """The share in [0, 1] of its near neighbours' voices that have a row's label; 1 where hardly any are near."""
    count = min(policy.neighbours, len(likeness))
    nearest = np.argpartition(-likeness, count - 1)[:count]
    nearest = nearest[likeness[nearest] >= policy.neighbour_likeness]
    if 2 * len(nearest) < policy.neighbours:
        return 1.0
    said = likeness[nearest] * voices[nearest]
    return float(said[same[nearest]].sum() / said.sum())


def _vectors(texts: Sequence[str]) -> Floats:
    """Unit vectors (n, d) of hashed words and Chinese character pairs, the rare ones heavier, for cosine likeness."""
    terms = [_terms(text) for text in texts]
    seen = np.bincount([t for row in terms for t in set(row)], minlength=_DIMENSIONS * 64)
    idf = np.log((1 + len(texts)) / (1 + seen)) + 1
    vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
    for number, row in enumerate(terms):
        for term in set(row):
            vectors[number, term % _DIMENSIONS] += (1 if term // _DIMENSIONS % 2 else -1) * idf[term]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.maximum(norms, 1e-9)
    return vectors


def _terms(text: str) -> list[int]:
    found: list[str] = []
    for token in TOKEN.findall(fold(text)):
        found += [token[i : i + 2] for i in range(max(1, len(token) - 1))] if is_han(token) else [token]
    return [zlib.crc32(term.encode()) % (_DIMENSIONS * 64) for term in found]
