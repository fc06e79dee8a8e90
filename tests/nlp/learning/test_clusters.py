"""Unanswered questions become gaps that count people, in both languages."""

from nlp.learning.clusters import Unanswered, gaps

REFUNDS = [
    "how do I get a refund",
    "Can I have a refund for my ticket?",
    "refunds please",
    "is there any refund policy",
]
REFUNDS_ZH = ["怎么申请退款", "退款要多久到账", "请问可以退款吗", "退款流程是什么"]
OTHERS = ["what is the wifi password", "tell me the wifi password please", "食堂几点开门", "who painted this"]


def _asked(*texts: str) -> list[Unanswered]:
    return [Unanswered(text, person, f"message:{person}") for person, text in enumerate(texts)]


def test_people_who_ask_about_one_thing_are_counted_together() -> None:
    found = gaps(_asked(*REFUNDS, *REFUNDS_ZH, *OTHERS))
    assert [(gap.people, gap.words[0]) for gap in found] == [(4, "refund"), (4, "退款"), (2, "password")]
    assert found[0].question in REFUNDS
    assert found[1].question in REFUNDS_ZH
    assert found[0].origins == ("message:0", "message:1", "message:2", "message:3")


def test_one_person_who_asks_often_is_one_person() -> None:
    again = [Unanswered(text, 7) for text in REFUNDS]
    assert gaps(again) == []
    assert [gap.people for gap in gaps(again, least_people=1)] == [1]


def test_a_gap_names_nobody() -> None:
    asked = _asked("refund for ada@example.com please", "refund for bob@example.com please")
    assert [gap.question for gap in gaps(asked)] == ["refund for <email> please"]


def test_the_order_does_not_matter_and_nothing_is_a_gap_of_nothing() -> None:
    asked = _asked(*REFUNDS, *REFUNDS_ZH, *OTHERS)
    assert gaps(asked[::-1]) == gaps(asked)
    assert gaps([]) == []
