"""Bad training data: what is refused, what is borne and told."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from nlp.encoder import TRUST_FLOOR, Encoded, Role
from nlp.errors import EncoderError
from nlp.training import run
from nlp.training.checks import Contradiction, inspect
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.router import train_router
from nlp.training.targets import split, steady_split
from tests.support.models import DIMENSION, EXAMPLES, BagEncoder

QUICK = FusedConfig(iterations=10)


class Broken(BagEncoder):
    """Breaks its vectors in one way, beginning with the row `first`."""

    def __init__(self, fault: str, first: int = 0) -> None:
        super().__init__()
        self._fault, self._first = fault, first

    def features(self, texts: Sequence[str]) -> Encoded:
        """The vectors of `BagEncoder`, spoilt."""
        encoded = self.encode(texts)
        vectors, coverage = encoded.vectors.copy(), encoded.coverage.copy()
        if self._fault == "coverage":
            coverage[self._first] = np.nan
        elif self._fault in ("nan", "inf"):
            vectors[self._first, 3] = float(self._fault)
        elif self._fault == "rows":
            vectors = vectors[1:]
        elif self._fault == "flat":
            vectors = vectors[:, 0]
        return Encoded(vectors, coverage)


@pytest.mark.parametrize("fault", ["nan", "inf", "coverage"])
def test_what_is_no_number_is_traced_to_its_row(fault: str) -> None:
    with pytest.raises(EncoderError, match="gives no finite numbers for test:3 and 0 other texts"):
        run(train_router(EXAMPLES, Broken(fault, 3), QUICK))


def test_a_row_without_an_origin_is_named_by_its_text() -> None:
    rows = [replace(example, origin="") for example in EXAMPLES]
    with pytest.raises(EncoderError, match="no finite numbers for 'how do i reset my password'"):
        run(train_router(rows, Broken("nan"), QUICK))


@pytest.mark.parametrize(("fault", "shape"), [("rows", rf"\(34, {DIMENSION}\)"), ("flat", r"\(35,\)")])
def test_vectors_of_another_shape_are_refused(fault: str, shape: str) -> None:
    with pytest.raises(EncoderError, match=f"vectors of shape {shape} and coverage of shape .* for 35 texts"):
        run(train_router(EXAMPLES, Broken(fault), QUICK))


def test_a_width_that_changes_is_refused() -> None:
    class Narrowing(BagEncoder):
        def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
            encoded = super().encode(texts, role, floor)
            return Encoded(encoded.vectors[:, : 64 // len(self.calls)], encoded.coverage)

    with pytest.raises(EncoderError, match="gives 32 numbers a text after 64"):
        run(train_router(EXAMPLES * 9, Narrowing(), QUICK))


def test_a_label_with_a_single_example_is_learned() -> None:
    router = run(train_router([*EXAMPLES, Example("sing a ballad", "song", "music")], BagEncoder(), QUICK))
    assert router.route("sing a ballad").intent.label == "song"


def test_a_single_row_of_a_label_is_never_held_out() -> None:
    fitted, held = split(["a", "b", "a", "c", "a", "b"], 0.5, seed=0)
    assert 3 in fitted
    assert sorted([*fitted, *held]) == list(range(6))
    assert len(held) == 3


@pytest.mark.parametrize("form", ["text {} of many", "第{}条文本"])
def test_the_steady_split_holds_out_the_same_texts_when_rows_come_go_and_move(form: str) -> None:
    rows = [Example(form.format(n), "ab"[n % 2]) for n in range(400)]
    later = [*(Example(form.format(n), "b") for n in range(1000, 1020)), *reversed(rows[4:])]
    before, after = ({side[i].text for i in steady_split(side, 0.1)[1]} for side in (rows, later))
    assert len(before) == 40
    assert len(before & after) >= 34
    fitted, held = steady_split([Example("a", "lone"), Example("b", "two"), Example("c", "two")], 0.9)
    assert 0 in fitted
    assert len(held) == 1


def test_wordless_and_endless_texts_are_borne() -> None:
    strange = ["", "👍", "😀😀😀", "?!…", "   ", "word " * 20_000, "很长" * 50_000]
    examples = [*EXAMPLES, *(Example(text, "greeting", origin=str(n)) for n, text in enumerate(strange))]
    router = run(train_router(examples, BagEncoder(), QUICK))
    for array in router.to_arrays()[1].values():
        assert np.isfinite(array).all()
    assert all(0 <= route.intent.score <= 1 for route in router.route_many(strange))
    assert inspect(examples).wordless == 5


def test_repeats_and_contradictions_are_counted_with_where_they_stand() -> None:
    rows = [
        Example("hello", "greeting", None, "a:1"),
        Example("hello", "greeting", None, "a:2"),
        Example("Hello ", "question", None, "b:1"),
        Example("你好", "greeting", "other", "b:2"),
        Example("你好", "greeting", None, "b:3"),
        Example("bye", "farewell", None, "b:4"),
    ]
    findings = inspect(rows)
    assert (findings.rows, findings.duplicates, findings.contradicted) == (6, 1, 1)
    assert findings.contradictions == (Contradiction("hello", (("greeting", "a:1"), ("question", "b:1"))),)
    assert findings.lone == ("question", "farewell")
    assert findings.labels == {"greeting": 4, "question": 1, "farewell": 1}
    assert findings.languages == {"en": 4, "zh": 2}
    assert [notice.english.split(":")[0] for notice in findings.notices()] == [
        "texts with more than one label",
        "labels with a single example",
    ]
    assert not any("hello" in notice.english.casefold() for notice in findings.notices())


def test_sound_data_gives_no_notice() -> None:
    assert inspect(EXAMPLES).notices() == []
    assert inspect([]).notices() == []
