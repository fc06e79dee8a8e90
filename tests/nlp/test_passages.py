"""Passages that repeat a better one are not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.passages import distinct
from nlp.types import Hit, Passage

EN = "Refunds are paid within 30 days of the purchase, as long as the receipt is kept and the item is unused."
ZH = "在保留收据并且商品没有使用过的情况下，退款会在购买后三十天内支付。"


def found(*texts: str) -> list[tuple[Passage, Hit]]:
    return [(Passage(key, text, "Handbook"), Hit(key, 0.9 - key / 100, 0.5, 0.5)) for key, text in enumerate(texts)]


def keys(*texts: str, limit: int = 5) -> list[int]:
    return [passage.key for passage, _ in distinct(found(*texts), limit)]


@pytest.mark.parametrize("text", [EN, ZH])
def test_a_copy_is_left_out_and_the_next_moves_up(text: str) -> None:
    assert keys(text, f"  {text}\n", "The office opens at nine.", "办公室九点开门。", limit=3) == [0, 2, 3]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (EN, EN.replace("30", "14")),
        (EN, EN.replace("are paid", "are never paid")),
        (ZH, ZH.replace("三十天", "十四天")),
        ("2024: 27 days, 2025: 28 days", "2025: 27 days, 2024: 28 days"),
    ],
)
def test_what_differs_in_what_matters_is_kept(text: str, other: str) -> None:
    assert keys(text, other) == [0, 1]


def test_nothing_is_left_out_where_nothing_repeats() -> None:
    assert keys(EN, ZH, "", "The office opens at nine.") == [0, 1, 2, 3]
    assert keys(EN, ZH, limit=1) == [0]
    assert keys() == []


@given(st.lists(st.sampled_from([EN, ZH, EN.upper(), "no", "不"]), max_size=8), st.integers(1, 8))
def test_the_best_is_kept_in_its_order_and_no_text_twice(texts: list[str], limit: int) -> None:
    picked = keys(*texts, limit=limit)
    assert picked == sorted(picked)
    assert picked[:1] == ([0] if texts else [])
    assert len({texts[key] for key in picked}) == len(picked) <= limit
    assert len(picked) == min(limit, len({text.lower() for text in texts}))
