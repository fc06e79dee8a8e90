"""Pairs from votes: who is right, who is a hard negative, and what counts for nothing."""

import pytest

from nlp.learning.mining import MOST, Judged, mine
from nlp.training.pairs import Pair

PASSAGES = {
    1: "Refunds are paid within thirty days of the purchase.",
    2: "The office opens at nine and closes at six.",
    3: "Refunds are paid within fourteen days of the purchase.",  # an older version of 1
    4: "Invoices are sent by post every Monday morning.",
    11: "退款会在购买后三十天内支付。",
    12: "办公室九点开门，六点关门。",
    13: "发票每周一寄出。",
}


def test_what_was_ranked_high_and_not_cited_is_a_hard_negative_in_its_order() -> None:
    liked = Judged("When are refunds paid?", (1,), (4, 1, 3, 2), 1.0, "vote:7")
    assert mine([liked], PASSAGES) == [
        Pair("When are refunds paid?", PASSAGES[1], (PASSAGES[4], PASSAGES[2]), 1.0, "vote:7")
    ]
    chinese = Judged("退款什么时候支付？", (11,), (12, 11, 13), 0.5, "vote:8")
    assert mine([chinese], PASSAGES, hard=1) == [
        Pair("退款什么时候支付？", PASSAGES[11], (PASSAGES[12],), 0.5, "vote:8")
    ]


def test_a_correction_makes_the_passages_of_the_wrong_answer_negatives() -> None:
    disliked = Judged("When does the office open?", (4,), (4, 1), -1.0, "vote:1")
    corrected = Judged("when does the office  open?", (2,), (4, 1), 1.0, "label:2")
    (pair,) = mine([disliked, corrected], PASSAGES)
    assert (pair.positive, pair.negatives, pair.origin) == (PASSAGES[2], (PASSAGES[4], PASSAGES[1]), "label:2")


@pytest.mark.parametrize(("votes", "weight"), [((1, 1), 2.0), ((1, -1), None), ((1, -1, -1), None), ((1,) * 50, MOST)])
def test_votes_add_up_to_a_bound(votes: tuple[float, ...], weight: float | None) -> None:
    found = mine([Judged("When are refunds paid?", (1,), (1, 2), vote) for vote in votes], PASSAGES)
    assert [pair.weight for pair in found] == ([] if weight is None else [weight])


def test_several_sources_share_the_vote_and_are_no_negatives_of_each_other() -> None:
    found = mine([Judged("Refunds and office hours?", (1, 2), (1, 2, 4), 1.0)], PASSAGES)
    assert [(pair.positive, pair.weight) for pair in found] == [(PASSAGES[1], 0.5), (PASSAGES[2], 0.5)]
    assert {pair.negatives for pair in found} == {(PASSAGES[4],)}


def test_what_is_gone_and_what_nobody_liked_is_passed_over() -> None:
    assert mine([Judged("Where?", (99,), (1, 98), 1.0)], PASSAGES) == []
    assert mine([Judged("Where?", (1,), (1, 2), -1.0)], PASSAGES) == []
    assert mine([], PASSAGES) == []
