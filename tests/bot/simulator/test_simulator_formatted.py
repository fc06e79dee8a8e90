"""From the parameters of a request to a text with entities."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.errors import ApiError
from bot.simulator.text.detect import with_detected
from bot.simulator.text.formatted import parse, require, within
from bot.simulator.text.links import checked_link
from bot.simulator.text.utf16 import positions, units


def found(text: str) -> list[tuple[str, str]]:
    """The entities that are found in `text`, with their words; the text may have no characters beyond U+FFFF."""
    return [(entity.type, text[entity.offset : entity.end]) for entity in sorted_entities(text)]


def sorted_entities(text: str) -> list[Any]:
    return sorted(with_detected(text, []), key=lambda entity: entity.offset)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/start", ["/start"]),
        ("/start@dawen_bot now", ["/start@dawen_bot"]),
        ("say /help, please", ["/help"]),
        ("a/b //c </d> /你", []),
        ("/start你", []),
    ],
)
def test_commands(text: str, words: list[str]) -> None:
    assert found(text) == [("bot_command", word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [("@ada, @dawen_bot!", ["@ada", "@dawen_bot"]), ("a@ada", []), ("你好 @ada。", ["@ada"]), ("@" + "a" * 33, [])],
)
def test_mentions(text: str, words: list[str]) -> None:
    assert found(text) == [("mention", word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"), [("#报销 and #a_1", ["#报销", "#a_1"]), ("#123 #", []), ("a#b", []), ("#a#b", [])]
)
def test_hashtags(text: str, words: list[str]) -> None:
    assert found(text) == [("hashtag", word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see https://a.org/x?y=1#z.", ["https://a.org/x?y=1#z"]),
        ("http://127.0.0.1:8090/, ok", ["http://127.0.0.1:8090/"]),
        ("a.com and b.cn/x", ["a.com", "b.cn/x"]),
        ("(https://a.org/b)", ["https://a.org/b"]),
        ("https://a.org/b_(c)", ["https://a.org/b_(c)"]),
        ("file.txt v1.2 e.g.", []),
        ("https://a.org/@ada/#x", ["https://a.org/@ada/#x"]),
    ],
)
def test_addresses(text: str, words: list[str]) -> None:
    assert found(text) == [("url", word) for word in words]


def test_an_e_mail_address_is_neither_a_mention_nor_a_page() -> None:
    assert found("to ada@example.com") == [("email", "ada@example.com")]


@pytest.mark.parametrize(
    "source", ["<code>/start @ada</code>", "<pre>#tag a.com</pre>", '<a href="https://a.org">@ada /x</a>']
)
def test_nothing_is_found_inside_code_and_links(source: str) -> None:
    assert len(parse(source, "HTML").entities) == 1


def test_what_is_found_may_lie_in_bold_text() -> None:
    parsed = parse("<b>hi @ada</b>", "html")
    assert [entity.type for entity in parsed.entities] == ["bold", "mention"]


def test_explicit_and_found_entities_are_not_doubled() -> None:
    parsed = parse("/start", "", [{"type": "bot_command", "offset": 0, "length": 6}])
    assert len(parsed.entities) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [("  a \n", "a"), ("a\r\nb", "a\nb"), ("a\tb\x00c", "a b c"), ("a\u202eb", "ab"), (" \n ", "")],
)
def test_white_space_and_control_characters(source: str, text: str) -> None:
    assert parse(source).text == text


def test_entities_move_with_their_text() -> None:
    parsed = parse(" \r\n<b> 😀a\r\nb </b>\n", "HTML")
    assert parsed.text == "😀a\nb"
    (bold,) = parsed.entities
    assert (bold.offset, bold.length) == (0, 5)


def test_an_entity_over_trimmed_space_only_is_gone() -> None:
    assert parse("a<b>  </b>", "HTML").entities == ()


@given(st.text("ab 你😀\r\n", max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_entities_never_leave_the_text(text: str, offset: int, length: int) -> None:
    is_torn = not {offset, offset + length} <= {*positions(text), *range(units(text), 61)}
    with pytest.raises(ApiError, match="in a middle of a UTF-16 symbol") if is_torn else nullcontext():
        parsed = parse(text, "", [{"type": "bold", "offset": offset, "length": length}])
        assert all(0 <= entity.offset < entity.end <= units(parsed.text) for entity in parsed.entities)


@pytest.mark.parametrize("mode", ["HTML", "html", "Html"])
def test_the_mode_is_written_in_any_case(mode: str) -> None:
    assert parse("<b>a</b>", mode).text == "a"
    assert parse("*a*", "markdownV2").text == "a"
    assert parse("*a*", "Markdown").text == "a"


def test_an_unknown_mode() -> None:
    with pytest.raises(ApiError, match="Bad Request: unsupported parse_mode"):
        parse("a", "bbcode")


@pytest.mark.parametrize(
    ("given_entity", "complaint"),
    [
        ("bold", "expected an Object"),
        ({"type": "glow", "offset": 0, "length": 1}, "Unsupported type specified"),
        ({"type": "bold", "offset": 0}, "Field must be of type Number"),
        ({"type": "bold", "offset": "x", "length": 1}, "Field must be of type Number"),
        ({"type": "bold", "offset": -1, "length": 1}, "must be non-negative"),
    ],
)
def test_entities_that_make_no_sense(given_entity: Any, complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint):
        parse("abc", "", [given_entity])


@pytest.mark.parametrize(("offset", "length", "verb"), [(1, 1, "begins"), (0, 1, "ends")])
def test_entities_do_not_tear_a_symbol(offset: int, length: int, verb: str) -> None:
    with pytest.raises(ApiError, match=f"entity {verb} in a middle of a UTF-16 symbol"):
        parse("😀", "", [{"type": "bold", "offset": offset, "length": length}])


def test_a_mention_by_entity_names_the_user() -> None:
    (mention,) = parse("Ada", "", [{"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 1001}}]).entities
    assert mention.user_id == 1001


def test_lengths_count_after_parsing() -> None:
    longest = "😀" * 2048
    assert require(parse(f"<b>{longest}</b>", "HTML"), 4096).text == longest
    with pytest.raises(ApiError, match="Bad Request: message is too long"):
        require(parse(f"<b>{longest}a</b>", "HTML"), 4096)


def test_emptiness_counts_after_trimming() -> None:
    with pytest.raises(ApiError, match="Bad Request: message text is empty"):
        require(parse("<b> \n</b>", "HTML"), 4096)
    assert within(parse(""), 1024, "too long").text == ""


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://a.org", "https://a.org/"),
        ("https://a.org/x?y", "https://a.org/x?y"),
        ("a.org/x", "http://a.org/x"),
        ("a.org:8080/x", "http://a.org:8080/x"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/"),
        ("http://[::1]/", "http://[::1]/"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("javascript:alert(1)", ""),
        ("http://word", ""),
        ("http://[", ""),
        ("a b.org", ""),
        ("", ""),
    ],
)
def test_where_links_may_lead(url: str, checked: str) -> None:
    assert checked_link(url) == checked
