<<<<<<< HEAD
"""How far reviewers agree beyond chance, when they label the same messages."""

from collections import Counter
from collections.abc import Mapping, Sequence

Labels = Mapping[str, str]


def cohen_kappa(first: Labels, second: Labels) -> float | None:
    """The kappa of two reviewers over the messages that both labelled, at most 1, 0 where they agree as by chance.

    `first` and `second` map a message to its label. None where they share no message; 1 where both gave all the same
    one label. Cohen 1960, "A coefficient of agreement for nominal scales".
    """
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return None
    agreed = sum(first[item] == second[item] for item in shared) / len(shared)
    ours, theirs = Counter(first[item] for item in shared), Counter(second[item] for item in shared)
    chance = sum(count * theirs[label] for label, count in ours.items()) / len(shared) ** 2
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def krippendorff_alpha(reviewers: Sequence[Labels]) -> float | None:
    """The alpha of any number of reviewers, each of whom may have labelled any of the messages; at most 1.

    None where no message has two labels; 1 where all labels are the same one. Krippendorff 2011, "Computing
    Krippendorff's alpha-reliability", for nominal data.
    """
    items = {item for labels in reviewers for item in labels}
    counts = [Counter(labels[item] for labels in reviewers if item in labels) for item in sorted(items)]
    paired = [count for count in counts if count.total() > 1]
    totals = sum(paired, Counter[str]())
    if not paired:
        return None
    size = totals.total()
    observed = sum(_differing(count) / (count.total() - 1) for count in paired) / size
    expected = _differing(totals) / (size * (size - 1))
    return 1.0 - observed / expected if expected else 1.0


def _differing(count: Counter[str]) -> int:
    """How many ordered pairs of the counted labels differ."""
    return count.total() ** 2 - sum(number**2 for number in count.values())
=======
"""How far reviewers agree: Krippendorff's alpha, for any number of reviewers of whom each has seen some messages.

Krippendorff (2004), "Reliability in content analysis"; nominal data.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `items` that two or more have labelled, how many got one label alone; `alpha` is 1 for full agreement, 0 for
    what chance gives, and below 0 for less."""

    items: int
    agreed: int
    alpha: float


def agreement(opinions: Iterable[tuple[int, int, str]]) -> Agreement | None:
    """The agreement of (item, reviewer, label); None where no two reviewers have labelled the same item.

    Of one reviewer's labels of one item the last counts.
    """
    by_item: dict[int, dict[int, str]] = defaultdict(dict)
    for item, reviewer, label in opinions:
        by_item[item][reviewer] = label
    shared = [Counter(said.values()) for said in by_item.values() if len(said) > 1]
    if not shared:
        return None
    return Agreement(len(shared), sum(len(labels) == 1 for labels in shared), _alpha(shared))


def _alpha(items: list[Counter[str]]) -> float:
    """One less the ratio of observed to expected disagreement; 1 where everybody has used one label."""
    total: Counter[str] = Counter()
    observed = 0.0
    for labels in items:
        said = labels.total()
        pairs = said * (said - 1) - sum(count * (count - 1) for count in labels.values())
        observed += pairs / (said - 1)
        total += labels
    values = total.total()
    expected = (values * (values - 1) - sum(count * (count - 1) for count in total.values())) / (values - 1)
    return 1.0 - observed / expected if expected else 1.0
>>>>>>> h6-run
