"""The same question asked again is found in both languages; a question with another number or a "not" is another."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.folding import NEAR, NearIndex, fold_duplicates, jaccard, shingles

WORDS = "how do i reset the password of my router when it is broken and who can help me with this today".split()


@pytest.mark.parametrize(
    "same",
    [
        ["How do I reset my password?", "how do I reset  my password", "HOW DO I RESET MY PASSWORD!!"],
        ["how can I change the delivery address of my order", "how can I change the delivery adress of my order"],
        ["怎么重置路由器的密码？", "怎麼重置路由器的密碼", "怎么重置路由器的密码。"],
        ["请问怎么修改我这个订单的收货地址呢", "请问怎么修改我这个订单的收货地址"],
    ],
)
def test_repeats_are_one_group(same: list[str]) -> None:
    assert fold_duplicates(same) == [list(range(len(same)))]


@pytest.mark.parametrize(
    "different",
    [
        ["is the library open on floor 3 today please", "is the library open on floor 4 today please"],
        ["I can log in to my account on the web page today", "I can't log in to my account on the web page today"],
        ["the delivery of my order has arrived this morning", "the delivery of my order has not arrived this morning"],
        ["please enable the notifications of this channel", "please disable the notifications of this channel"],
        ["会议室三号今天下午可以预订吗谢谢", "会议室四号今天下午可以预订吗谢谢"],
        ["我今天上午收到了公司发的快递包裹", "我今天上午没收到了公司发的快递包裹"],
        ["请把客厅里面的那盏落地灯打开谢谢", "请把客厅里面的那盏落地灯打关谢谢"],
        ["价格是1.5元每千克对吗我想确认", "价格是15元每千克对吗我想确认"],
    ],
)
def test_a_number_or_a_negation_makes_another_question(different: list[str]) -> None:
    assert fold_duplicates(different) == [[0], [1]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join), max_size=25))
def test_every_near_pair_is_found(texts: list[str]) -> None:
    """The rare shingles that are looked up lose no pair that comparing everything with everything would find."""
    index = NearIndex(texts)
    for text in texts:
        index.add(text)
    sets = [shingles(text) for text in texts]
    turns = [[word for word in text.split() if word == "with"] for text in texts]
    for number, text in enumerate(texts):
        alike = [
            n for n, other in enumerate(sets) if turns[n] == turns[number] and jaccard(sets[number], other) >= NEAR
        ]
        assert set(index.find(text)) == set(alike)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=30))
def test_groups_hold_every_text_once(texts: list[str]) -> None:
    groups = fold_duplicates(texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    assert all(group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)


def test_a_flood_of_one_text_with_other_numbers_takes_no_longer_than_other_texts() -> None:
    chance = random.Random(1)  # noqa: S311 - the same texts every time
    flood = [f"where is my order number {number} 订单在哪里" for number in range(6000)]
    others = [" ".join(chance.choices(WORDS, k=9)) + str(number % 7) for number in range(6000)]
    times = []
    for texts in (others, flood):
        started = time.process_time()
        fold_duplicates(texts)
        times.append(time.process_time() - started)
    assert times[1] < 4 * times[0]
