"""Routers that share an encoder share what it reads."""

from dataclasses import replace

from nlp.architectures.fused import fused_scorer
from nlp.learning.decisions import Decider
from nlp.router import Router
from tests.support.models import EXAMPLES, BagEncoder, small_router

TEXTS = [example.text for example in EXAMPLES]


def test_each_text_is_read_once_for_all_routers() -> None:
    encoder, decide = BagEncoder(), Decider()
    first = small_router(encoder)
    scorer = fused_scorer(first)
    second = Router(replace(scorer, dense_scale=2 * scorer.dense_scale), first.calibration)
    expected = [
        [(r.intent.label, r.topic and r.topic.label, r.in_scope) for r in router.route_many(TEXTS)]
        for router in (first, second)
    ]
    encoder.calls.clear()
    found = [
        [(d.intent, d.topic, d.in_scope) for d in decide(router, [*TEXTS, *TEXTS[:3]])] for router in (first, second)
    ]
    assert [texts for call in encoder.calls for texts in call] == TEXTS
    assert [said[: len(TEXTS)] for said in found] == expected
    assert found[0][len(TEXTS) :] == expected[0][:3]


def test_unsaved_routers_are_not_taken_for_each_other() -> None:
    decide, router = Decider(), small_router()
    scorer = fused_scorer(router)
    weights = scorer.weights
    opposite = replace(
        scorer, weights=replace(weights, bias=-weights.bias, dense=-weights.dense, sparse=-weights.sparse)
    )
    assert decide(router, ["你好呀"])[0].intent != decide(Router(opposite, router.calibration), ["你好呀"])[0].intent
