"""Vectors of sentences are kept while they are asked for, each encoder's apart."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from nlp.recent_vectors import RecentVectors
from tests.support.models import BagEncoder


def asked(encoder: BagEncoder) -> list[str]:
    return [text for call in encoder.calls for text in call]


def test_what_is_asked_again_is_not_encoded_again() -> None:
    encoder, recent = BagEncoder(), RecentVectors(10)
    first = recent.of(["red tower", "blue bridge", "red tower"], encoder)
    np.testing.assert_array_equal(first, BagEncoder().encode(["red tower", "blue bridge", "red tower"]).vectors)
    np.testing.assert_array_equal(recent.of(["blue bridge", "new harbour"], encoder)[0], first[1])
    assert asked(encoder) == ["red tower", "blue bridge", "new harbour"]


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    encoder, recent = BagEncoder(), RecentVectors(2)
    for text in ("a b", "c d", "a b", "e f", "a b", "c d"):
        recent.of([text], encoder)
    assert asked(encoder) == ["a b", "c d", "e f", "c d"]


def test_a_question_about_more_than_is_kept_gets_all_vectors() -> None:
    texts = [f"word{n} tower" for n in range(9)]
    assert len(RecentVectors(2).of(texts, BagEncoder())) == 9


def test_encoders_do_not_share_vectors() -> None:
    one, other, recent = BagEncoder("one"), BagEncoder("other"), RecentVectors(10)
    for encoder in (one, other, one):
        recent.of(["red tower"], encoder)
    assert (asked(one), asked(other)) == (["red tower"], ["red tower"])


def test_threads_get_what_they_ask_for() -> None:
    encoder, recent = BagEncoder(), RecentVectors(5)
    texts = [f"word{n} bridge" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: recent.of([texts[n % 40], texts[(n * 7) % 40]], encoder), range(400)))
    alone = encoder.encode(texts).vectors
    for n, pair in enumerate(found):
        np.testing.assert_array_equal(pair, alone[[n % 40, (n * 7) % 40]])
