"""parse_mode MarkdownV2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.errors import ApiError
from bot.simulator.text.markdown_v2 import parse_markdown_v2
from bot.simulator.text.utf16 import units

REFUSED = "Bad Request: can't parse entities: "
RESERVED = "_*[]()~`>#+-=|{}.!\\"


def entities(source: str) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.offset, entity.length) for entity in parse_markdown_v2(source).entities]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("*你😀*", "bold"),
        ("_你😀_", "italic"),
        ("__你😀__", "underline"),
        ("~你😀~", "strikethrough"),
        ("||你😀||", "spoiler"),
        ("`你😀`", "code"),
        ("```你😀```", "pre"),
    ],
)
def test_every_mark_is_an_entity(source: str, kind: str) -> None:
    parsed = parse_markdown_v2(f"a {source} z")
    assert parsed.text == "a 你😀 z"
    assert entities(f"a {source} z") == [(kind, 2, 3)]


def test_marks_nest() -> None:
    assert entities("*a _b __c___*") == [("bold", 0, 5), ("italic", 2, 3), ("underline", 4, 1)]


def test_empty_marks_are_no_entities() -> None:
    assert parse_markdown_v2("**x||||").entities == ()


def test_a_block_of_code_has_a_language_and_loses_one_line_end() -> None:
    (block,) = parse_markdown_v2("```python\nx = [1]\\`*\n```").entities
    assert (block.language, block.length) == ("python", len("x = [1]`*\n"))


def test_inside_code_only_the_backtick_is_special() -> None:
    assert parse_markdown_v2("`a.b-c!`").text == "a.b-c!"


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (r"[t](https://a.org/x_y)", "https://a.org/x_y"),
        (r"[t](https://a.org/\)\(x)", "https://a.org/)(x"),
        (r"[a\.org]", "http://a.org/"),
        (r"[t](tg://resolve?domain=x)", "tg://resolve?domain=x"),
    ],
)
def test_links(source: str, url: str) -> None:
    (link,) = parse_markdown_v2(source).entities
    assert (link.type, link.url) == ("text_link", url)


def test_a_link_to_a_user_is_a_mention() -> None:
    (mention,) = parse_markdown_v2("[Ada](tg://user?id=1001)").entities
    assert (mention.type, mention.user_id) == ("text_mention", 1001)


def test_custom_emoji() -> None:
    (emoji,) = parse_markdown_v2("![👍](tg://emoji?id=5368)").entities
    assert (emoji.type, emoji.custom_emoji_id) == ("custom_emoji", "5368")


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 3)]),
        ("x\n>a", "x\na", [("blockquote", 2, 1)]),
        (">a\n\n>b", "a\n\nb", [("blockquote", 0, 1), ("blockquote", 3, 1)]),
        (">a\n**>b", "a\nb", [("blockquote", 0, 1), ("blockquote", 2, 1)]),
        ("**>a\n>b||", "a\nb", [("expandable_blockquote", 0, 3)]),
        (">a||\nb", "a\nb", [("expandable_blockquote", 0, 1)]),
        (">*a*\n>||b||", "a\nb", [("blockquote", 0, 3), ("bold", 0, 1), ("spoiler", 2, 1)]),
    ],
)
def test_quotations(source: str, text: str, found: list[tuple[str, int, int]]) -> None:
    assert parse_markdown_v2(source).text == text
    assert entities(source) == found


@pytest.mark.parametrize("char", sorted(set("()>#+-=|{}.!]")))
def test_reserved_characters_must_be_escaped(char: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_markdown_v2(f"a{char}b")
    told = f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
    assert refused.value.description == REFUSED + told


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("你*a", "Can't find end of Bold entity at byte offset 3"),
        ("_a", "Can't find end of Italic entity at byte offset 0"),
        ("__a", "Can't find end of Underline entity at byte offset 0"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("```a", "Can't find end of Pre entity at byte offset 0"),
        ("```py\na", "Can't find end of PreCode entity at byte offset 0"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 4"),
        ("![a](b", "Can't find end of a custom emoji URL at byte offset 5"),
        ("![a](https://b.org)", "Custom emoji entity must contain a tg://emoji URL"),
        ("![a]", "Custom emoji entity must contain a tg://emoji URL"),
        (">*a\nb", "Can't find end of Bold entity at byte offset 1"),
        ("```a`b```", "Character '`' is reserved and must be escaped with the preceding '\\'"),
    ],
)
def test_mistakes_are_told_in_telegrams_words(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_markdown_v2(source)
    assert refused.value.description == REFUSED + complaint


def escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in RESERVED else char for char in text)


@given(st.text(st.sampled_from([*RESERVED, "a", "你", "😀", " ", "\n"]), max_size=40))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    parsed = parse_markdown_v2(escaped(text))
    assert parsed.text == text
    assert parsed.entities == ()


@given(st.text("a你😀.", max_size=6), st.text("a你😀!", min_size=1, max_size=6))
def test_offsets_count_utf16_units(before: str, inside: str) -> None:
    assert entities(f"{escaped(before)}*{escaped(inside)}*") == [("bold", units(before), units(inside))]
