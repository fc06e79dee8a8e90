"""Chunks: whole sentences, one heading, a true place in the document."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nlp.blocks import Block, assemble, markdown_blocks
from nlp.chunks import chunk
from nlp.text import length


def test_neighbours_under_one_heading_share_a_chunk() -> None:
    document = assemble(markdown_blocks("# T\n\nOne. Two.\n\nThree.\n\n## H\n\nFour."), "t", "text/markdown")
    assert [(c.text, c.heading) for c in chunk(document)] == [("One. Two.\n\nThree.", ""), ("Four.", "H")]


def test_a_chunk_ends_with_a_sentence() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(20))
    chunks = chunk(assemble([Block(text)], "t", "text/plain"), max_units=22)
    assert all(c.text.endswith("here.") for c in chunks)
    assert all(length(c.text) <= 22 for c in chunks)


def test_a_sentence_that_is_too_long_is_cut() -> None:
    chunks = chunk(assemble([Block("字" * 1000)], "t", "text/plain"), max_units=150)
    assert [len(c.text) for c in chunks] == [143] * 6 + [142]


def test_pages_are_kept_apart() -> None:
    document = assemble([Block("One.", 0, 1), Block("Two.", 0, 2)], "t", "application/pdf")
    assert [(c.text, c.page) for c in chunk(document)] == [("One.", 1), ("Two.", 2)]


def test_each_chunk_knows_its_language() -> None:
    document = assemble([Block("A", 1), Block("English text."), Block("B", 1), Block("中文内容。")], "t", "text/plain")
    assert [c.language for c in chunk(document)] == ["en", "zh"]


blocks = st.lists(st.builds(Block, st.text(max_size=200), st.integers(min_value=0, max_value=3), st.none()), max_size=8)


@given(blocks, st.integers(min_value=1, max_value=30))
def test_places_are_true_and_nothing_is_lost(found: list[Block], units: int) -> None:
    document = assemble(found, "t", "text/plain")
    chunks = chunk(document, units)
    assert [c.ordinal for c in chunks] == list(range(len(chunks)))
    assert all(document.text[c.span.start : c.span.end] == c.text for c in chunks)
    assert all(one.span.end <= two.span.start for one, two in itertools.pairwise(chunks))
    kept = iter("".join(c.text for c in chunks))
    body = "".join(document.text[s.span.start : s.span.end] for s in document.sections)
    assert all(letter in kept for letter in body if letter.isalpha())
