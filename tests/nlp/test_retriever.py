"""Retrieval: fusion, updates, and caches on disk."""

import json
from pathlib import Path

import pytest

from nlp.errors import IndexDamaged
from nlp.filters import Filter, Label
from nlp.retriever import Fusion, Retriever, build
from tests.support.models import BagEncoder

TEXTS = [
    (1, "Refunds are paid within thirty days."),
    (2, "The office opens at nine."),
    (3, "退款会在三十天内支付。"),
    (4, "办公室九点开门。"),
]


@pytest.fixture
def retriever() -> Retriever:
    return build(BagEncoder(), TEXTS)


@pytest.mark.parametrize(
    ("question", "key"),
    [("When are refunds paid?", 1), ("when does the office open", 2), ("什么时候支付退款？", 3), ("办公室几点开门", 4)],
)
def test_questions_find_their_passage(retriever: Retriever, question: str, key: int) -> None:
    hits = retriever.search(question, 2)
    assert hits[0].key == key
    assert 0 <= hits[-1].score <= hits[0].score <= 1


def test_the_encoder_has_no_say_where_it_cannot_read(retriever: Retriever) -> None:
    assert {hit.dense for hit in retriever.search("什么时候支付退款？")} == {0.0}
    assert retriever.search("refunds paid")[0].dense > 0


def test_excluded_passages_are_found_by_neither_ranker(retriever: Retriever) -> None:
    assert 1 not in [hit.key for hit in retriever.search("When are refunds paid?", excluded={1})]


def test_both_indexes_follow_an_update(retriever: Retriever) -> None:
    vectors = BagEncoder().encode(["Parcels arrive on Monday."]).vectors
    retriever.update([1], [9], ["Parcels arrive on Monday."], vectors)
    assert retriever.search("parcels on monday")[0].key == 9
    assert retriever.vectors.keys == {2, 3, 4, 9}
    assert len(retriever.lexical) == len(retriever) == 4


def test_caches_come_back(tmp_path: Path) -> None:
    retriever = Retriever.create(BagEncoder(), tmp_path)
    bodies = [text for _, text in TEXTS]
    retriever.update((), [key for key, _ in TEXTS], bodies, BagEncoder().encode(bodies).vectors)
    retriever.save(tmp_path, generation=7)
    again, generation = Retriever.load(BagEncoder(), tmp_path)
    assert generation == 7
    assert again.search("refunds paid") == retriever.search("refunds paid")


def saved(folder: Path) -> Retriever:
    retriever = Retriever.create(BagEncoder(), folder)
    retriever.update((), [1], ["hello"], BagEncoder().encode(["hello"]).vectors)
    retriever.save(folder, generation=1)
    return retriever


def test_an_index_of_another_encoder_is_not_used(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(IndexDamaged, match="does not fit"):
        Retriever.load(BagEncoder("other"), tmp_path)


def test_halves_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    retriever = saved(tmp_path)
    assert retriever.fits
    retriever.lexical.add([(2, "written, but the process died before the vectors were")])
    again, _ = Retriever.load(BagEncoder(), tmp_path)
    assert not again.fits


def test_a_document_is_replaced_in_both_indexes_however_far_each_has_come(tmp_path: Path) -> None:
    retriever = saved(tmp_path)
    retriever.lexical.add([(2, "Parcels on Monday.")], [Label(document=7)])
    again, _ = Retriever.load(BagEncoder(), tmp_path)
    texts = ["Parcels arrive on Tuesday."]
    for _ in range(2):
        again.replace([7], [3], texts, BagEncoder().encode(texts).vectors, [Label("chat:5", 7)])
    assert again.fits
    assert [hit.key for hit in again.search("parcels")] == [3, 1]
    assert again.search("parcels", wanted=Filter(scopes=frozenset({"chat:6"}))) == []
    assert [hit.key for hit in again.search("parcels", wanted=Filter(scopes=frozenset({"chat:5"})))] == [3]


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"format": 1, "encoder": "bag", "count": 1})])
def test_a_broken_manifest_is_not_used(tmp_path: Path, content: str) -> None:
    saved(tmp_path)
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(IndexDamaged, match="no usable index"):
        Retriever.load(BagEncoder(), tmp_path)


def test_creating_removes_what_was_there(tmp_path: Path) -> None:
    saved(tmp_path)
    assert len(Retriever.create(BagEncoder(), tmp_path)) == 0


def test_evidence_adds_up() -> None:
    fusion = Fusion()
    assert fusion.score(0.9, 0.5, 1.0) > fusion.score(0.1, 0.5, 1.0) > fusion.score(0.1, 0.1, 1.0)
    assert fusion.score(0.9, 0.5, 0.0) == fusion.score(0.1, 0.5, 0.0)
