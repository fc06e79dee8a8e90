"""Clues that a sentence answers: shared phrases, the question word and its neighbours, kinds of answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.clues import CLUES, Said, asked_for, clues, tokens
from nlp.lexical import query_terms


def of(question: str, weights: dict[str, float], passage: list[str], place: int, rank: int) -> list[float]:
    return clues(question, weights, list(map(Said, passage)), place, rank)


def told(question: str, sentence: str, name: str) -> float:
    weights = dict.fromkeys(query_terms(question), 1.0)
    return dict(zip(CLUES, of(question, weights, [sentence], 0, 0), strict=True))[name]


@pytest.mark.parametrize(
    ("question", "left", "right"),
    [
        ("When was Ada born in London?", (), ("was", "ada", "born", "in")),
        ("The tower was built by whom?", ("tower", "was", "built", "by"), ()),
        ("范廷颂是什么时候被任为主教的？", ("廷", "颂", "是"), ("被", "任", "为", "主")),
        ("公司的总部在哪里", ("总", "部", "在"), ()),
        ("Tell me about refunds", (), ()),
    ],
)
def test_what_stands_beside_the_question_word(question: str, left: tuple[str, ...], right: tuple[str, ...]) -> None:
    asked = asked_for(question)
    assert asked.left[-3:] == left[-3:]
    assert asked.right == right


@pytest.mark.parametrize(
    ("question", "better", "worse", "name"),
    [
        ("Who founded the club?", "The club was founded by Mary Smith.", "The club was founded long ago.", "person"),
        ("谁创办了这家公司？", "公司由王小明创办。", "公司创办很久了。", "person"),
        ("Where is the office?", "The office is in Paris.", "The office is open.", "place"),
        ("总部在哪里？", "总部位于北京市。", "总部很大。", "place"),
        ("Why was it closed?", "It closed because of rain.", "It closed at noon.", "cause"),
        ("为什么关门？", "因为下雨关门。", "中午关门。", "cause"),
        ("How many members does it have?", "It has 40 members.", "It has members.", "unit"),
        ("会员有多少人？", "会员有三百人。", "会员有很多人。", "unit"),
        ("When does it open?", "It opens at 9.", "It opens early.", "number_asked"),
        ("When was Ada born in London?", "Ada was born in London.", "Born in Ada, London was.", "longest"),
        ("主教被任为什么", "他被任为主教。", "主教任他为被。", "left"),
        ("Who runs the north gate?", "The north gate is run by Li.", "The gate up north is run by Li.", "pairs"),
    ],
)
def test_a_sentence_that_fits_is_told_from_one_that_does_not(question: str, better: str, worse: str, name: str) -> None:
    assert told(question, better, name) > told(question, worse, name)


def test_kinds_that_are_not_asked_for_say_nothing() -> None:
    kinds = ("unit", "person", "place", "cause", "number_asked")
    assert [told("Is it open?", "Mary Smith opened it in Paris in 1990 because of rain.", kind) for kind in kinds] == [
        0.0
    ] * len(kinds)


def test_neighbours_count_for_what_is_around_and_not_for_what_is_here() -> None:
    question = "When was the museum built?"
    weights = dict.fromkeys(query_terms(question), 1.0)
    alone = dict(zip(CLUES, of(question, weights, ["It was built in 1910."], 0, 0), strict=True))
    below = dict(zip(CLUES, of(question, weights, ["The museum.", "It was built in 1910."], 1, 2), strict=True))
    assert below["around"] > alone["around"]
    assert below["longest"] == alone["longest"]
    assert (below["position"], below["first"], below["rank"]) == (0.5, 0.0, 2.0)


def test_traditional_and_simplified_characters_are_the_same_tokens() -> None:
    assert tokens("申請退款") == tokens("申请退款")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=60), min_size=1, max_size=4), st.data())
def test_any_text_has_finite_clues(question: str, passage: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(passage) - 1))
    weights = dict.fromkeys(query_terms(question), 2.0)
    found = of(question, weights, passage, place, 0)
    assert len(found) == len(CLUES)
    assert all(-10 <= value <= 10 for value in found)
