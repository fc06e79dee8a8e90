"""How far reviewers agree."""

import pytest

from nlp.learning.agreement import Agreement, agreement

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example C: four observers, twelve units.
_C = [
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
]


def test_alpha_is_that_of_the_published_example() -> None:
    opinions = [
        (unit, observer, label)
        for observer, line in enumerate(_C)
        for unit, label in enumerate(line.split())
        if label != "*"
    ]
    found = agreement(opinions)
    assert found is not None
    assert found.alpha == pytest.approx(0.743, abs=0.0005)
    assert (found.items, found.agreed) == (11, 8)


def test_nothing_is_said_of_one_reviewer() -> None:
    assert agreement([]) is None
    assert agreement([(1, 1, "question"), (2, 1, "help"), (3, 2, "help")]) is None


def test_full_agreement_is_one_and_the_last_label_counts() -> None:
    assert agreement([(1, 1, "help"), (1, 2, "help")]) == Agreement(1, 1, 1.0)
    said = [(1, 1, "help"), (1, 2, "help"), (2, 1, "help"), (2, 2, "greeting"), (2, 1, "greeting")]
    assert agreement(said) == Agreement(2, 2, 1.0)


def test_disagreement_throughout_is_below_chance() -> None:
    found = agreement([(1, 1, "a"), (1, 2, "b"), (2, 1, "b"), (2, 2, "a")])
    assert found is not None
    assert found.alpha < 0
