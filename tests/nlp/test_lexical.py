"""The lexical index."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import IndexDamaged
from nlp.filters import Filter, Label
from nlp.lexical import LexicalIndex, query_terms, remove_lexical, terms

PASSAGES = [
    (1, "Refunds are paid within thirty days."),
    (2, "The office opens at nine."),
    (3, "退款会在三十天内支付。"),
    (4, "办公室九点开门。"),
    (5, "VPN 设置在网络页面。"),
]


@pytest.fixture(params=["memory", "disk"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "lexical" if request.param == "disk" else None)
    index.add(PASSAGES)
    return index


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("when is a refund paid", 1),
        ("opening of offices", 2),
        ("退款什么时候支付", 3),
        ("辦公室幾點開門", 4),
        ("vpn怎么设置", 5),
    ],
)
def test_words_are_found_in_both_languages(index: LexicalIndex, query: str, key: int) -> None:
    assert index.search(query, 3)[0][0] == key


def test_scores_are_shares_of_a_perfect_match(index: LexicalIndex) -> None:
    for query in ("refunds paid days", "退款", "nine", "refund unknownword"):
        assert all(0 < score <= 1 for _, score in index.search(query, 5))
    assert index.search("refund", 1)[0][1] > index.search("refund unicorn", 1)[0][1]


def test_nothing_in_common_finds_nothing(index: LexicalIndex) -> None:
    assert index.search("unicorn", 5) == []
    assert index.search("", 5) == []
    assert index.search("？！", 5) == []


def test_excluded_keys_are_not_found(index: LexicalIndex) -> None:
    assert [key for key, _ in index.search("refund thirty days", 5, excluded={1})] == []


SAID = ["Refunds take a week.", "退款要一周。"]
LABELLED = [
    (1, SAID[0], Label("shared", 1, "en", date(2024, 5, 1))),
    (2, SAID[1], Label("chat:-5", 2, "zh", date(2025, 1, 1))),
    (3, SAID[0], Label("chat:-5:9", 3, "en", date(2026, 1, 1))),
]


@pytest.fixture
def labelled() -> LexicalIndex:
    index = LexicalIndex()
    index.add([(key, text) for key, text, _ in LABELLED], [label for *_, label in LABELLED])
    return index


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(scopes=frozenset({"shared", "chat:-5"})),
        Filter(scopes=frozenset({"chat:-5"})),
        Filter(scopes=frozenset({"chat", "5", "9"})),
        Filter(scopes=frozenset()),
        Filter(documents=frozenset({2, 3})),
        Filter(languages=frozenset({"en"})),
        Filter(since=date(2025, 1, 1)),
        Filter(since=date(2025, 1, 1), until=date(2025, 12, 31)),
        Filter(scopes=frozenset({"shared", "chat:-5:9"}), languages=frozenset({"en"}), until=date(2024, 5, 1)),
    ],
)
def test_filters_are_kept_and_change_no_score(labelled: LexicalIndex, wanted: Filter) -> None:
    for query in ("refund week", "退款"):
        everything = dict(labelled.search(query, 5))
        admitted = {key for key, _, label in LABELLED if wanted.admits(label)}
        found = dict(labelled.search(query, 5, wanted=wanted))
        assert found == pytest.approx({key: score for key, score in everything.items() if key in admitted})


def test_documents_are_removed_whole(labelled: LexicalIndex) -> None:
    labelled.update((), [(4, "Refunds by cheque.")], [Label("shared", 1)], documents=[1, 3, 99])
    assert [key for key, _ in labelled.search("refund", 5)] == [4]
    assert len(labelled) == 2


def test_an_update_is_one_step(index: LexicalIndex) -> None:
    index.update(remove=[1, 99], add=[(2, "The office is closed."), (6, "Refund by cheque.")])
    assert [key for key, _ in index.search("refund", 5)] == [6]
    assert index.search("nine", 5) == []
    assert len(index) == 5


def test_rare_words_weigh_more(index: LexicalIndex) -> None:
    index.add([(n, "office") for n in range(10, 20)])
    rare, common, unknown = index.rarity(["refund", "offic", "unicorn"])
    assert unknown > rare > common


def test_an_index_on_disk_is_found_again(tmp_path: Path) -> None:
    LexicalIndex(tmp_path / "a").add(PASSAGES)
    again = LexicalIndex(tmp_path / "a")
    assert len(again) == len(PASSAGES)
    assert again.search("refund", 1)[0][0] == 1
    remove_lexical(tmp_path / "a")
    assert len(LexicalIndex(tmp_path / "a")) == 0


def test_a_damaged_index_says_so(tmp_path: Path) -> None:
    LexicalIndex(tmp_path / "a").add(PASSAGES)
    (tmp_path / "a" / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged):
        LexicalIndex(tmp_path / "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Refunds, refunded!", ["refund", "refund"]),
        ("退款政策", ["退", "款", "政", "策", "退款", "款政", "政策"]),
        ("猫", ["猫"]),
        ("the bot's users", ["the", "bot", "user"]),
        ("iPhone手机", ["iphon", "手", "机", "手机"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I get a refund?", ["get", "refund"]),
        ("what is it", ["is", "it", "what"]),
        ("怎么退款？", ["款", "退", "退款"]),
        ("年假有几天？", ["假", "年", "年假"]),
        ("迟到的人在哪里申请", ["人", "到", "申", "申请", "请", "迟", "迟到"]),
        ("什么", ["么", "什", "什么"]),
    ],
)
def test_words_of_any_question_are_left_out_unless_there_are_no_others(text: str, expected: list[str]) -> None:
    assert query_terms(text) == expected


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_text_can_be_searched_for(text: str) -> None:
    index = LexicalIndex()
    index.add(PASSAGES)
    index.search(text, 3)
