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
