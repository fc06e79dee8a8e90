"""Which sentences of a document are weighed."""

import time

from nlp.blocks import Block, assemble, plain_blocks
from nlp.summary.reading import read
from nlp.types import Document


def plain(text: str) -> Document:
    return assemble(plain_blocks(text), "", "text/plain")


def test_sentences_know_their_paragraph() -> None:
    found = read(
        plain("The mill was closed in May. Nobody was told of it before.\n\n大桥昨天正式通车。过桥不收任何费用。")
    )
    assert [(sentence.paragraph, sentence.place, sentence.opens) for sentence in found] == [
        (0, 0, True), (0, 1, False), (1, 0, True), (1, 1, False),
    ]  # fmt: skip


def test_abbreviations_end_no_sentence() -> None:
    text = "We follow Smith et al. (2019) and many others. The tests of J. Brown, e.g. on cats, were not repeated."
    assert [sentence.text for sentence in read(plain(text))] == [
        "We follow Smith et al. (2019) and many others.",
        "The tests of J. Brown, e.g. on cats, were not repeated.",
    ]


def test_headings_repetitions_and_scraps_are_left_out() -> None:
    blocks = [
        Block("A heading of more than five words", 1),
        Block("Yes. The mill was closed in May. No!\nThe mill was closed in May."),
    ]
    assert [sentence.text for sentence in read(assemble(blocks, "", "text/plain"))] == ["The mill was closed in May."]
    assert [sentence.text for sentence in read(plain("Yes. No!"))] == ["Yes.", "No!"]
    assert read(Document("", "", "en", "text/plain")) == []


def test_a_document_without_sections_has_paragraphs_too() -> None:
    found = read(Document("", "The mill was closed in May.\n\nNobody was told of it before.", "en", "text/plain"))
    assert [sentence.paragraph for sentence in found] == [0, 1]


def test_of_a_long_text_a_bounded_part_is_read_from_all_of_it() -> None:
    paragraphs = [
        f"Chapter {n} opens with this sentence. The chapter goes on for a while, number {n}." for n in range(12_000)
    ]
    found = read(plain("\n\n".join(paragraphs)))
    assert len(found) == 300
    assert all(sentence.opens for sentence in found)
    numbers = [int(sentence.text.split()[1]) for sentence in found]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    assert numbers[-1] > 11_000


def test_a_million_characters_without_a_paragraph_take_seconds() -> None:
    for text in ("A" * 1_000_000, "大桥昨天正式通车，" * 110_000, "The mill number 7 was closed in May. " * 27_000):
        start = time.monotonic()
        assert 0 < len(read(Document("", text, "en", "text/plain"))) <= 300
        assert time.monotonic() - start < 10
