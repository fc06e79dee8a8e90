"""New labels for a trained router: they are learned, and nothing that was known is lost."""

from dataclasses import replace

import numpy as np
import pytest

from nlp.architectures.fused import fused_scorer
from nlp.errors import DataError
from nlp.router import Router
from nlp.training import run
from nlp.training.data import Example
from nlp.training.incremental import add_labels
from tests.support.models import EXAMPLES, small_router

NEW = [
    Example(text, "weather", origin=f"new:{n}")
    for n, text in enumerate(
        ["will it rain tomorrow", "is it sunny outside", "weather forecast please", "明天会下雨吗", "今天天气怎么样"]
    )
]


@pytest.fixture(scope="module")
def wider() -> Router:
    return run(add_labels(small_router(), NEW, EXAMPLES))


@pytest.mark.parametrize("text", ["is it going to rain", "weather please", "天气怎么样"])
def test_a_new_label_is_learned_from_a_few_examples(wider: Router, text: str) -> None:
    assert wider.route(text).intent.label == "weather"


def test_what_was_known_stays_known(wider: Router) -> None:
    before = [route.intent.label for route in small_router().route_many([e.text for e in EXAMPLES])]
    assert [route.intent.label for route in wider.route_many([e.text for e in EXAMPLES])] == before


def test_the_hidden_layer_keeps_its_say_and_adds_nothing_to_new_labels(wider: Router) -> None:
    old, new = (fused_scorer(router).weights.hidden for router in (small_router(), wider))
    assert old is not None
    assert new is not None
    at = wider.heads[0].labels.index("weather")
    assert not new.outward[:, at].any()
    np.testing.assert_array_equal(np.delete(new.outward, at, axis=1), old.outward)


def test_how_sure_a_router_is_in_its_own_units_changes_nothing(wider: Router) -> None:
    surer = _eight_times_as_large(small_router())
    again = run(add_labels(surer, NEW, EXAMPLES))
    texts = [example.text for example in EXAMPLES + NEW]
    for one, other in zip(wider.route_many(texts), again.route_many(texts), strict=True):
        assert one.intent.label == other.intent.label
        assert one.intent.score == pytest.approx(other.intent.score, abs=0.01)


def _eight_times_as_large(router: Router) -> Router:
    scorer, old = fused_scorer(router), router.calibration
    heads = tuple(replace(head, temperature=8 * head.temperature) for head in old.heads)
    return Router(replace(scorer, weights=scorer.weights.scaled(8)), replace(old, heads=heads))


def test_topics_are_told_as_before(wider: Router) -> None:
    for old, new in zip(
        small_router().route_many(["退款政策", "vpn"]), wider.route_many(["退款政策", "vpn"]), strict=True
    ):
        assert [p.label for p in old.topics] == [p.label for p in new.topics]
        np.testing.assert_allclose([p.score for p in old.topics], [p.score for p in new.topics], atol=0.05)


def test_it_can_be_stored_and_read_again(wider: Router) -> None:
    configuration, arrays = wider.to_arrays()
    again = Router.from_arrays("fused", configuration, arrays, wider.scorer.encoder, "again")  # type: ignore[attr-defined]
    assert again.route("will it rain").intent.label == "weather"
    assert again.heads[0].labels == (*small_router().heads[0].labels, "weather")


def test_there_must_be_something_new_and_something_old() -> None:
    with pytest.raises(DataError, match="no label that the router does not know"):
        run(add_labels(small_router(), EXAMPLES, EXAMPLES))
    with pytest.raises(DataError, match="no earlier example to replay"):
        run(add_labels(small_router(), NEW, NEW))
