"""Claims from text that comes in pieces: the same whatever the cut, marks where they belong, in both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import GeneratorError
from nlp.generators.claims import MOST_CHARACTERS, Claim, ClaimStream, claims

CASES = [
    ("Refunds take five days [1].", [Claim("Refunds take five days.", (1,))]),
    (
        "It opens at nine. [2] It closes at six.[1][3]",
        [Claim("It opens at nine.", (2,)), Claim("It closes at six.", (1, 3))],
    ),
    ("退款需要五天。[1]办公室九点开门[2]。", [Claim("退款需要五天。", (1,)), Claim("办公室九点开门。", (2,))]),
    ("退款需要五天【1】。", [Claim("退款需要五天。", (1,))]),
    ("Both say so [1, 2].", [Claim("Both say so.", (1, 2))]),
    ("两处都这么写［1、2］。", [Claim("两处都这么写。", (1, 2))]),
    (
        "- **Refunds** take five days [1]\n- Ask the desk [2]",
        [Claim("Refunds take five days", (1,)), Claim("Ask the desk", (2,))],
    ),
    ("<think>Maybe [1]. Hm.</think>It opens at nine [1].", [Claim("It opens at nine.", (1,))]),
    ("<think>It never ends [1].", []),
    ("Python 3.11 is needed [1].", [Claim("Python 3.11 is needed.", (1,))]),
    ("Refunds [1] take five days.", [Claim("Refunds take five days.", (1,))]),
    ("NO ANSWER", [Claim("NO ANSWER", ())]),
    ("[1] It opens at nine.", [Claim("It opens at nine.", (1,))]),
    ("[1]", [Claim("", (1,))]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_becomes_sentences_with_their_sources(text: str, expected: list[Claim]) -> None:
    assert claims(text) == expected


@pytest.mark.parametrize(("text", "expected"), CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_it_does_not_matter_where_the_pieces_are_cut(text: str, expected: list[Claim], size: int) -> None:
    stream = ClaimStream()
    found = [claim for start in range(0, len(text), size) for claim in stream.feed(text[start : start + size])]
    assert [*found, *stream.close()] == expected


def test_a_claim_comes_as_soon_as_the_next_begins() -> None:
    stream = ClaimStream()
    assert stream.feed("It opens at nine. ") == []
    assert stream.feed("[1]") == []
    assert stream.feed(" It cl") == [Claim("It opens at nine.", (1,))]
    assert stream.close() == [Claim("It cl", ())]


def test_a_text_without_end_is_ended() -> None:
    stream = ClaimStream()
    stream.feed("more " * (MOST_CHARACTERS // 5))
    with pytest.raises(GeneratorError, match="more than 8000 characters"):
        stream.feed("more ")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab 1天。.[]【】\n?-<", max_size=12), max_size=8))
def test_any_text_in_any_pieces_is_taken(pieces: list[str]) -> None:
    stream = ClaimStream()
    found = [claim for piece in pieces for claim in stream.feed(piece)] + stream.close()
    assert all(number >= 0 for claim in found for number in claim.cited)
    assert all("[1]" not in claim.text for claim in found)
