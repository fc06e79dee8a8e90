"""A router that goes on learning: as good as one trained from nothing, with new labels, and nothing lost."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from nlp.architectures.fused import fused_scorer
from nlp.errors import DataError
from nlp.router import Router
from nlp.training import run
from nlp.training.configs import FusedConfig
from nlp.training.continual import can_continue, continue_router
from nlp.training.data import Example
from nlp.training.router import train_router
from tests.support.models import EXAMPLES, BagEncoder, small_router

CONFIG = FusedConfig(iterations=15)
WEATHER = [
    Example(text, "weather", "nature", f"new:{n}")
    for n, text in enumerate(
        ["will it rain tomorrow", "is it sunny outside", "weather forecast please", "明天会下雨吗", "今天天气怎么样"]
    )
]
GREETINGS = [example for example in EXAMPLES if example.intent == "greeting"]
REST = [example for example in EXAMPLES if example.intent != "greeting"]


@pytest.fixture(scope="module")
def parent() -> Router:
    return small_router()


@pytest.fixture(scope="module")
def child(parent: Router) -> Router:
    return run(continue_router(parent, [*EXAMPLES, *WEATHER], BagEncoder(), CONFIG, little=0))


def intents(router: Router, texts: Sequence[str]) -> list[str]:
    return [route.intent.label for route in router.route_many(texts)]


def same(one: Router, other: Router) -> bool:
    pairs = zip(one.to_arrays()[1].values(), other.to_arrays()[1].values(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_new_intents_and_topics_come_by_being_labelled(child: Router) -> None:
    assert intents(child, ["is it going to rain", "天气怎么样"]) == ["weather", "weather"]
    topics = child.route("weather forecast").topics
    assert topics[0].label == "nature"


def test_what_was_known_stays_known(parent: Router, child: Router) -> None:
    texts = [example.text for example in EXAMPLES]
    assert intents(child, texts) == intents(parent, texts)


def test_it_says_what_training_from_nothing_says_in_fewer_steps(child: Router) -> None:
    steps: list[object] = []
    scratch = run(train_router([*EXAMPLES, *WEATHER], BagEncoder(), CONFIG), steps.append)
    few: list[object] = []
    run(continue_router(scratch, [*EXAMPLES, *WEATHER], BagEncoder(), CONFIG, little=0), few.append)
    texts = [example.text for example in (*EXAMPLES, *WEATHER)]
    assert intents(child, texts) == intents(scratch, texts)
    assert child.heads[0].labels == scratch.heads[0].labels
    assert len(few) < len(steps) / 2


def test_going_on_with_the_same_rows_changes_little(parent: Router) -> None:
    again = run(continue_router(parent, EXAMPLES, BagEncoder(), CONFIG, little=0))
    old, new = (router.scorer.score([e.text for e in EXAMPLES]).logits for router in (parent, again))
    assert np.corrcoef(old.ravel(), new.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("little", [0, 1_000_000], ids=["going on", "from nothing"])
def test_labels_without_rows_stay_unless_they_shall_go(parent: Router, little: int) -> None:
    rows = [*REST, *WEATHER]
    kept = run(continue_router(parent, rows, BagEncoder(), CONFIG, little=little))
    assert kept.heads[0].labels == ("out_of_scope", "question", "summarize", "weather", "greeting")
    assert intents(kept, [e.text for e in GREETINGS]).count("greeting") > len(GREETINGS) / 2
    assert intents(kept, [e.text for e in WEATHER]) == ["weather"] * len(WEATHER)
    before, after = (fused_scorer(r).weights.dense[:, r.heads[0].labels.index("greeting")] for r in (parent, kept))
    np.testing.assert_allclose(
        after / kept.heads[0].temperature, before / parent.heads[0].temperature, rtol=1e-4, atol=1e-6
    )
    configuration, arrays = kept.to_arrays()
    stored = Router.from_arrays("fused", configuration, arrays, BagEncoder(), "again")
    assert intents(stored, ["嗨你好", "will it rain"]) == ["greeting", "weather"]
    gone = run(continue_router(parent, rows, BagEncoder(), CONFIG, drop_vanished=True, little=little))
    assert "greeting" not in gone.heads[0].labels


def test_a_few_rows_teach_from_nothing(parent: Router) -> None:
    rows = [*EXAMPLES, *WEATHER]
    assert same(run(continue_router(parent, rows, BagEncoder(), CONFIG)), run(train_router(rows, BagEncoder(), CONFIG)))


def test_topics_stay_where_no_row_has_one(parent: Router) -> None:
    rows = [replace(example, topic=None) for example in (*EXAMPLES, *WEATHER)]
    child = run(continue_router(parent, rows, BagEncoder(), CONFIG, little=0))
    assert child.heads[1] == parent.heads[1]
    for old, new in zip(*(r.route_many(["refund policy", "退款政策", "vpn"]) for r in (parent, child)), strict=True):
        assert old.topics[0].label == new.topics[0].label


def test_topics_come_to_a_router_that_had_none() -> None:
    bare = run(train_router([replace(e, topic=None) for e in EXAMPLES], BagEncoder(), CONFIG))
    assert len(bare.heads) == 1
    child = run(continue_router(bare, EXAMPLES, BagEncoder(), CONFIG, little=0))
    assert child.route("退款政策").topics[0].label == "business"


def test_ngrams_of_new_rows_are_learned_and_those_of_no_row_are_dropped(parent: Router) -> None:
    child = run(continue_router(parent, [*EXAMPLES[:-8], *WEATHER], BagEncoder(), CONFIG, drop_vanished=True, little=0))
    before, after = (set(fused_scorer(r).vocabulary.hashes.tolist()) for r in (parent, child))
    assert after - before
    assert before - after


@pytest.mark.parametrize(
    ("encoder", "config"),
    [(BagEncoder("another"), CONFIG), (BagEncoder(), replace(CONFIG, hidden_units=8))],
    ids=["encoder", "width"],
)
def test_a_parent_that_can_be_no_start_means_plain_training(
    parent: Router, encoder: BagEncoder, config: FusedConfig
) -> None:
    assert not can_continue(parent, encoder, config)
    child = run(continue_router(parent, EXAMPLES, encoder, config, little=0))
    assert same(child, run(train_router(EXAMPLES, encoder, config)))


def test_rows_of_no_weight_do_not_teach(parent: Router) -> None:
    faint = [replace(example, weight=0.0) for example in WEATHER]
    child = run(continue_router(parent, [*EXAMPLES, *faint], BagEncoder(), CONFIG, little=0))
    assert "weather" not in child.heads[0].labels
    with pytest.raises(DataError, match="two different labels"):
        run(continue_router(parent, [*GREETINGS, *faint], BagEncoder(), CONFIG, little=0))
