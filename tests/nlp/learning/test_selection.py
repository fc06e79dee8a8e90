"""What a reviewer sees first: unsure, different and often asked messages take turns."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.selection import Unlabelled, choose, farthest_first, gram_vectors

MESSAGES = [
    Unlabelled("message:1", "where is my parcel now", 0.9),
    Unlabelled("message:2", "Where is my parcel now?", 0.8),
    Unlabelled("message:3", "where is my parcel, now", 0.95),
    Unlabelled("message:4", "where is my letter now", 0.7),
    Unlabelled("message:5", "where was my letter then", 0.01),
    Unlabelled("message:6", "发票在哪里开", 0.6),
]


def test_reasons_take_turns_and_repeats_are_shown_once() -> None:
    cards = choose(MESSAGES, 10)
    assert [card.reason for card in cards[:3]] == ["unsure", "different", "asked"]
    assert (cards[0].origin, cards[1].origin, cards[2].origin) == ("message:5", "message:6", "message:2")
    assert [card.asked for card in cards[:3]] == [1, 1, 3]
    assert sorted(card.origin for card in cards) == ["message:2", "message:4", "message:5", "message:6"]


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_order_of_the_messages_does_not_matter(chance: random.Random, count: int) -> None:
    shuffled = list(MESSAGES)
    chance.shuffle(shuffled)
    assert choose(shuffled, count) == choose(MESSAGES, count)
    assert len(choose(MESSAGES, count)) == min(count, 4)


def test_given_vectors_tell_what_differs() -> None:
    vectors = np.eye(6, dtype=np.float32)
    vectors[5] = vectors[4] = vectors[1] = vectors[0]
    assert choose(MESSAGES, 2, vectors)[1].origin == "message:4"


def test_farthest_first_takes_every_row_once() -> None:
    vectors = gram_vectors(["a cat", "a cat!", "天气如何", ""])
    assert sorted(farthest_first(vectors)) == [0, 1, 2, 3]
    assert list(farthest_first(np.zeros((0, 3), np.float32))) == []
