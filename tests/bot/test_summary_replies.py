"""How summaries look."""

from dataclasses import replace

import pytest

from bot.richtext import to_html, to_plain
from bot.summary_replies import digest_text, summary_buttons, summary_text
from nlp.types import Document, Facts, Language, Summary

PAGE = Document("Harbour", "One. Two.", "en", "text/html")
MADE = Summary("en", "Harbour", ("One.", "Two {x}."), 90)


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("Harbour", "en", "Summary: Harbour\n\n• One.\n\n• Two {x}."),
        ("", "en", "Summary\n\n• One.\n\n• Two {x}."),
        ("港口 **{y}**", "zh", "摘要：港口 **{y}**\n\n• One.\n\n• Two {x}.\n\n原文是英文，摘出的句子也是英文。"),
    ],
)
def test_a_summary_is_a_titled_list_that_tells_of_another_language(
    title: str, language: Language, expected: str
) -> None:
    assert to_plain(summary_text(PAGE, replace(MADE, title=title), language)) == expected


def test_author_date_and_what_is_missing_stand_below_the_title() -> None:
    page = replace(PAGE, author="Ada", date="2026-11-27", partial=True)
    shown = to_plain(summary_text(page, MADE, "en"))
    assert shown.startswith("Summary: Harbour\nAda · 2026-11-27 · only the open part of the page\n\n")


def test_time_saved_is_told_from_a_minute_on() -> None:
    assert "saves" not in to_plain(summary_text(PAGE, replace(MADE, source_units=100), "en"))
    assert "saves 10 min of reading" in to_plain(summary_text(PAGE, replace(MADE, source_units=2404), "en"))


def test_a_headline_stands_above_points_that_do_not_say_it() -> None:
    assert "<b>Ships came.</b>" in to_html(summary_text(PAGE, replace(MADE, headline="Ships came."), "en"))
    assert "<b>One.</b>" not in to_html(summary_text(PAGE, replace(MADE, headline="One."), "en"))


def test_facts_are_listed_by_their_kind() -> None:
    made = replace(MADE, facts=Facts(figures=("4 million", "3 %"), people=("Ada",)))
    assert to_plain(summary_text(PAGE, made, "en")).endswith("Figures: 4 million, 3 %\nPeople: Ada")
    assert "数字：4 million、3 %" in to_plain(summary_text(PAGE, made, "zh"))


def test_a_generators_wording_is_told_instead_of_the_language() -> None:
    shown = to_plain(summary_text(PAGE, MADE, "zh", worded=True))
    assert shown.endswith("由语言模型写成；数字和名称已与原文核对。")
    assert "原文是英文" not in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_buttons_fit_what_telegram_takes(language: Language) -> None:
    buttons = [button for row in summary_buttons(language) for button in row]
    assert [button.data for button in buttons] == ["sum:shorter", "sum:longer", "sum:ask", "sum:save"]
    assert all(button.label for button in buttons)


def test_a_digest_counts_and_lists() -> None:
    assert to_plain(digest_text(5, 2, ["Ada: x"], "en")) == "Digest: 5 messages of 2 people\n\n• Ada: x"
