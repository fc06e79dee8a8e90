"""What people say next, as a sign of how good the answer was, in both languages."""

from datetime import timedelta

import pytest

from nlp.learning.evidence import Signal
from nlp.learning.signs import Sign, denies, rephrases, sign_of, signal_of, worth

SOON, LATE = timedelta(seconds=30), timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    [
        *("no", "No!", "nope", "Wrong.", "that's wrong", "That is not right", "this is incorrect", "No, that's wrong!"),
        *("no no", "that isn’t what I asked", "not what i meant", "you are wrong"),
        *("不对", "错了", "不对，错了！", "不是", "答错了。", "這不對", "不是我问的", "答非所问"),
    ],
)
def test_a_short_denial_is_one(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize(
    "text",
    [
        *("no, thanks", "no problem", "is it wrong to ask?", "there is no refund", "know", "notes", "", "?!", "right"),
        *("not yet", "what went wrong with my order", "no no no no no no no no no"),
        *("不对称加密是什么", "没事", "不客气", "对", "错误码 404 是什么意思", "不是工作日可以退款吗"),
    ],
)
def test_what_only_begins_like_a_denial_is_none(text: str) -> None:
    assert not denies(text)


@pytest.mark.parametrize(
    ("text", "before", "same"),
    [
        ("When will refunds get paid?", "When are refunds paid?", True),
        ("when are refunds paid", "When are refunds paid?", True),
        ("When are the salaries paid?", "Who waters the plants?", False),
        ("How do I cancel an order?", "How do I track an order?", False),
        ("退款何时支付？", "退款什么时候支付？", True),
        ("退款什麼時候支付", "退款什么时候支付？", True),
        ("办公室几点开门？", "退款什么时候支付？", False),
        ("?", "!", False),
    ],
)
def test_the_same_question_in_other_words_is_known_by_its_terms(text: str, before: str, same: bool) -> None:
    assert rephrases(text, before) is same


@pytest.mark.parametrize(
    ("text", "intent", "after", "sign"),
    [
        ("When will refunds get paid?", "question", SOON, Sign("rephrased", -1)),
        ("When will refunds get paid?", "question", LATE, None),
        ("that did not help at all", "complaint", SOON, Sign("denied", -1)),
        ("it is thirty days, not ten", "correction", LATE, Sign("denied", -1)),
        ("不对", None, LATE, Sign("denied", -1)),
        ("不对", None, timedelta(hours=1), None),
        ("thanks a lot", "thanks", SOON, Sign("thanked", 1)),
        ("说得真清楚", "praise", SOON, Sign("thanked", 1)),
        ("thanks a lot", "thanks", timedelta(hours=1), None),
        ("Who waters the plants?", "question", SOON, None),
    ],
)
def test_what_is_said_next_is_a_sign(text: str, intent: str | None, after: timedelta, sign: Sign | None) -> None:
    assert sign_of(text, intent, "When are refunds paid?", after) == sign


@pytest.mark.parametrize("value", [1, -1])
def test_every_sign_is_worth_less_than_every_vote(value: int) -> None:
    signs = [worth("denied", -1), worth("rephrased", -1), worth("thanked", 1)]
    assert max(signs) < min(worth("button", value), worth("reaction", value), worth("review", value))
    assert [Sign("denied", -1).weight, Sign("rephrased", -1).weight, Sign("thanked", 1).weight] == signs


def test_a_reason_makes_a_dislike_weigh_more_and_a_like_does_not_have_any() -> None:
    assert worth("button", -1, "wrong") > worth("button", -1) == worth("button", 1, "wrong")
    assert signal_of("button", -1, "long") is Signal.WRONG_BECAUSE
    assert signal_of("reaction", -1, "👎") is Signal.REACTION_DOWN
