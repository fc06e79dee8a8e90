"""Which messages are labelled first, how alike texts are, and which questions are put together; in both languages."""

import numpy as np
import pytest

from nlp.learning.clusters import cluster
from nlp.learning.likeness import Vectors, joined
from nlp.learning.selection import select
from tests.support.models import BagEncoder

REFUNDS = ["When are refunds paid?", "when will my refund be paid", "when are the refunds paid out"]
REFUNDS_ZH = ["退款什么时候支付？", "退款何时支付", "请问退款几天支付"]
PLANTS = ["Who waters the plants?", "谁给植物浇水？"]


def vectors(texts: list[str]) -> Vectors:
    return joined(texts, BagEncoder().features(texts).vectors)


def apart(count: int) -> Vectors:
    return np.eye(count, dtype=np.float32)


def test_the_least_sure_come_first() -> None:
    chances = [(0.99, 0.01), (0.5, 0.49), (0.7, 0.2)]
    assert select(chances, apart(3), [1, 1, 1], 2) == [1, 2]


def test_the_most_asked_come_first_among_equals() -> None:
    assert select([(0.6, 0.4)] * 3, apart(3), [1, 9, 3], 3) == [1, 2, 0]


def test_what_is_like_a_chosen_one_waits() -> None:
    alike = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert select([(0.5, 0.5), (0.5, 0.49), (0.8, 0.1)], alike, [1, 1, 1], 3) == [0, 2, 1]


def test_a_message_without_chances_is_unsure_and_nothing_is_chosen_twice() -> None:
    assert select([(), (1.0,)], apart(2), [1, 1], 9) == [0, 1]
    assert select([], np.zeros((0, 4), np.float32), [], 3) == []


@pytest.mark.parametrize("same", [REFUNDS, REFUNDS_ZH])
def test_the_same_in_other_words_is_more_alike_than_something_else(same: list[str]) -> None:
    likeness = (found := vectors([*same, *PLANTS])) @ found.T
    assert likeness[:3, :3].min() > likeness[:3, 3:].max()
    assert np.allclose(np.diag(likeness), 1.0, atol=1e-5)


def test_questions_about_the_same_are_put_together_whatever_their_order() -> None:
    texts = [PLANTS[0], *REFUNDS_ZH, PLANTS[1], *REFUNDS]
    for order in (texts, texts[::-1]):
        groups = [{order[place] for place in group} for group in cluster(vectors(order))]
        assert groups[:2] in ([set(REFUNDS), set(REFUNDS_ZH)], [set(REFUNDS_ZH), set(REFUNDS)])
        assert sorted(map(len, groups[2:])) == [1, 1]


def test_every_text_is_in_one_group_and_no_text_makes_none() -> None:
    assert sorted(place for group in cluster(vectors(REFUNDS)) for place in group) == [0, 1, 2]
    assert cluster(np.zeros((0, 3), np.float32)) == []


def test_a_text_without_words_is_a_group_of_its_own() -> None:
    assert [2] in cluster(vectors([*REFUNDS[:2], "?!"]))
