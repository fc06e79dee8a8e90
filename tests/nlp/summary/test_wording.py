"""What a point loses of its sentence, and what cannot be read alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.evaluation.rouge import common_length, units
from nlp.summary.wording import LONGEST, as_headline, has_dateline, leans, shorten, trim
from nlp.text import length


@pytest.mark.parametrize(
    ("sentence", "trimmed"),
    [
        ("However, the mill will be closed for good next year.", "The mill will be closed for good next year."),
        (
            "But the mill will be closed for good in May next year.",
            "The mill will be closed for good in May next year.",
        ),
        ("In this paper, we propose a new way to read long texts.", "We propose a new way to read long texts."),
        (
            "LONDON (Reuters) - The bank raised rates to four percent today.",
            "The bank raised rates to four percent today.",
        ),
        (
            "HARWICK — The ferry line to the islands reopened on Monday.",
            "The ferry line to the islands reopened on Monday.",
        ),
        (
            "The bank (founded in 1820) raised all its rates [3] to four percent.",
            "The bank raised all its rates to four percent.",
        ),
        ("但是，大桥通车以后轮渡还要保留到年底。", "大桥通车以后轮渡还要保留到年底。"),
        ("本报讯 临河大桥昨天上午正式通车。", "临河大桥昨天上午正式通车。"),
        ("新华社北京5月3日电 临河大桥昨天上午正式通车。", "临河大桥昨天上午正式通车。"),
        ("大桥（全长1860米）昨天上午正式通车。", "大桥昨天上午正式通车。"),
        ("However, no.", "However, no."),
        ("But that the mill would close surprised nobody in the whole town.", None),
        ("但愿大桥在今年年底以前能够通车。", None),
    ],
)
def test_a_point_says_nothing_in_passing(sentence: str, trimmed: str | None) -> None:
    assert trim(sentence) == (trimmed or sentence)


def test_a_long_sentence_gives_up_its_relative_clause() -> None:
    start = (
        "The county council of the northern province has decided after a debate of more than nine hours that the bridge"
    )
    clause = ", which was built by the grandfather of the mayor,"
    assert (
        trim(f"{start}{clause} shall be closed to lorries for good.") == f"{start} shall be closed to lorries for good."
    )
    assert trim("The bridge, which is old, shall be closed.") == "The bridge, which is old, shall be closed."


@pytest.mark.parametrize(
    "sentence",
    [
        "He said no.", "This was new.", "They left.", "However, it failed.", "“She came back.",
        "The former was better.", "Its roof leaks.", "他没有来。", "这是第一次。", "但是，它们没有来。",
        "该公司拒绝了。", "其中三人受伤。", "对此，专家表示怀疑。",
    ],
)  # fmt: skip
def test_what_stands_for_something_before_it_leans(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The mill closed.", "This paper shows how.", "This week the mill closed.", "It is expected that prices rise.",
        "Ithaca is a town.", "However, prices rose.", "大桥通车了。", "其他村子没有停电。", "此外，大桥通车了。",
        "那曲下雪了。",
    ],
)  # fmt: skip
def test_what_names_its_subject_stands_alone(sentence: str) -> None:
    assert not leans(sentence)


def test_a_headline_is_one_short_line() -> None:
    line = as_headline("The mill closed in spring,\n" + "and people spoke of it for many years, " * 20)
    assert "\n" not in line
    assert length(line) <= 40
    assert line.endswith("years…")
    assert length(as_headline("大桥通车以后，" * 30)) <= 60


def test_datelines_are_known() -> None:
    assert has_dateline("PARIS (AP) — The tower was closed.")
    assert has_dateline("本报讯 大桥通车。")
    assert not has_dateline("A tower was closed - again.")


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from("However, the mill (old) — 但是，大桥（长）, which 通车。".split()), max_size=60).map(
        " ".join
    )
)
def test_every_word_of_a_point_is_in_its_sentence_in_order(sentence: str) -> None:
    ours, theirs = units(trim(sentence)), units(sentence)
    assert common_length(ours, theirs) == len(ours)
    assert length(trim(sentence)) <= LONGEST


@given(st.text(max_size=200), st.integers(1, 20))
def test_what_is_cut_is_the_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert length(short) <= limit
    assert text.startswith(short.removesuffix("…").rstrip()) or short == text
