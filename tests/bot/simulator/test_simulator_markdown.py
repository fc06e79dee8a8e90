"""parse_mode Markdown, the old one."""

import pytest

from bot.simulator.errors import ApiError
from bot.simulator.text.markdown import parse_markdown


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("*你😀* z", "你😀 z", [("bold", 0, 3)]),
        ("_你_", "你", [("italic", 0, 1)]),
        ("`a*b`", "a*b", [("code", 0, 3)]),
        ("```a_b```", "a_b", [("pre", 0, 3)]),
        ("*a_b*", "a_b", [("bold", 0, 3)]),  # nothing nests
        (r"\*a\_b\[c\`", "*a_b[c`", []),
        ("a.b-c!", "a.b-c!", []),
        ("**", "", []),
    ],
)
def test_marks(source: str, text: str, found: list[tuple[str, int, int]]) -> None:
    parsed = parse_markdown(source)
    assert parsed.text == text
    assert [(entity.type, entity.offset, entity.length) for entity in parsed.entities] == found


def test_a_block_of_code_has_a_language() -> None:
    (block,) = parse_markdown("```python\nx = 1```").entities
    assert (block.type, block.language, block.length) == ("pre", "python", 5)


@pytest.mark.parametrize(
    ("source", "url"),
    [("[t](https://a.org/x)", "https://a.org/x"), ("[a.org]", "http://a.org/"), ("[t](a.org", "http://a.org/")],
)
def test_links(source: str, url: str) -> None:
    (link,) = parse_markdown(source).entities
    assert (link.type, link.url) == ("text_link", url)


def test_a_link_to_a_user_is_a_mention() -> None:
    (mention,) = parse_markdown("[Ada](tg://user?id=1001)").entities
    assert (mention.type, mention.user_id) == ("text_mention", 1001)


@pytest.mark.parametrize("source", ["你*a", "你_a", "你`a", "你[a", "你```a"])
def test_an_entity_needs_an_end(source: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_markdown(source)
    told = "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 3"
    assert refused.value.description == told
