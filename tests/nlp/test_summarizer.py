"""Extractive summaries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.blocks import Block, assemble
from nlp.summarizer import Summarizer
from nlp.types import Document

ENGLISH = [
    "The harbour of the town was rebuilt after the storm of last winter.",
    "Workers replaced the old wooden piers of the harbour with concrete.",
    "A bakery nearby sells bread with raisins.",
    "The rebuilt harbour can take ships of twice the former size.",
    "Fishermen of the town say that the harbour is safer in a storm now.",
    "The weather was mild on Tuesday for most of the day.",
]
CHINESE = [
    "去年冬天的风暴以后，城里的港口重新修建了。",
    "工人们用混凝土换掉了港口旧的木码头。",
    "附近的面包店卖葡萄干面包。",
    "重修后的港口可以停靠两倍大的船只。",
    "渔民说港口现在遇到风暴更安全了。",
]


def document(sentences: list[str], joiner: str = " ", title: str = "") -> Document:
    return assemble([Block(joiner.join(sentences))], title, "text/plain", title=title)


@pytest.mark.parametrize(("sentences", "joiner"), [(ENGLISH, " "), (CHINESE, "")])
def test_a_summary_is_the_telling_sentences_in_their_order(sentences: list[str], joiner: str) -> None:
    summary = Summarizer().summarize(document(sentences, joiner, "Harbour 港口"), 3)
    assert len(summary.sentences) == 3
    places = [sentences.index(sentence) for sentence in summary.sentences]
    assert places == sorted(places)
    assert sentences[2] not in summary.sentences


def test_the_same_thing_is_not_said_twice() -> None:
    summary = Summarizer().summarize(document([ENGLISH[0], ENGLISH[0], *ENGLISH[1:]]), 3)
    assert len(set(summary.sentences)) == 3


def test_a_short_text_is_its_own_summary() -> None:
    assert Summarizer().summarize(document(ENGLISH[:1]), 3).sentences == tuple(ENGLISH[:1])
    assert Summarizer().summarize(document(["Hi."]), 3).sentences == ("Hi.",)
    assert Summarizer().summarize(document([""]), 3).sentences == ()


def test_headings_are_not_sentences() -> None:
    found = assemble([Block("Harbour news of this long winter", 1), Block(" ".join(ENGLISH))], "t", "text/markdown")
    assert all("Harbour news" not in sentence for sentence in Summarizer().summarize(found, 6).sentences)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.integers(min_value=1, max_value=5))
def test_any_text_has_a_summary_made_of_it(text: str, count: int) -> None:
    found = document([text])
    summary = Summarizer().summarize(found, count)
    assert len(summary.sentences) <= count
    assert all(sentence in found.text for sentence in summary.sentences)
