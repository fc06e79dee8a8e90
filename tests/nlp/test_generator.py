"""Which sentences of a reading are shown, and when none is."""

import pytest

from nlp.encoder import Encoded
from nlp.generator import Answerer, ExtractiveGenerator
from nlp.reader import Reader, Reading
from nlp.thresholds import ANSWERS_FROM, Thresholds
from nlp.types import Evidence, Hit, Passage, Span, Verdict
from tests.support.models import BagEncoder

ONE = Passage(1, "First. Second. Third. Fourth.", "One")
TWO = Passage(2, "Alpha. Beta.", "Two")
PLACES = {"First.": ONE, "Second.": ONE, "Third.": ONE, "Fourth.": ONE, "Alpha.": TWO, "Beta.": TWO}


def evidence(*scored: tuple[str, float]) -> tuple[Evidence, ...]:
    found = []
    for text, score in scored:
        start = PLACES[text].text.index(text)
        found.append(Evidence(PLACES[text], Span(start, start + len(text)), score))
    return tuple(found)


def shown(*scored: tuple[str, float]) -> list[str]:
    reading = Reading(evidence(*scored), 0.9)
    return [item.text for item in ExtractiveGenerator().choose(reading)]


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        ([("First.", 0.975), ("Second.", 0.024)], ["First."]),
        ([("First.", 0.5), ("Second.", 0.475), ("Third.", 0.025)], ["First.", "Second."]),
        ([("First.", 0.4), ("Second.", 0.3), ("Third.", 0.2), ("Fourth.", 0.1)], ["First.", "Second.", "Third."]),
        ([("First.", 0.6), ("Second.", 0.015)], ["First."]),
        ([("First.", 0.05)], ["First."]),
        ([], []),
    ],
)
def test_one_to_three_sentences_that_carry_the_belief(scored: list[tuple[str, float]], expected: list[str]) -> None:
    assert shown(*scored) == expected


def test_sentences_of_a_passage_stand_in_its_order_and_the_best_passage_first() -> None:
    assert shown(("Beta.", 0.4), ("Third.", 0.3), ("Alpha.", 0.2)) == ["Alpha.", "Beta.", "Third."]
    assert shown(("Third.", 0.4), ("Beta.", 0.3), ("First.", 0.2)) == ["First.", "Third.", "Beta."]


def test_the_same_sentence_of_two_documents_is_shown_once() -> None:
    copy = Passage(3, "First. Other.", "Copy")
    best = evidence(("First.", 0.4))
    again = Evidence(copy, Span(0, 6), 0.3)
    reading = Reading((*best, again, *evidence(("Second.", 0.2))), 0.9)
    assert [e.passage.key for e in ExtractiveGenerator().choose(reading)] == [1, 1]


def test_an_entry_is_shown_alone_and_whole_and_never_added_to_sentences() -> None:
    entries = [Passage(key, f"Answer {key}. More of it.", "FAQ", "Question?", whole=True) for key in (4, 5)]
    first, second = (Evidence(entry, Span(0, len(entry.text)), 0.4) for entry in entries)
    choose = ExtractiveGenerator().choose
    assert [e.text for e in choose(Reading((first, second), 0.9))] == ["Answer 4. More of it."]
    sentence = evidence(("First.", 0.4))
    assert [e.text for e in choose(Reading((*sentence, first), 0.9))] == ["First."]
    assert [e.text for e in choose(Reading((first, *sentence), 0.9))] == ["Answer 4. More of it."]


class FixedReader(Reader):
    """Says the same of every question."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, question: str, encoded: Encoded, found: object) -> Reading:
        """The fixed reading."""
        return self.reading


def answer(confidence: float, question: str = "Which?") -> tuple[Verdict, str, list[int], str]:
    reading = Reading(evidence(("First.", 0.95)), confidence)
    found = [(Passage(key, "x", "t"), Hit(key, 0.5, 0.5, 0.5)) for key in range(5)]
    given = Answerer(BagEncoder(), FixedReader(reading), ExtractiveGenerator()).answer(question, found)
    assert (given.confidence, given.generator) == (confidence, "extractive")
    return given.verdict, given.text, [passage.key for passage in given.nearest], given.language


def test_far_below_the_threshold_it_refuses_and_names_the_three_nearest() -> None:
    assert answer(0.09) == (Verdict.REFUSED, "", [0, 1, 2], "en")
    assert answer(ANSWERS_FROM) == (Verdict.ANSWERED, "First.", [], "en")


def test_below_the_threshold_it_refuses_and_shows_the_sentence_that_may_be_meant() -> None:
    reading, found = Reading(evidence(("First.", 0.95)), ANSWERS_FROM - 0.01), [(TWO, Hit(2, 0.5, 0.5, 0.5))]
    given = Answerer(BagEncoder(), FixedReader(reading), ExtractiveGenerator()).answer("Which?", found)
    assert (given.verdict, given.text, given.nearest) == (Verdict.REFUSED, "", (ONE,))
    assert given.closest == reading.evidence[0]


def test_the_answer_is_in_the_language_of_the_question() -> None:
    assert answer(0.9, "哪一个？")[3] == "zh"


def test_each_language_may_have_a_threshold_of_its_own() -> None:
    found = [(Passage(0, "First.", "T"), Hit(0, 0.9, 0.9, 0.9))]
    reading = Reading((Evidence(found[0][0], Span(0, 6), 1.0),), 0.55)
    answerer = Answerer(BagEncoder(), FixedReader(reading), ExtractiveGenerator(), Thresholds({"en": 0.6}))
    assert answerer.answer("What is first?", found).verdict is Verdict.REFUSED
    assert answerer.answer("第一是什么？", found).verdict is Verdict.ANSWERED
