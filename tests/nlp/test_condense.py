"""Long texts in parts, and what may be said of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.condense import MOST_PARTS, PART, Part, note, parts
from nlp.types import Document

HARBOUR = Part(
    "The harbour of Porto was rebuilt in 2024 for 12 million euros. Ada Lovelace opened it in May. "
    "Fishermen say that it is safer in a storm."
)
GANG = Part("港口于2024年重建，耗资1200万元。市长在五月剪彩。渔民说遇到风暴更安全了。")


def document(text: str) -> Document:
    return Document("t", text, "en", "text/plain")


@pytest.mark.parametrize(
    ("part", "sentence", "true"),
    [
        (HARBOUR, "Porto's harbour cost 12 million euros.", True),
        (HARBOUR, "The work cost 13 million euros.", False),
        (HARBOUR, "In May, the harbour was opened by Grace Hopper.", False),
        (HARBOUR, "It was opened by Ada Lovelace.", True),
        (GANG, "重建花了1200万元。", True),
        (GANG, "重建花了1300万元。", False),
        (GANG, "港口由Porto公司重建。", False),
    ],
)
def test_numbers_and_names_must_be_in_the_text(part: Part, sentence: str, true: bool) -> None:
    assert part.faithful(sentence) is true


def test_a_sentence_that_is_not_true_is_replaced_by_the_closest_of_the_text() -> None:
    written = "The harbour is safer now.\nThe harbour was rebuilt for 99 million euros."
    assert HARBOUR.checked(written, 5) == (
        "The harbour is safer now.",
        "The harbour of Porto was rebuilt in 2024 for 12 million euros.",
    )
    assert GANG.checked("重建耗资9900万元。渔民觉得更安全。", 5) == (
        "港口于2024年重建，耗资1200万元。",
        "渔民觉得更安全。",
    )


def test_no_sentence_is_said_twice_and_no_more_than_wished() -> None:
    assert HARBOUR.checked("It cost 98 euros. It cost 99 euros.", 5) == () or len(
        set(HARBOUR.checked("It cost 98 euros. It cost 99 euros.", 5))
    ) == len(HARBOUR.checked("It cost 98 euros. It cost 99 euros.", 5))
    assert len(HARBOUR.checked("A storm. A harbour. A ship.", 2)) == 2
    assert HARBOUR.checked("", 3) == ()


def test_a_text_is_cut_between_paragraphs() -> None:
    text = "\n\n".join(f"Paragraph {n} " + "word " * 300 for n in range(12))
    found = parts(document(text))
    assert len(found) > 1
    assert all(len(part.text) <= PART for part in found)
    assert all(part.text.startswith("Paragraph") for part in found)
    assert "\n\n".join(part.text for part in found).split() == text.split()


@pytest.mark.parametrize("word", ["word ", "港口"])
def test_any_length_takes_a_bounded_number_of_bounded_parts(word: str) -> None:
    text = "\n\n".join(word * (2000 // len(word)) for _ in range(500))
    found = parts(document(text))
    assert len(found) <= MOST_PARTS
    assert sum(len(part.text) for part in found) <= MOST_PARTS * PART


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=3000), st.text(max_size=200))
def test_any_text_has_parts_and_whatever_is_written_is_checked(text: str, written: str) -> None:
    for part in parts(document(text)):
        assert part.text
        assert len(part.checked(written, 3)) <= 3


def test_a_note_is_of_bounded_length() -> None:
    assert len(note(["x" * 5000, "y" * 5000])) < 1000
