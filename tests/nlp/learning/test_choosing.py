"""What a snapshot replays and holds out."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nlp.learning.choosing import held_out, latest_conversations, not_near, stratified
from nlp.learning.samples import Policy
from tests.nlp.learning.people import sample


@given(st.lists(st.sampled_from("aaaaabbc"), max_size=60), st.integers(0, 40))
def test_rare_labels_keep_all_they_have(labels: list[str], most: int) -> None:
    kept = stratified(labels, most, str)
    counts, before = Counter(kept), Counter(labels)
    assert len(kept) == min(most, len(labels))
    for label in counts:
        for other in counts:
            assert counts[label] >= min(before[label], counts[other] - 1)


def test_the_first_of_each_label_are_kept_in_order() -> None:
    assert stratified(["a1", "a2", "b1", "a3", "b2"], 3, lambda item: item[0]) == ["a1", "a2", "b1"]


def test_the_latest_conversations_are_held_out_whole() -> None:
    samples = [sample(n, f"text {n}", conversation=f"c{n // 10}") for n in range(100)]
    assert latest_conversations(samples, Policy(recent_share=0.1)) == {"c9"}
    assert latest_conversations(samples, Policy(recent_share=0.15)) == {"c8", "c9"}
    assert latest_conversations(samples, Policy(recent_rows=5)) == {"c9"}
    assert latest_conversations([], Policy()) == set()


def test_a_conversation_that_is_most_of_all_is_not_held_out() -> None:
    big = [sample(n, f"text {n}", conversation="group") for n in range(20)]
    assert latest_conversations(big, Policy()) == set()
    assert latest_conversations([sample(1, "before", conversation="old"), *big], Policy()) == {"old"}


def test_of_somebody_who_says_nearly_everything_the_latest_of_each_label_are_held_out() -> None:
    labels = ["booking"] * 10 + ["question"] * 10 + ["rare"]
    alone = [replace(sample(n, f"text {n}", conversation="me"), intent=label) for n, label in enumerate(labels)]
    held = held_out(alone, Policy(recent_share=0.2))
    assert held == {alone[n].origin for n in (8, 9, 18, 19)}
    several = [sample(n, f"text {n}", conversation=f"c{n // 10}") for n in range(100)]
    assert held_out(several, Policy(recent_share=0.1)) == {one.origin for one in several[90:]}
    assert held_out([], Policy()) == set()


def test_what_repeats_the_held_out_is_told() -> None:
    held_out = ["How do I reset my password?", "怎么重置我的登录密码"]
    texts = ["how do i reset my password", "how do I feed my cat", "怎么重置我的登录密码？", "怎么喂猫"]
    assert not_near(texts, held_out, 0.8) == [False, True, False, True]
