<<<<<<< HEAD
"""Agreement beyond chance, against worked examples of its literature."""

import pytest

from nlp.learning.agreement import cohen_kappa, krippendorff_alpha


def _labels(text: str) -> dict[str, str]:
    return {str(number): label for number, label in enumerate(text) if label != "."}


def test_kappa_of_the_worked_example() -> None:
    """Fifty grant proposals, 20 and 15 agreed on, 5 and 10 not: kappa 0.4."""
    first = _labels("y" * 25 + "n" * 25)
    second = _labels("y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_alpha_of_krippendorffs_example() -> None:
    """Four observers, twelve units, some missing: alpha 0.743 for nominal data (Krippendorff 2011, section C)."""
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    assert krippendorff_alpha([_labels(row) for row in rows]) == pytest.approx(0.743, abs=5e-4)


def test_all_the_same_and_nothing_shared() -> None:
    assert cohen_kappa({"1": "a"}, {"1": "a"}) == 1.0
    assert cohen_kappa({"1": "a"}, {"2": "a"}) is None
    assert krippendorff_alpha([{"1": "a"}, {"1": "a"}]) == 1.0
    assert krippendorff_alpha([{"1": "a"}, {"2": "b"}]) is None
    assert krippendorff_alpha([]) is None


def test_disagreement_is_worse_than_chance() -> None:
    kappa = cohen_kappa(_labels("ab"), _labels("ba"))
    alpha = krippendorff_alpha([_labels("ab"), _labels("ba")])
    assert kappa is not None
    assert kappa < 0
    assert alpha is not None
    assert alpha < 0
=======
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
>>>>>>> h6-run
