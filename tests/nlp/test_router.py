"""Routers: what a route says, and what survives storing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import ModelError
from nlp.model_store import ModelStore
from nlp.router import Router, Scope, energy, load_router, softmax
from nlp.training.configs import FusedConfig
from nlp.training.router import save_router
from tests.support.models import EXAMPLES, BagEncoder, small_router


@pytest.fixture(scope="module")
def router() -> Router:
    return small_router()


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("how do i reset the password", "en", "question"),
        ("怎么重置我的密码", "zh", "question"),
        ("hello, good morning", "en", "greeting"),
        ("你好，早上好", "zh", "greeting"),
        ("please summarize the article", "en", "summarize"),
        ("请概括这篇文章", "zh", "summarize"),
    ],
)
def test_a_message_goes_where_it_belongs(router: Router, text: str, language: str, intent: str) -> None:
    route = router.route(text)
    assert (route.language, route.intent.label) == (language, intent)
    assert route.topic is not None


def test_probabilities_are_sorted_and_bounded(router: Router) -> None:
    for route in router.route_many([example.text for example in EXAMPLES]):
        for head in (route.intents, route.topics):
            scores = [p.score for p in head]
            assert scores == sorted(scores, reverse=True)
            assert sum(scores) <= 1.0001
        assert 0 <= route.scope_score <= 1


def test_a_class_for_strange_things_puts_them_out_of_scope(router: Router) -> None:
    route = router.route("turn on the lights")
    assert route.intent.label == "out_of_scope"
    assert not route.in_scope
    assert route.scope_score < router.route("what is the refund policy").scope_score


def test_many_texts_are_routed_as_each_alone(router: Router) -> None:
    texts = ["how do i reset my password", "你好", "", "概括一下"]
    for one, other in zip(router.route_many(texts), map(router.route, texts), strict=True):
        assert replace(one, intents=(), topics=(), scope_score=0) == replace(
            other, intents=(), topics=(), scope_score=0
        )
        assert one.intent.score == pytest.approx(other.intent.score, abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=500))
def test_any_text_has_a_route(router: Router, text: str) -> None:
    route = router.route(text)
    assert route.intents
    assert np.isfinite(route.scope_score)


@pytest.mark.parametrize("text", ["", "👍", "啊" * 100_000, "x" * 100_000, "\ud800", "\x00"])
def test_extreme_texts_have_a_route(router: Router, text: str) -> None:
    assert router.route(text).language in ("en", "zh")


def test_a_stored_router_says_the_same(router: Router, tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = save_router(router, store, EXAMPLES, FusedConfig(), sources=["test"])
    again, read = load_router(store.folder("router", manifest.version), BagEncoder())
    assert read == manifest
    assert again.version == manifest.version
    for example in EXAMPLES:
        one, other = router.route(example.text), again.route(example.text)
        assert one.intent.label == other.intent.label
        assert one.intent.score == pytest.approx(other.intent.score, abs=1e-2)


def test_a_router_for_another_encoder_is_refused(router: Router, tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = save_router(router, store, EXAMPLES, FusedConfig())
    with pytest.raises(ModelError, match="was trained with encoder 'bag', not 'other'"):
        load_router(store.folder("router", manifest.version), BagEncoder("other"))


def test_a_router_that_read_texts_otherwise_is_refused(router: Router, tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = save_router(router, store, EXAMPLES, FusedConfig())
    encoder = BagEncoder()
    encoder.reading = "other words"
    with pytest.raises(ModelError, match="reads texts as an earlier version did: train it again"):
        load_router(store.folder("router", manifest.version), encoder)


def test_energy_and_softmax_bear_large_logits() -> None:
    logits = np.array([[1000.0, 0.0], [-1000.0, -1000.0]], np.float32)
    assert np.isfinite(energy(logits)).all()
    np.testing.assert_allclose(softmax(logits), np.array([[1, 0], [0.5, 0.5]], np.float32))


def test_the_scope_score_is_a_half_at_the_threshold() -> None:
    scope = Scope(threshold=3.0, width=0.5)
    np.testing.assert_allclose(scope.score(np.array([3.0, 1e6, -1e6], np.float32)), [0.5, 1, 0], atol=1e-6)
