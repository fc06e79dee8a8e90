"""The values that `nlp` hands out: what they derive from what they hold."""

import dataclasses

import pytest

from nlp.types import Answer, Evidence, Language, Passage, Prediction, Route, Span, Verdict, embedded, searchable


@pytest.mark.parametrize(
    ("title", "heading", "text", "expected"),
    [
        ("T", "A › B", "x", "T › A › B\nx"),
        ("T", "", "x", "T\nx"),
        ("", "A", "x", "A\nx"),
        ("", "", "x", "x"),
    ],
)
def test_titles_and_headings_are_searched_with_the_text(title: str, heading: str, text: str, expected: str) -> None:
    assert searchable(title, heading, text) == expected
    assert Passage(1, text, title, heading).searchable == expected


def test_an_entry_is_searched_by_its_question_above_all_and_embedded_by_it_alone() -> None:
    assert searchable("FAQ", "休假 › 几天？", "十五天。", whole=True) == "几天？\nFAQ › 休假 › 几天？\n十五天。"
    assert Passage(1, "x", "T", "A › B", whole=True).searchable == "B\nT › A › B\nx"
    assert embedded("FAQ", "休假 › 几天？", "十五天。", whole=True) == "几天？"
    assert embedded("T", "A", "x") == searchable("T", "A", "x") == "T › A\nx"


@pytest.mark.parametrize(("heading", "label"), [("A › B", "B"), ("A", "A"), ("", "T")])
def test_a_passage_is_called_by_its_nearest_heading(heading: str, label: str) -> None:
    assert Passage(1, "x", "T", heading).label == label


@pytest.mark.parametrize(("language", "text"), [("en", "One. Two."), ("zh", "One.Two.")])
def test_an_answer_is_its_sentences(language: Language, text: str) -> None:
    passage = Passage(1, "One. Two.", "T")
    evidence = (Evidence(passage, Span(0, 4), 0.5), Evidence(passage, Span(5, 9), 0.4))
    assert Answer(language, Verdict.ANSWERED, 0.9, evidence).text == text
    assert Answer(language, Verdict.REFUSED, 0.1).text == ""


def test_a_route_leads_with_the_most_probable() -> None:
    best, other = Prediction("a", 0.7), Prediction("b", 0.3)
    route = Route("en", (best, other), (), 0.9, True, True, 1.0)
    assert (route.intent, route.topic) == (best, None)
    assert dataclasses.replace(route, topics=(other, best)).topic is other


def test_values_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Span(0, 1).start = 2  # type: ignore[misc]
