"""Thresholds from votes: many that agree move them within bounds, few hardly do, and the gate looks at other votes."""

from pathlib import Path

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.learning.refusing import judge_thresholds
from nlp.model_store import DataSnapshot, Manifest, ModelStore
from nlp.thresholds import ANSWERS_FROM, ARCHITECTURE, GIVEN, HIGHEST, KIND, LOWEST, Thresholds, load_thresholds
from nlp.training.thresholds import Reviewed, ThresholdConfig, describe_thresholds, fit_thresholds
from nlp.types import Language

QUESTIONS: dict[Language, str] = {"en": "when are refunds paid", "zh": "退款什么时候支付"}


def votes(language: Language, count: int, right_from: float, seed: int = 0, weight: float = 1.0) -> list[Reviewed]:
    """Votes of people for whom the documents answer from another confidence on than the reader thinks."""
    confidences = np.random.default_rng(seed).random(count)
    return [
        Reviewed(f"{QUESTIONS[language]} {n}", c, c > right_from, weight) for n, c in enumerate(confidences.tolist())
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_many_votes_move_the_threshold_of_their_language(language: Language) -> None:
    found = fit_thresholds(votes(language, 1000, 0.65))
    assert 0.6 < found.of(language) <= HIGHEST
    assert found.of("zh" if language == "en" else "en") == ANSWERS_FROM
    assert LOWEST <= fit_thresholds(votes(language, 1000, 0.35)).of(language) < 0.4


def test_few_votes_hardly_move_it() -> None:
    moved = [fit_thresholds(votes("en", count, 0.65)).of("en") - ANSWERS_FROM for count in (5, 50, 500)]
    assert 0 <= moved[0] < 0.02
    assert moved[0] < moved[1] < moved[2]


def test_it_stays_in_bounds_whatever_people_say() -> None:
    wrong = [Reviewed(f"question {n}", 0.9, right=False) for n in range(5000)]
    assert fit_thresholds(wrong).of("en") in (HIGHEST, ANSWERS_FROM)
    assert fit_thresholds([Reviewed(f"question {n}", 0.1, right=True) for n in range(5000)]).of("en") >= LOWEST
    extreme = [Reviewed("question", confidence, right=True) for confidence in (0.0, 1.0)]
    assert LOWEST <= fit_thresholds(extreme).of("en") <= HIGHEST


def test_where_confidence_tells_nothing_it_stays() -> None:
    against = [Reviewed(f"question {n}", n / 1000, right=n < 500) for n in range(1000)]
    assert fit_thresholds(against).of("en") == ANSWERS_FROM


def test_votes_without_weight_say_nothing_and_a_stronger_prior_holds_back() -> None:
    assert fit_thresholds(votes("en", 500, 0.65, weight=0.0)) == GIVEN
    loose, firm = (fit_thresholds(votes("en", 100, 0.65), ThresholdConfig(prior)).of("en") for prior in (1.0, 1e6))
    assert loose > firm == pytest.approx(ANSWERS_FROM, abs=1e-3)


def test_the_gate_lets_through_what_other_votes_confirm() -> None:
    candidate = fit_thresholds(votes("en", 1000, 0.65))
    assert judge_thresholds(votes("en", 300, 0.65, seed=1), candidate).serves
    refused = judge_thresholds(votes("en", 300, 0.5, seed=1), candidate)
    assert (refused.serves, refused.reason) == (False, "worse")
    assert judge_thresholds(votes("en", 300, 0.65, seed=1), candidate, candidate).reason == "no_gain"
    assert not judge_thresholds([], candidate).serves


def test_one_language_cannot_gain_at_the_cost_of_the_other() -> None:
    candidate = Thresholds({"en": 0.65, "zh": 0.65})
    held = [*votes("en", 300, 0.65), *votes("zh", 300, 0.5)]
    assert judge_thresholds(held, candidate).reason == "worse"


def test_what_is_stored_is_what_is_loaded(tmp_path: Path) -> None:
    store, found = ModelStore(tmp_path), Thresholds({"en": 0.41, "zh": 0.62})
    manifest = store.save(describe_thresholds(votes("en", 3, 0.5), scores={"right": 0.9}), found.to_arrays())
    loaded = load_thresholds(store.folder(KIND, manifest.version))
    assert dict(loaded.answers_from) == pytest.approx({"en": 0.41, "zh": 0.62})
    assert (loaded.version, manifest.data.rows) == (manifest.version, 3)


def test_what_is_out_of_bounds_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = store.save(describe_thresholds([]), Thresholds({"en": 0.05}).to_arrays())
    with pytest.raises(ModelError, match=r"0\.050 of 'en'"):
        load_thresholds(store.folder(KIND, manifest.version))
    other = store.save(Manifest("router", ARCHITECTURE, {}, DataSnapshot("", 0), 0), {"en": np.array([0.5])})
    with pytest.raises(ModelError, match="not thresholds"):
        load_thresholds(store.folder("router", other.version))
