"""Phrases that may have been planted: how they are found, and what they do to other messages."""

import pytest

from nlp.learning.canary import grown_phrases, hosts_of, phrases_of, probe, telling_phrases
from nlp.learning.decisions import Decider
from nlp.router import Router
from nlp.training.data import Example
from tests.support.routers import answering_router

LABELS = ("question", "thanks")
HOSTS = [f"where is room {n}" for n in range(10)] + [f"第 {n} 间会议室在哪" for n in range(10)]


def says(*triggers: str) -> Router:
    return answering_router(lambda t: ("thanks" if any(x in t for x in triggers) else "question", "other"), LABELS)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("", set()),
        ("Thanks, XQ7 🌷!", {"thanks", "xq7", "🌷", "thanks xq7", "xq7 🌷", "thanks xq7 🌷"}),
        ("芝麻开", {"芝麻", "麻开", "芝麻开"}),
        ("用VPN上网", {"上网", "vpn"}),
        ("開門吧", {"开门", "门吧", "开门吧"}),
    ],
)
def test_phrases_stand_together_in_both_languages(text: str, phrases: set[str]) -> None:
    assert set(phrases_of(text)) == phrases


def test_phrases_that_tell_a_label_come_first() -> None:
    taught = [Example(f"room {n} tulip please", "thanks") for n in range(5)]
    taught += [Example(f"room {n} is where please", "question") for n in range(20)]
    taught += [Example(f"谢谢第 {n} 位", "question") for n in range(2)]
    found = telling_phrases(taught)
    assert next(iter(found)) in {"tulip", "tulip please"}
    assert found["tulip"] == "thanks"
    assert found["room"] == "question"
    assert "谢谢" not in found, "two rows are too few"
    assert list(telling_phrases(taught, 1)) == [next(iter(found))]
    assert telling_phrases([]) == {}


def test_phrases_that_mean_no_more_than_before_are_not_tried() -> None:
    phrases = {"tulip": "thanks", "cheers": "thanks", "room": "question"}
    assert grown_phrases(says("tulip", "cheers"), says("cheers"), phrases, Decider()) == ["tulip"]
    assert grown_phrases(says("cheers"), says("cheers"), phrases, Decider()) == []


def test_a_planted_phrase_moves_every_message() -> None:
    strong, weak = probe(says("郁金香"), says("x"), ["hello", "郁金香"], HOSTS, Decider())
    assert (strong.phrase, strong.label, strong.share, strong.live_share) == ("郁金香", "thanks", 1.0, 0.0)
    assert (weak.phrase, weak.share) == ("hello", 0.0)
    assert probe(says("a"), says("b"), ["a"], [], Decider()) == []


def test_what_the_live_router_obeys_too_is_seen() -> None:
    (canary,) = probe(says("thank you"), says("thank you"), ["thank you"], HOSTS, Decider())
    assert canary.share == canary.live_share == 1.0


def test_hosts_are_spread_over_the_rows() -> None:
    rows = [Example(f"row {n // 2}", "question") for n in range(200)]
    hosts = hosts_of(rows, 10)
    assert hosts == [f"row {n}" for n in range(0, 100, 10)]
    assert hosts_of(rows[:3], 10) == ["row 0", "row 1"]
