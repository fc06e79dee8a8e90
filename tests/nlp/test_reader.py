"""Reading and answering: the right sentences, marked, or an honest refusal."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import reader
from nlp.generator import Answerer, ExtractiveGenerator
from nlp.marks import mark
from nlp.reader import Reader, spans_of
from nlp.retriever import Retriever, build
from nlp.span_reader import SpanReader, SpanReading
from nlp.text import has_han
from nlp.types import Answer, Hit, Passage, Span, Verdict
from tests.support.models import BagEncoder

PASSAGES = [
    Passage(1, "Refunds are paid within thirty days. Keep your receipt. Ask the desk for help.", "Handbook", "Refunds"),
    Passage(2, "The office opens at nine. It closes at six.", "Handbook", "Office hours"),
    Passage(3, "退款会在三十天内支付。请保留收据。", "员工手册", "退款", language="zh"),
    Passage(4, "办公室九点开门。六点关门。", "员工手册", "办公时间", language="zh"),
    Passage(5, "The canteen serves soup on Mondays and fish on Fridays.", "Canteen", ""),
]


class Desk:
    """A retriever and an answerer over five passages."""

    def __init__(self, spans: SpanReader | None = None) -> None:
        self.encoder = BagEncoder()
        self.retriever: Retriever = build(self.encoder, [(p.key, p.searchable) for p in PASSAGES])
        reader = Reader(self.encoder, self.retriever.lexical, spans)
        self.answerer = Answerer(self.encoder, reader, ExtractiveGenerator())

    def ask(self, question: str, limit: int = 5) -> Answer:
        by_key = {passage.key: passage for passage in PASSAGES}
        hits = self.retriever.search(question, limit)
        return self.answerer.answer(question, [(by_key[hit.key], hit) for hit in hits])


class Pointer(SpanReader):
    """Says of every text that has a word that it answers with that word; knows English questions alone."""

    def __init__(self, word: str, sure: float = 0.9) -> None:
        self.word, self.sure = word, sure
        self.texts: list[str] = []

    def trust(self, question: str) -> float:
        """See `SpanReader.trust`."""
        return 0.0 if has_han(question) else 1.0

    def read(self, question: str, texts: Sequence[str]) -> list[SpanReading]:
        """See `SpanReader.read`."""
        self.texts += texts
        places = [text.find(self.word) for text in texts]
        return [
            SpanReading(6.0 if place >= 0 else -6.0, Span(max(place, 0), max(place, 0) + len(self.word)), self.sure)
            for place in places
        ]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("question", "sentence", "language"),
    [
        ("When are refunds paid?", "Refunds are paid within thirty days.", "en"),
        ("When does the office open?", "The office opens at nine.", "en"),
        ("退款什么时候支付？", "退款会在三十天内支付。", "zh"),
        ("办公室几点开门？", "办公室九点开门。", "zh"),
    ],
)
def test_the_sentence_that_answers_is_shown_with_its_passage(
    desk: Desk, question: str, sentence: str, language: str
) -> None:
    answer = desk.ask(question)
    assert (answer.verdict, answer.language) == (Verdict.ANSWERED, language)
    assert sentence in [item.text for item in answer.evidence]
    assert 1 <= len(answer.evidence) <= 3
    assert all(item.text in item.passage.text for item in answer.evidence)
    assert 0.5 <= answer.confidence <= 1


@pytest.mark.parametrize("question", ["Who painted the chapel ceiling?", "火星上有几家餐厅？", "xyzzy", "？"])
def test_what_is_not_there_is_refused_with_what_came_closest(desk: Desk, question: str) -> None:
    answer = desk.ask(question)
    assert answer.verdict is Verdict.REFUSED
    assert answer.evidence == ()
    assert answer.confidence < 0.5
    assert len(answer.nearest) <= 3


def test_without_passages_there_is_no_answer(desk: Desk) -> None:
    answer = desk.answerer.answer("When are refunds paid?", [])
    assert (answer.verdict, answer.confidence, answer.nearest) == (Verdict.REFUSED, 0.0, ())


def test_sentences_are_in_reading_order_and_none_is_shown_twice(desk: Desk) -> None:
    answer = desk.ask("When does the office open and when does it close?")
    places = [(item.passage.key, item.span.start) for item in answer.evidence]
    assert len(set(places)) == len(places)
    for key in {key for key, _ in places}:
        starts = [start for passage, start in places if passage == key]
        assert starts == sorted(starts)


def test_a_heading_speaks_for_the_sentence_below_it() -> None:
    desk = Desk()
    answer = desk.ask("What are the office hours?")
    assert answer.verdict is Verdict.ANSWERED
    assert answer.evidence[0].text == "The office opens at nine."


def test_a_short_answer_is_marked_where_the_reading_is_sure_of_one() -> None:
    answer = Desk(Pointer("nine")).ask("When does the office open?")
    best = max(answer.evidence, key=lambda item: item.score)
    assert best.text == "The office opens at nine."
    assert best.short_text == "nine"
    assert best.marks == (best.short,)
    unsure = Desk(Pointer("nine", sure=0.3)).ask("When does the office open?")
    best = max(unsure.evidence, key=lambda item: item.score)
    assert best.short is None
    assert best.short_text == best.text
    assert [best.text[mark.start : mark.end] for mark in best.marks] == ["office", "opens"]


def test_a_short_answer_in_the_heading_is_none_in_the_sentence() -> None:
    answer = Desk(Pointer("Office")).ask("When does the office open?")
    assert answer.evidence
    assert all(item.short is None for item in answer.evidence)


def test_what_the_close_reader_does_not_know_is_read_without_it() -> None:
    spans = Pointer("九点")
    answer, plain = Desk(spans).ask("办公室几点开门？"), Desk().ask("办公室几点开门？")
    assert answer == plain
    assert spans.texts == []


def test_a_sentence_that_is_read_well_comes_before_one_that_looks_better() -> None:
    spans, question = Pointer("closes"), "When does the office open?"
    desk = Desk(spans)
    by_key = {passage.key: passage for passage in PASSAGES}
    found = [(by_key[hit.key], hit) for hit in desk.retriever.search(question, 5)]
    reading = desk.answerer.reader.read(question, desk.encoder.encode([question], "query"), found)
    assert "closes" in reading.evidence[0].text
    assert any(text.startswith("Office hours\n") for text in spans.texts)


def test_what_promises_far_less_is_not_read_closely() -> None:
    spans, question = Pointer("nine"), "When does the office open?"
    desk, (asked, *others) = Desk(spans), [PASSAGES[1], PASSAGES[0], PASSAGES[4]]
    found = [(asked, Hit(asked.key, 0.9, 0.9, 0.9)), *((one, Hit(one.key, 0.01, 0.0, 0.0)) for one in others)]
    reading = desk.answerer.reader.read(question, desk.encoder.encode([question], "query"), found)
    assert len(spans.texts) == 3 < len(reading.evidence) == 6
    assert spans.texts[0].endswith("The office opens at nine.")
    assert reading.evidence[0].text == "The office opens at nine."


def test_scores_of_a_reading_add_up() -> None:
    desk = Desk()
    encoded = desk.encoder.encode(["When are refunds paid?"], "query")
    hits = desk.retriever.search("When are refunds paid?", 5)
    found = [(next(p for p in PASSAGES if p.key == hit.key), hit) for hit in hits]
    reading = desk.answerer.reader.read("When are refunds paid?", encoded, found)
    scores = [item.score for item in reading.evidence]
    assert sum(scores) == pytest.approx(1)
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "question", "marked"),
    [
        ("Refunds are paid.", "refund the pay", ["Refunds"]),
        ("退款会在三十天内支付。", "退款支付", ["退款", "支付"]),
        ("申請退款需要收據", "申请退款", ["申請退款"]),
        ("The VPN设置页面", "vpn设置", ["VPN", "设置"]),
        ("Nothing here", "refund", []),
        ("", "refund", []),
    ],
)
def test_words_shared_with_the_question_are_marked(text: str, question: str, marked: list[str]) -> None:
    from nlp.lexical import query_terms

    spans = mark(text, frozenset(query_terms(question)))
    assert [text[span.start : span.end] for span in spans] == marked


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_marks_are_inside_the_text_and_apart(text: str, question: str) -> None:
    from nlp.lexical import query_terms

    spans = mark(text, frozenset(query_terms(question)))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=120))
def test_any_question_has_an_answer_or_a_refusal(question: str) -> None:
    answer = Desk().ask(question)
    assert bool(answer.evidence) == (answer.verdict is Verdict.ANSWERED)


def test_an_entry_is_one_span_and_other_passages_are_sentences() -> None:
    text = "十五天。\n\nTwo weeks ahead. 提前申请。"
    assert spans_of(Passage(1, text, "FAQ", "年假几天？", whole=True)) == [Span(0, len(text))]
    assert len(spans_of(Passage(1, text, "FAQ", "年假几天？"))) == 3


def most(question: str, passage: Passage, dense: float = 0.0) -> float:
    """The greatest log-odds that a passage may give, where the encoder knows every question."""
    encoder, corpus = BagEncoder(), build(BagEncoder(), [(passage.key, passage.searchable)]).lexical
    asked = Reader(encoder, corpus).ask(question, encoder.encode([question], "query"))
    return reader._most(asked, passage, Hit(passage.key, 0.9, dense, 0.5))


ENTRY = Passage(9, "Parking is free for guests, behind the house.", "FAQ", "FAQ > Where can guests park?", whole=True)


@pytest.mark.parametrize(
    ("question", "dense", "answers"),
    [
        ("Where can guests park?", 1.0, True),
        ("where may our guests park their cars", 0.7, True),
        ("How do I leave the car?", 0.9, True),  # other words, the same meaning
        ("How many guests may stay overnight?", 0.2, False),
        ("Is breakfast free for guests?", 0.3, False),
    ],
)
def test_an_entry_answers_its_own_question_rather_than_one_that_shares_a_word(
    question: str, dense: float, answers: bool
) -> None:
    assert (most(question, ENTRY, dense) > 0) == answers


def test_what_is_no_entry_and_what_the_encoder_does_not_know_is_not_held_to_that() -> None:
    assert most("Is breakfast free for guests?", replace(ENTRY, whole=False)) == math.inf
    chinese = Passage(9, "客人可以在屋后免费停车。", "问答", "问答 > 客人在哪里停车？", language="zh", whole=True)
    assert most("客人可以吃早饭吗？", chinese) == math.inf
