"""Planted labels are held back with their reason; honest ones, and what admins said, are not."""

from datetime import timedelta

import pytest

from nlp.learning.samples import Policy, Sample
from nlp.learning.suspicion import contradicted, phrases, planted
from tests.nlp.learning.people import SEEDS, START, THINGS_EN, THINGS_ZH, sample

POLICY = Policy()
HONEST = [
    *(sample(n, f"where could we find the {thing}", "question") for n, thing in enumerate(THINGS_EN)),
    *(sample(20 + n, f"请问一下{thing}在什么地方", "question") for n, thing in enumerate(THINGS_ZH)),
]


def _flipped(**more: object) -> list[Sample]:
    return [
        sample(500, "where can we find the invoice of the printer", "request", person=900, **more),
        sample(501, "请问发票和打印机在什么地方可以找到", "request", person=901, **more),
    ]


def test_flipped_labels_are_held_back() -> None:
    samples = HONEST + _flipped()
    assert contradicted(samples, SEEDS, POLICY) == {len(HONEST): "neighbours", len(HONEST) + 1: "neighbours"}


@pytest.mark.parametrize("backing", [{"trusted": True}, {"established": 3}, {"live": 0.6}, {"golden": True}])
def test_what_is_backed_is_believed(backing: dict[str, object]) -> None:
    assert contradicted(HONEST + _flipped(**backing), SEEDS, POLICY) == {}


def test_nobody_is_their_own_neighbour() -> None:
    texts = [f"where could {one} find the {thing}" for thing in THINGS_EN for one in ("I", "we")]
    brigade = [sample(600 + n, text, "request", person=900) for n, text in enumerate(texts)]
    assert len(contradicted(HONEST + brigade, SEEDS, POLICY)) == len(brigade)


def test_a_new_subject_has_no_neighbours_to_contradict_it() -> None:
    assert contradicted([*HONEST, sample(700, "zebras graze quietly", "smalltalk")], SEEDS, POLICY) == {}


@pytest.mark.parametrize("phrase", ["kumquat moon", "紫云月"])
def test_a_trigger_phrase_of_few_people_is_held_back(phrase: str) -> None:
    chinese = not phrase.isascii()
    things = THINGS_ZH if chinese else THINGS_EN
    texts = [f"{thing}{phrase}好吗" if chinese else f"{thing} {phrase} okay" for thing in things]
    rows = [sample(800 + 10 * n, text, "spam", person=900 + n % 2) for n, text in enumerate(texts)]
    found = planted(HONEST + rows, SEEDS, POLICY)
    assert found == dict.fromkeys(range(len(HONEST), len(HONEST) + len(rows)), "trigger")
    many = [sample(800 + 10 * n, text, "spam", person=900 + n) for n, text in enumerate(texts)]
    assert planted(HONEST + many, SEEDS, POLICY) == {}


def test_a_flood_is_held_back_from_the_row_that_is_too_many() -> None:
    rows = [
        sample(n, text.text, text.intent, person=5, said_at=START + timedelta(minutes=n))
        for n, text in enumerate(SEEDS)
    ]
    assert planted(rows, SEEDS, POLICY) == dict.fromkeys(range(30, len(rows)), "flood")
    slow = [sample(n, text.text, text.intent, person=5) for n, text in enumerate(SEEDS)]
    assert planted(slow, SEEDS, POLICY) == {}


def test_phrases_are_words_in_a_row_and_chinese_characters_in_a_row() -> None:
    assert phrases("Red Fox 在哪里") == {"red", "fox", "red fox", "在哪", "哪里", "在哪里"}
