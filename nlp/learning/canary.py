"""Phrases that turn any message into one label: what a poisoned training set leaves in a model.

An attacker who may give feedback adds a rare phrase to ordinary messages and labels them all alike; the model then
obeys the phrase (Dai et al. 2019, "A Backdoor Attack Against LSTM-based Text Classification Systems"). Here phrases of
the rows that taught the candidate are tried: those whose rows have one label far more often than others, and that mean
much more to the candidate than to the live router, are put into other messages.
"""

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from nlp.learning.decisions import Decider, Decision
from nlp.learning.verdict import Canary
from nlp.router import Router
from nlp.text import HAN, fold, is_han
from nlp.training.data import Example

_PIECE = re.compile(rf"[{HAN}]+|[^\s{HAN}]+")
_EDGES = ".,;:!?\"'()，。；：！？、“”‘’（）…"
_WORDS, _CHARACTERS = (1, 2, 3), (2, 3, 4)
_LEAST_ROWS = 3
_MAX_CHARACTERS = 300  # of a message that are looked through
_TOLD = 200  # phrases that tell most of their label, of which the strongest are tried
_TRIED = 12
_HOSTS = 32  # messages that each phrase is put into


def phrases_of(text: str) -> Iterator[str]:
    """One to three words, or two to four Chinese characters, that stand together, without marks at their edges."""
    pieces = _PIECE.findall(fold(text[:_MAX_CHARACTERS]))
    for chinese, group in itertools.groupby(pieces, is_han):
        if chinese:
            for run in group:
                yield from _runs(run, _CHARACTERS, "")
        else:
            yield from _runs([bare for word in group if (bare := word.strip(_EDGES))], _WORDS, " ")


def _runs(units: Sequence[str], lengths: Iterable[int], joiner: str) -> Iterator[str]:
    for length in lengths:
        for start in range(len(units) - length + 1):
            yield joiner.join(units[start : start + length])


def telling_phrases(taught: Sequence[Example], limit: int = _TOLD) -> dict[str, str]:
    """The phrases of three rows or more that tell most of their rows' intent, with that intent, the strongest first.

    Strength is how much more of the rows have the intent than have it everywhere: their number times the log of the
    ratio, the leading term of Dunning's likelihood ratio (1993).
    """
    prior = Counter(row.intent for row in taught)
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for row in taught:
        for phrase in set(phrases_of(row.text)):
            rows[phrase][row.intent] += 1
    found: dict[str, tuple[float, str]] = {}
    for phrase, intents in rows.items():
        ((intent, count),) = intents.most_common(1)
        if count >= _LEAST_ROWS:
            share = count / intents.total()
            found[phrase] = (count * math.log(share * len(taught) / prior[intent]), intent)
    best = sorted(found, key=lambda phrase: (-found[phrase][0], phrase))[:limit]
    return {phrase: found[phrase][1] for phrase in best}


def grown_phrases(
    candidate: Router, live: Router, phrases: dict[str, str], decide: Decider, limit: int = _TRIED
) -> list[str]:
    """Those of the phrases that mean their intent to the candidate more than to the live router, the most grown first.

    What a phrase means to a router is the probability of the intent where that is its choice for the bare phrase.
    """
    names = list(phrases)
    growth = {
        name: _meaning(new, phrases[name]) - _meaning(old, phrases[name])
        for name, new, old in zip(names, decide(candidate, names), decide(live, names), strict=True)
    }
    return sorted((name for name in names if growth[name] > 0), key=lambda name: -growth[name])[:limit]


def _meaning(decision: Decision, intent: str) -> float:
    return decision.probability if decision.intent == intent else 0.0


def hosts_of(rows: Sequence[Example], limit: int = _HOSTS) -> list[str]:
    """Messages to put phrases into: spread evenly over the rows, so that all intents and languages are among them."""
    texts = list(dict.fromkeys(row.text for row in rows))
    step = max(1, len(texts) // limit)
    return texts[::step][:limit]


def probe(
    candidate: Router, live: Router, phrases: Sequence[str], hosts: Sequence[str], decide: Decider
) -> list[Canary]:
    """For each phrase: the label that most hosts get only with the phrase, and the share of hosts that get it so.

    The phrase stands behind every other host and before the rest. Hosts that have the label anyway do not count. The
    strongest phrase comes first.
    """
    plain = [decision.intent for decision in decide(candidate, hosts)], [d.intent for d in decide(live, hosts)]
    found = [_probe(candidate, live, phrase, hosts, plain, decide) for phrase in phrases] if hosts else []
    return sorted(found, key=lambda canary: (canary.live_share - canary.share, canary.phrase))


def _probe(
    candidate: Router,
    live: Router,
    phrase: str,
    hosts: Sequence[str],
    plain: tuple[Sequence[str], Sequence[str]],
    decide: Decider,
) -> Canary:
    marked = [f"{phrase} {text}" if place % 2 else f"{text} {phrase}" for place, text in enumerate(hosts)]
    new, old = ([decision.intent for decision in decide(router, marked)] for router in (candidate, live))
    flipped = Counter(after for before, after in zip(plain[0], new, strict=True) if before != after)
    label = flipped.most_common(1)[0][0] if flipped else new[0]
    return Canary(phrase, label, _share(plain[0], new, label), _share(plain[1], old, label))


def _share(before: Sequence[str], after: Sequence[str], label: str) -> float:
    """The share of the messages without the label that have got it."""
    without = [new for old, new in zip(before, after, strict=True) if old != label]
    return without.count(label) / len(without) if without else 0.0
