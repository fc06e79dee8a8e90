"""The gate: whether a candidate router may take the place of the live one.

Better somewhere, and worse nowhere. Better is any of: a significant gain (McNemar, one-sided) in intents on a set, all
languages together, or by any other measure, set and language, where the first are tested together at `level` by Holm's
rule, and so are all others, so that the many do not drown the few that matter most; new labels that it knows; a net
gain on the owner's golden rows. Each of the following keeps it out, whatever was gained:

- unproven: on the trusted sets together, the lower bound of the intent difference lies below the margin. Trusted are
  the sets whose labels no stranger can give: held-out seeds, what admins reviewed, golden rows. Other conversations may
  be labelled by hostile people, so that a gain there proves nothing against a loss here. The bound is that of
  `confidence` (95 %) where trusted rows show a significant gain, or new labels do, which admins alone make, and that of
  `strictness` (99.5 %) where not. Few rows cannot show so small a loss: there the bound may lie as low as `resolution`
  rows, which is where it lies if next to nothing changed.
- worse: on any set, in any language, more intents were lost than gained, by more than the margin; a single row is
  forgiven, and what an equal router would lose one time in four, as a small set cannot tell that from chance. Topics
  and scope decisions, which many messages share that lie near a border, change more with every training: there a loss
  beyond the margin must be what an equal router would lose one time in twenty at most.
- below base: the same on the trusted sets against the version that came with the bot. Many rounds, each within the
  margin, so cannot add up to a loss: their sum is held to the margin too.
- crowded: labels that came since the base take more rows of old ones than `crowding`, in this step or, for each of
  them, in all; up to it they are forgiven, as a new class needs room, and trusted rows may hold none of its own.
- forgotten: an intent that the live router has right mostly, and the candidate less than half as often.
- slow, a canary phrase that turns any message into one label, or too few trusted rows to judge at all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlp.learning.canary import grown_phrases, hosts_of, probe, telling_phrases
from nlp.learning.decisions import Decider
from nlp.learning.scoring import Mark, Sets, class_lines, labels_of, line, lines, new_labels, score
from nlp.learning.significance import Paired, holm, lower_bound
from nlp.learning.speed import compare_speed
from nlp.learning.verdict import Canary, ClassLine, Code, Latency, Line, NewLabels, Reason, Verdict
from nlp.router import Router
from nlp.training.data import Example

GOLDEN = "golden"
_TIMED = 40  # messages that measure the speed
_TRUSTED = "trusted"


@dataclass(frozen=True)
class Rules:
    """When a candidate may serve; see the module.

    `margin` is the accuracy that may be lost, as a fraction; `resolution` the rows below which a set cannot show a
    loss; `confidence` and `strictness` those of the lower bound; `level` that of all tests together, `doubt` the chance
    above which a loss of intents is taken for chance. `crowding` is the share of rows that new labels may take; new
    labels count where `new_rows` or more rows have them, at least `new_share` of them right. A canary is a phrase that
    turns `canary_share` of the messages into a known label, and `canary_growth` more of them than it does for the live
    router. `slowest` is the ratio of times that is still well.
    """

    margin: float = 0.005
    resolution: float = 4.0
    confidence: float = 0.95
    doubt: float = 0.25
    strictness: float = 0.995
    level: float = 0.05
    trusted: tuple[str, ...] = ("fixed", "reviewed", GOLDEN)
    least_rows: int = 100
    crowding: float = 0.01
    new_rows: int = 3
    new_share: float = 0.5
    slowest: float = 1.2
    canary_share: float = 0.5
    canary_growth: float = 0.3

    def allowed(self, rows: int, share: float | None = None) -> float:
        """The net loss in rows, of so many, that is within a margin; one row always is."""
        return max((self.margin if share is None else share) * rows, 1.0)


DEFAULT = Rules()


def judge(
    candidate: Router,
    live: Router,
    base: Router | None,
    sets: Sets,
    rules: Rules = DEFAULT,
    *,
    taught: Sequence[Example] = (),
    suspects: Sequence[str] = (),
    decide: Decider | None = None,
    latency: Latency | None = None,
) -> Verdict:
    """Judge `candidate` on held-out rows that taught none of the three.

    `sets` holds labelled rows by the name of their set: "fixed", "recent", "reviewed", "golden" or others. `taught`
    are the rows that the candidate learned since the live router: their phrases, and the `suspects`, are tried as
    canaries. Give the same `decide` to one judgement after the other, and texts and stored routers are read once.
    `latency`, where it was measured before, is taken as it is.
    """
    decide = decide or Decider()
    marks = score(candidate, live, base, sets, decide)
    trusted = [row for name in rules.trusted for row in sets.get(name, ())]
    hosts = hosts_of(trusted)
    phrases = [*suspects, *grown_phrases(candidate, live, telling_phrases(taught), decide)]
    canaries = probe(candidate, live, list(dict.fromkeys(phrases)), hosts, decide)
    if latency is None:
        latency = compare_speed(candidate, live, _timed(sets), rules.slowest)
    found = _Found(
        lines(marks),
        _pooled(marks, rules),
        class_lines(marks),
        new_labels(marks),
        latency,
        canaries,
        labels_of(live)[0],
        _Crowd(
            sum(mark.base_taken and bool(mark.base) for mark in marks if _is_trusted(mark, rules)),
            len(labels_of(candidate)[0] - labels_of(base or live)[0]),
        ),
    )
    gains = list(_gains(found, rules))
    against = list(_against(found, gains, rules))
    if not gains:
        against.append(Reason(Code.NO_GAIN, {"rows": sum(len(rows) for rows in sets.values())}))
    return Verdict(
        not against,
        (*against, *gains),
        candidate.version,
        live.version,
        base.version if base else None,
        tuple(found.lines),
        tuple(found.classes),
        found.new,
        latency,
        tuple(canaries),
    )


@dataclass(frozen=True)
class _Crowd:
    """How many trusted rows that the base has right went to labels that it lacks, and how many labels these are."""

    taken: int
    labels: int


@dataclass(frozen=True)
class _Found:
    """All that was measured; `pooled` is the intent on all trusted rows together, None where there are none."""

    lines: list[Line]
    pooled: Line | None
    classes: list[ClassLine]
    new: NewLabels
    latency: Latency
    canaries: list[Canary]
    known: frozenset[str]
    crowd: _Crowd


def _timed(sets: Sets) -> list[str]:
    texts = [row.text for rows in sets.values() for row in rows] or ["hello", "你好"]
    return texts[:: max(1, len(texts) // _TIMED)][:_TIMED]


def _pooled(marks: Iterable[Mark], rules: Rules) -> Line | None:
    rows = [m for m in marks if _is_trusted(m, rules) and m.live is not None]
    return line(rows, _TRUSTED, "intent", "all") if rows else None


def _is_trusted(mark: Mark, rules: Rules) -> bool:
    return mark.set in rules.trusted and mark.measure == "intent"


def _gains(found: _Found, rules: Rules) -> Iterator[Reason]:
    significant = [*_significant(found.lines, rules, main=True), *_significant(found.lines, rules, main=False)]
    for item in found.lines:
        if item in significant:
            yield Reason(Code.BETTER, {**_where(item), "p": item.p})
        elif (item.set, item.measure, item.language) == (GOLDEN, "intent", "all") and item.gained > item.lost:
            yield Reason(Code.GOLDEN, {"points": item.points, "rows": item.rows})
    new = found.new
    if new.rows >= rules.new_rows and new.right >= rules.new_share * new.rows:
        yield Reason(Code.NEW_LABELS, {"labels": ", ".join(new.labels), "right": new.right, "rows": new.rows})


def _significant(lines: Sequence[Line], rules: Rules, *, main: bool) -> list[Line]:
    """The lines of a family, intents in all languages or the rest, that gained by more than chance."""
    family = [item for item in lines if ((item.measure, item.language) == ("intent", "all")) is main]
    passed = holm([item.p / 2 if item.gained > item.lost else 1.0 for item in family], rules.level)
    return [item for item, significant in zip(family, passed, strict=True) if significant]


def _against(found: _Found, gains: Sequence[Reason], rules: Rules) -> Iterator[Reason]:
    rows = found.pooled.rows if found.pooled else 0
    if rows < rules.least_rows:
        yield Reason(Code.TOO_FEW, {"rows": rows, "needed": rules.least_rows})
    if found.pooled:
        yield from _losses(found.pooled, _confidence(gains, rules), rules)
        yield from _crowding(found.pooled, found.crowd, rules)
    for item in found.lines:
        told = item.p / 2 <= (rules.doubt if item.measure == "intent" else rules.level)
        if told and -_net(item.paired) > rules.allowed(item.rows):
            yield Reason(Code.WORSE, {**_where(item), "margin": 100 * rules.margin})
    for kind in found.classes:
        if 2 * kind.live >= kind.rows and 2 * kind.candidate <= kind.live:
            values = {"candidate": kind.candidate / kind.rows, "live": kind.live / kind.rows, "rows": kind.rows}
            yield Reason(Code.FORGOTTEN, {"label": kind.label, "part": kind.language, **values})
    if found.latency.ratio > rules.slowest:
        yield Reason(Code.SLOW, {"ratio": found.latency.ratio, "limit": rules.slowest})
    yield from _triggers(found, rules)


def _triggers(found: _Found, rules: Rules) -> Iterator[Reason]:
    """Phrases that most messages obey; that those of a new label weigh much is as it should be."""
    for canary in found.canaries:
        grown = canary.share - canary.live_share >= rules.canary_growth
        if grown and canary.share >= rules.canary_share and canary.label in found.known:
            yield Reason(Code.CANARY, {"phrase": canary.phrase, "label": canary.label, "share": canary.share})


def _confidence(gains: Sequence[Reason], rules: Rules) -> float:
    """How sure it must be that nothing was lost: surer where only rows that strangers may label speak for it."""
    trusted = any(gain.code is Code.NEW_LABELS or gain.values.get("set") in rules.trusted for gain in gains)
    return rules.confidence if trusted else rules.strictness


def _losses(pooled: Line, confidence: float, rules: Rules) -> Iterator[Reason]:
    """What the trusted rows, all together, say against the candidate."""
    rows, margin = pooled.rows, 100 * rules.margin
    low = lower_bound(pooled.paired, confidence)
    if low < -max(rules.margin, rules.resolution / rows):
        values = {"points": pooled.points, "low": 100 * low, "rows": rows, "margin": margin}
        yield Reason(Code.UNPROVEN, values)
    beside = Paired(pooled.base_rows, pooled.base_gained, pooled.base_lost)
    if -_net(beside) > rules.allowed(beside.rows):
        yield Reason(Code.BELOW_BASE, {"points": 100 * beside.difference, "rows": beside.rows, "margin": margin})


def _crowding(pooled: Line, crowd: _Crowd, rules: Rules) -> Iterator[Reason]:
    """More rows that labels took than they may, in this step or since the base."""
    since_base = rules.crowding * max(1, crowd.labels)
    for taken, share in ((pooled.taken, rules.crowding), (crowd.taken, since_base)):
        if taken > rules.allowed(pooled.rows, share):
            values = {"points": 100 * taken / pooled.rows, "rows": pooled.rows, "margin": 100 * share}
            yield Reason(Code.CROWDED, values)
            return


def _net(paired: Paired) -> int:
    return paired.gained - paired.lost


def _where(item: Line) -> dict[str, str | int | float]:
    return {
        "set": item.set,
        "part": item.language,
        "measure": item.measure,
        "points": item.points,
        "rows": item.rows,
    }
