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
