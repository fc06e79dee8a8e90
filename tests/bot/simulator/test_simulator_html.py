"""parse_mode HTML."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.errors import ApiError
from bot.simulator.text.html import parse_html
from bot.simulator.text.utf16 import units

REFUSED = "Bad Request: can't parse entities: "
TAGS = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "tg-spoiler": "spoiler", "code": "code"}


def entities(source: str) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.offset, entity.length) for entity in parse_html(source).entities]


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("b", "bold"),
        ("strong", "bold"),
        ("i", "italic"),
        ("em", "italic"),
        ("u", "underline"),
        ("ins", "underline"),
        ("s", "strikethrough"),
        ("strike", "strikethrough"),
        ("del", "strikethrough"),
        ("tg-spoiler", "spoiler"),
        ("code", "code"),
        ("pre", "pre"),
        ("blockquote", "blockquote"),
        ("B", "bold"),
    ],
)
def test_every_tag_is_an_entity(tag: str, kind: str) -> None:
    parsed = parse_html(f"a <{tag}>你😀</{tag}> z")
    assert parsed.text == "a 你😀 z"
    assert entities(f"a <{tag}>你😀</{tag}> z") == [(kind, 2, 3)]


def test_spoilers_may_be_spans() -> None:
    assert entities('<span class="tg-spoiler">x</span>') == [("spoiler", 0, 1)]


def test_quotations_may_be_expandable() -> None:
    assert entities("<blockquote expandable>x</blockquote>") == [("expandable_blockquote", 0, 1)]
    assert entities('<blockquote expandable="">x</blockquote>') == [("expandable_blockquote", 0, 1)]


@pytest.mark.parametrize(
    "source",
    [
        '<pre><code class="language-python">x = 1</code></pre>',
        '<code class="language-python"><pre>x = 1</pre></code>',
        "<pre><code class='language-python'>x = 1</code></pre>",
        "<pre><code class=language-python>x = 1</code></pre>",
    ],
)
def test_a_block_of_code_has_a_language(source: str) -> None:
    (block,) = parse_html(source).entities
    assert (block.type, block.language, block.length) == ("pre", "python", 5)


def test_code_alone_has_no_language() -> None:
    (code,) = parse_html('<code class="language-python">x</code>').entities
    assert (code.type, code.language) == ("code", None)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ('<a href="https://a.org/x?y=1&amp;z=2">t</a>', "https://a.org/x?y=1&z=2"),
        ("<a href='https://a.org'>t</a>", "https://a.org/"),
        ("<a>a.org</a>", "http://a.org/"),
        ('<a href="tg://resolve?domain=x">t</a>', "tg://resolve?domain=x"),
    ],
)
def test_links(source: str, url: str) -> None:
    (link,) = parse_html(source).entities
    assert (link.type, link.url) == ("text_link", url)


def test_a_link_to_nowhere_is_only_text() -> None:
    assert parse_html('<a href="x y">t</a>').entities == ()


def test_a_link_to_a_user_is_a_mention() -> None:
    (mention,) = parse_html('<a href="tg://user?id=1001">Ada</a>').entities
    assert (mention.type, mention.user_id) == ("text_mention", 1001)


def test_custom_emoji() -> None:
    (emoji,) = parse_html('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>').entities
    assert (emoji.type, emoji.custom_emoji_id, emoji.length) == ("custom_emoji", "5368324170671202286", 2)


def test_entities_nest_and_are_listed_from_the_outside() -> None:
    assert entities("<b>a<i>b<u>c</u></i></b>") == [("bold", 0, 3), ("italic", 1, 2), ("underline", 2, 1)]


def test_an_empty_tag_is_no_entity() -> None:
    assert entities("<b></b>x") == []


def test_the_end_tag_may_leave_the_name_out() -> None:
    assert entities("<b>x</>") == [("bold", 0, 1)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;&gt;&amp;&quot;", '<>&"'),
        ("&#65;&#x4F60;&#x1F600;", "A你😀"),
        ("&lt", "<"),
        ("&nbsp;&copy;", "&nbsp;&copy;"),  # unknown ones stay as they are
        ("&#0;&#xD800;&#99999999;", "&#0;&#xD800;&#99999999;"),
        ("a & b", "a & b"),
    ],
)
def test_character_references(source: str, text: str) -> None:
    assert parse_html(source).text == text


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("你<img src=x>", 'Unsupported start tag "img" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=a:b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a =b>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_mistakes_are_told_in_telegrams_words(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.description == REFUSED + complaint


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    parsed = parse_html(html.escape(text))
    assert parsed.text == text.replace("'", "'")
    assert parsed.entities == ()


@given(st.lists(st.tuples(st.sampled_from(sorted(TAGS)), st.text("a你😀<&>", min_size=1, max_size=5)), max_size=6))
def test_offsets_count_utf16_units(pieces: list[tuple[str, str]]) -> None:
    parsed = parse_html("".join(f"<{tag}>{html.escape(text)}</{tag}>" for tag, text in pieces))
    assert parsed.text == "".join(text for _, text in pieces)
    offsets = [units("".join(text for _, text in pieces[:index])) for index in range(len(pieces))]
    assert [(entity.type, entity.offset, entity.length) for entity in parsed.entities] == [
        (TAGS[tag], offset, units(text)) for (tag, text), offset in zip(pieces, offsets, strict=True)
    ]
