"""How answers, refusals, sources and summaries look."""

from dataclasses import replace

import pytest

from bot.replies import answer_text, citations, place, refusal_text, source_numbers, sources_text
from bot.richtext import Style, to_plain
from nlp.types import Answer, Evidence, Language, Passage, Span, Statement, Verdict
from storage.records import Source

REFUNDS = Passage(7, "Refunds take thirty days. Keep your receipt.", "Handbook", "Shop › Refunds", page=3)
OFFICE = Passage(9, "The office opens at nine.", "Manual <b>", document=2)
REFUNDS_ZH = Passage(8, "退款需要三十天。请保留收据。", "员工手册", "退款", page=2, language="zh")


def sentence(passage: Passage, text: str, score: float = 0.9, *words: str) -> Evidence:
    start = passage.text.index(text)
    marks = tuple(Span(text.index(word), text.index(word) + len(word)) for word in words)
    return Evidence(passage, Span(start, start + len(text)), score, marks)


def answered(language: Language, *evidence: Evidence) -> Answer:
    return Answer(language, Verdict.ANSWERED, 0.9, evidence)


def test_sentences_carry_marks_and_the_numbers_of_their_sources() -> None:
    answer = answered(
        "en",
        sentence(REFUNDS, "Refunds take thirty days.", 0.9, "Refunds", "days"),
        sentence(OFFICE, "The office opens at nine.", 0.5),
        sentence(REFUNDS, "Keep your receipt.", 0.6, "Keep"),
    )
    text = answer_text(answer)
    assert to_plain(text) == (
        "Refunds take thirty days. [1] The office opens at nine. [2] Keep your receipt. [1]\n\n"
        "Sources\n[1] Handbook — Shop › Refunds, page 3\n[2] Manual <b>"
    )
    assert [piece.text for piece in text if piece.style is Style.BOLD] == ["Refunds", "days", "Keep"]
    assert source_numbers(answer.evidence) == {7: 1, 9: 2}


def test_chinese_has_no_space_before_the_number() -> None:
    text = answer_text(answered("zh", sentence(REFUNDS_ZH, "退款需要三十天。", 0.9, "退款", "三十天")))
    assert to_plain(text) == "退款需要三十天。[1]\n\n来源\n[1] 员工手册 — 退款，第 2 页"
    assert [piece.text for piece in text if piece.style is Style.BOLD] == ["退款", "三十天"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Thirty <days>. [1] Nine o'clock, with receipt. [2][1]"),
        ("zh", "Thirty <days>.[1] Nine o'clock, with receipt.[2][1]"),
    ],
)
def test_a_wording_is_shown_with_the_numbers_of_its_sources(language: Language, expected: str) -> None:
    evidence = (sentence(REFUNDS, "Refunds take thirty days.", 0.9, "days"), sentence(OFFICE, OFFICE.text))
    wording = (Statement("Thirty <days>.", (7,)), Statement("Nine o'clock, with receipt.", (9, 7)))
    text = answer_text(replace(answered(language, *evidence), wording=wording))
    assert to_plain(text).split("\n\n")[0] == expected
    assert [piece for piece in text if piece.style is Style.BOLD] == []
    assert [source.number for source in citations(answered(language, *evidence))] == [1, 2]


@pytest.mark.parametrize(
    ("passage", "language", "expected"),
    [
        (REFUNDS, "en", "Shop › Refunds, page 3"),
        (REFUNDS, "zh", "Shop › Refunds，第 3 页"),
        (OFFICE, "en", ""),
        (Passage(1, "x", "T", page=4), "en", "page 4"),
        (Passage(1, "x", "T", "H"), "zh", "H"),
        (Passage(1, "x", "T", "h" * 200), "en", "h" * 119 + "…"),
    ],
)
def test_a_place_is_headings_and_page(passage: Passage, language: Language, expected: str) -> None:
    assert place(passage, language) == expected


def test_a_refusal_names_what_came_nearest_once_each() -> None:
    nearest = (REFUNDS, Passage(10, "other", "Handbook", "Shop › Refunds", page=5), OFFICE)
    text = to_plain(refusal_text(Answer("en", Verdict.REFUSED, 0.1, nearest=nearest)))
    head, _, found = text.partition("\n\n")
    assert head == "My documents do not say."
    lines = found.splitlines()
    assert lines[0] == "The closest I found:"
    assert [line.partition(",")[0] for line in lines[1:]] == ["• Handbook — Shop › Refunds", "• Manual <b>"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["My documents do not say for certain.", "", "The closest I found:", "• Handbook — Shop › Refunds, page 3"],
        ),
        ("zh", ["我的文档里没有明确说明。", "", "最接近的内容：", "• Handbook — Shop › Refunds，第 3 页"]),
    ],
)
def test_a_sentence_that_may_be_meant_is_quoted_below_its_place(language: Language, words: list[str]) -> None:
    closest = sentence(REFUNDS, "Refunds take thirty days.", 0.4)
    refused = Answer(language, Verdict.REFUSED, 0.3, nearest=(REFUNDS,), closest=closest)
    text = refusal_text(refused)
    assert to_plain(text).splitlines() == [*words, "Refunds take thirty days."]
    assert [piece.text for piece in text if piece.style is Style.QUOTE] == ["Refunds take thirty days."]


@pytest.mark.parametrize(("language", "text"), [("en", "My documents do not say."), ("zh", "我的文档里没有说明。")])
def test_a_refusal_with_nothing_near_says_only_that(language: Language, text: str) -> None:
    assert to_plain(refusal_text(Answer(language, Verdict.REFUSED, 0.0))) == text


def test_citations_hold_what_was_shown_with_the_best_score_of_each() -> None:
    answer = answered(
        "en",
        sentence(REFUNDS, "Refunds take thirty days.", 0.4),
        sentence(OFFICE, "The office opens at nine.", 0.5),
        sentence(REFUNDS, "Keep your receipt.", 0.6),
    )
    assert citations(answer) == (
        Source(1, "Handbook", "Shop › Refunds, page 3", REFUNDS.text, 0.6, 7),
        Source(2, "Manual <b>", "", OFFICE.text, 0.5, 9),
    )


def test_sources_are_quoted_and_long_ones_cut() -> None:
    text = sources_text([Source(1, "T" * 130, "Refunds", "q" * 700, 0.5), Source(2, "Short", "", "quote", 0.4)], "zh")
    quotes = [piece.text for piece in text if piece.style is Style.QUOTE]
    assert quotes == ["q" * 599 + "…", "quote"]
    lines = to_plain(text).splitlines()
    assert lines[0] == "上一个回答的来源"
    assert lines[2] == f"[1] {'T' * 119}… — Refunds"
    assert "[2] Short" in lines
