"""Half way between two routers: the mean of what both say, with the new one's labels, as sure of the scope."""

from dataclasses import replace

import numpy as np
import pytest

from nlp.architectures.fused import Weights, fused_scorer
from nlp.router import Router
from nlp.training import run
from nlp.training.blending import blend, can_blend
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.router import train_router
from tests.support.models import EXAMPLES, BagEncoder, small_router

WEATHER = [
    Example(text, "weather", "nature", f"new:{n}")
    for n, text in enumerate(
        ["will it rain tomorrow", "is it sunny outside", "weather forecast please", "明天会下雨吗", "今天天气怎么样"]
    )
]
TEXTS = [row.text for row in (*EXAMPLES, *WEATHER)]


def trained(rows: list[Example], **config: object) -> Router:
    return run(train_router(rows, BagEncoder(), FusedConfig(iterations=15, **{"hidden_units": 0, **config})))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def old() -> Router:
    return trained(EXAMPLES)


@pytest.fixture(scope="module")
def new() -> Router:
    return trained([*EXAMPLES[::-2], *WEATHER])


def tempered(router: Router, labels: tuple[str, ...]) -> np.ndarray:
    """The intent logits of the texts, as sure as the temperature says, in the order of these labels."""
    head = router.heads[0]
    logits = router.scorer.score(TEXTS).logits / head.temperature
    return logits[:, [head.labels.index(label) for label in labels]]


def alike(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether logits are the same but for the length of texts with n-grams that only one of the routers knows."""
    return bool(np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.99 and np.abs(found - wanted).mean() < 0.25)


def test_it_says_the_mean_of_what_both_say(old: Router, new: Router) -> None:
    assert can_blend(old, new)
    labels = old.heads[0].labels
    for share in (0.25, 0.5):
        mean = share * tempered(new, labels) + (1 - share) * tempered(old, labels)
        assert alike(tempered(blend(old, new, [], share), labels), mean)
        assert not alike(tempered(new, labels), mean)


def test_labels_that_only_the_new_one_has_are_its_own(old: Router, new: Router) -> None:
    half = blend(old, new, [])
    assert half.heads == new.heads
    assert alike(tempered(half, ("weather",)), tempered(new, ("weather",)))
    assert half.route("weather forecast please").intent.label == "weather"
    assert half.route("明天会下雨吗").topics[0].label == "nature"


def test_at_either_end_it_is_one_of_both(old: Router, new: Router) -> None:
    labels = old.heads[0].labels
    assert alike(tempered(blend(old, new, [], 1.0), labels), tempered(new, labels))
    assert alike(tempered(blend(old, new, [], 0.0), labels), tempered(old, labels))


def test_a_quarter_of_the_energy_that_taught_texts_lose_is_given_back(old: Router, new: Router) -> None:
    taught = [row.text for row in WEATHER]
    plain, raised = blend(old, new, []), blend(old, new, taught)
    before, after, wanted = (router.scorer.score(taught).support.mean() for router in (plain, raised, new))
    assert after == pytest.approx(0.75 * before + 0.25 * wanted, abs=1e-3)
    for text in TEXTS:
        assert raised.route(text).intent.score == pytest.approx(plain.route(text).intent.score, abs=1e-4)


def test_hidden_layers_that_began_alike_are_blended_too() -> None:
    first, second = trained(EXAMPLES, hidden_units=8), trained([*EXAMPLES, *WEATHER], hidden_units=8)
    half = fused_scorer(blend(first, second, TEXTS)).weights.hidden
    ends = [fused_scorer(router).weights.hidden for router in (first, second)]
    assert half is not None
    assert all(end is not None for end in ends)
    assert np.allclose(half.shift, sum(end.shift for end in ends if end) / 2, atol=1e-6)


def test_what_does_not_fit_is_not_blended(old: Router, new: Router) -> None:
    assert not can_blend(new, old)  # it lacks a label
    assert not can_blend(old, trained([*EXAMPLES, *WEATHER], hidden_units=8))
    assert not can_blend(old, trained([*EXAMPLES, *WEATHER], dense_scale=5.0))
    other = replace(fused_scorer(new), encoder=BagEncoder("another"))
    assert not can_blend(old, Router(other, new.calibration))
    assert can_blend(small_router(), small_router())


def test_weights_that_only_one_has_count_by_its_share(old: Router, new: Router) -> None:
    half = fused_scorer(blend(old, new, []))
    assert isinstance(half.weights, Weights)
    hashes = {*fused_scorer(old).vocabulary.hashes.tolist(), *fused_scorer(new).vocabulary.hashes.tolist()}
    assert set(half.vocabulary.hashes.tolist()) == hashes
