"""Styled text: markup, HTML, and splitting at Telegram's limit."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.richtext import LIMIT, Piece, RichText, Style, join, plain, rich, split, to_html, to_plain, utf16_length


def test_our_markup() -> None:
    assert rich("Send **/help** or `x`, __please__.") == (
        Piece("Send "),
        Piece("/help", Style.BOLD),
        Piece(" or "),
        Piece("x", Style.CODE),
        Piece(", "),
        Piece("please", Style.ITALIC),
        Piece("."),
    )


def test_html_escapes_what_others_wrote() -> None:
    text = (*plain("<b>&\"' 5 < 6"), Piece("a&b", url='https://x.org/?a=1&b="2"'))
    assert to_html(text) == '&lt;b&gt;&amp;"\' 5 &lt; 6<a href="https://x.org/?a=1&amp;b=&quot;2&quot;">a&amp;b</a>'
    assert to_plain(text) == "<b>&\"' 5 < 6a&b"


def test_joining_passes_over_empty_parts() -> None:
    assert to_plain(join([plain("a"), (), plain("b")], "\n\n")) == "a\n\nb"


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("你好", 2), ("👍", 2), ("👨‍👩‍👧", 8), ("", 0)])
def test_length_is_counted_as_telegram_counts(text: str, units: int) -> None:
    assert utf16_length(text) == units


styles = st.sampled_from(list(Style))
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)
pieces = st.lists(st.builds(Piece, texts, styles), max_size=8).map(tuple)


@given(pieces, st.integers(min_value=4, max_value=60))
def test_parts_fit_and_join_to_the_whole(text: RichText, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(map(to_plain, parts)) == to_plain(text)
    assert all(utf16_length(to_plain(part)) <= limit for part in parts)


@given(pieces, st.integers(min_value=4, max_value=60))
def test_every_part_is_balanced_html(text: RichText, limit: int) -> None:
    for part in split(text, limit):
        bare = html.unescape(re.sub(r"</?(b|i|code|blockquote)>", "", to_html(part)))
        assert bare == to_plain(part)
        for tag in ("b", "i", "code", "blockquote"):
            assert to_html(part).count(f"<{tag}>") == to_html(part).count(f"</{tag}>")


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("one.\n\ntwo three", 12, ["one.\n\n", "two three"]),
        ("one two. three four", 12, ["one two. ", "three four"]),
        ("第一句。第二句在这里。", 8, ["第一句。", "第二句在这里。"]),
        ("abcdefgh", 4, ["abcd", "efgh"]),
        ("ab👨‍👩‍👧cd", 9, ["ab", "👨‍👩‍👧c", "d"]),
        ("abc🇨🇳🇬🇧", 8, ["abc🇨🇳", "🇬🇧"]),
        ("e\u0301" * 3, 3, ["e\u0301", "e\u0301", "e\u0301"]),
    ],
)
def test_cuts_fall_where_a_reader_would_put_them(text: str, limit: int, parts: list[str]) -> None:
    assert [to_plain(part) for part in split(plain(text), limit)] == parts


def test_a_short_text_is_one_part_and_style_goes_on_after_a_cut() -> None:
    assert split(plain("short")) == [plain("short")]
    assert split(()) == [()]
    first, second = split((Piece("x" * LIMIT + "y", Style.BOLD),))
    assert (first, second) == ((Piece("x" * LIMIT, Style.BOLD),), (Piece("y", Style.BOLD),))
