"""Normal forms, language, sentences."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import clean, detect_language, fold, han_share, length, sentences, simplify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset my password?", "en"),
        ("怎么重置密码", "zh"),
        ("怎麼申請退款", "zh"),
        ("请问 iPhone 15 Pro Max 的 price 是多少", "zh"),
        ("What does 你好 mean?", "en"),
        ("How do I say 我爱北京天安门 in English", "en"),
        ("VPN 设置", "zh"),
        ("报销 policy", "zh"),
        ("", "en"),
        ("👍👍", "en"),
        ("12345", "en"),
    ],
)
def test_language_is_what_the_writer_expects_to_read(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎麼申請退款", "怎么申请退款"),
        ("ＡＢＣ", "abc"),
        ("Straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("a\u200bb", "ab"),
    ],
)
def test_variants_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_simplifying_leaves_everything_else_alone() -> None:
    assert simplify("HTTP 200, naïve") == "HTTP 200, naïve"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Dr. Smith lives in the U.S. now. He is 3.5 m tall!",
            ["Dr. Smith lives in the U.S. now.", "He is 3.5 m tall!"],
        ),
        ('He left. "Why?" she asked.', ["He left.", '"Why?"', "she asked."]),
        ("他说：“好！”然后走了。真的吗？", ["他说：“好！”", "然后走了。", "真的吗？"]),
        ("先编辑；再运行。", ["先编辑；再运行。"]),
        ("需要 Python 3.11 或更新的版本。Use a.b.", ["需要 Python 3.11 或更新的版本。", "Use a.b."]),
        ("One line\nand another", ["One line", "and another"]),
        ("  \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text)] == expected


@given(st.text(max_size=300))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))
    kept = "".join(text[span.start : span.end] for span in spans)
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text())
def test_clean_text_can_always_be_encoded(text: str) -> None:
    assert "\x00" not in clean(text)
    clean(text).encode("utf-8")


def test_clean_drops_what_cannot_be_stored() -> None:
    assert clean("a\ud800b\x00c\r\nd") == "abc\nd"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_length_counts_words_and_characters() -> None:
    assert length("two words 三个字") == 5
    assert han_share("ab三三") == 0.5
    assert han_share("…") == 0.0
