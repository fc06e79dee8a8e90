"""Hashed n-grams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import build_vocabulary, ngrams

TEXTS = ["reset my password", "reset the router", "怎么重置密码", "怎么重置路由器", "hello", ""]


def test_rows_have_unit_norm_in_each_block() -> None:
    vocabulary = build_vocabulary(TEXTS)
    rows = vocabulary.transform(TEXTS)
    for number, text in enumerate(TEXTS):
        part = slice(rows.starts[number], rows.starts[number + 1])
        hashes, values = vocabulary.hashes[rows.indices[part]], rows.values[part]
        for block in (hashes & 1 == 0, hashes & 1 == 1):
            assert not block.any() or np.linalg.norm(values[block]) == pytest.approx(1, abs=1e-5)
        assert bool(text) == bool(len(values))


def test_unknown_ngrams_are_passed_over() -> None:
    rows = build_vocabulary(TEXTS).transform(["zzz qqq", "reset"])
    assert rows.starts[1] == 0
    assert rows.starts[2] > 0


def test_a_limit_keeps_the_frequent_ones() -> None:
    vocabulary = build_vocabulary([f"reset {word}" for word in ("a", "b", "c", "d")], limit=1)
    assert len(vocabulary) == 1
    assert len(vocabulary.transform(["reset"]).indices) == 1


def test_rare_character_ngrams_are_left_out_and_words_kept() -> None:
    vocabulary = build_vocabulary(["alpha", "omega"])
    assert (vocabulary.hashes & 1 == 0).sum() == 2
    assert (vocabulary.hashes & 1 == 1).sum() == 1  # the final "a " of both words


def test_traditional_and_simplified_are_the_same() -> None:
    assert sorted(ngrams("怎麼重置密碼")) == sorted(ngrams("怎么重置密码"))


def test_mixed_text_has_ngrams_of_both_scripts() -> None:
    assert set(ngrams("vpn")) | set(ngrams("设置")) <= set(ngrams("VPN 设置"))


@given(st.text(max_size=200))
def test_any_text_has_a_row(text: str) -> None:
    rows = build_vocabulary(TEXTS).transform([text])
    assert len(rows) == 1
    assert np.isfinite(rows.values).all()


def test_no_text_is_kept() -> None:
    assert build_vocabulary(["my secret address"]).hashes.dtype == np.uint32


def test_ngrams_that_tell_the_class_weigh_more() -> None:
    texts = ["red apple", "red pear", "blue apple", "blue pear"] * 3
    plain = build_vocabulary(texts)
    weighed, _ = plain.weighed(plain.transform(texts), np.array([0, 0, 1, 1] * 3))
    factors = dict(zip(plain.hashes.tolist(), (weighed.idf / plain.idf).tolist(), strict=True))
    (red,), (apple,) = ([int(h) for h in ngrams(word) if h & 1 == 0] for word in ("red", "apple"))
    assert factors[red] > 3 * factors[apple]


def test_weighed_rows_are_those_of_the_weighed_vocabulary() -> None:
    texts = ["red apple", "", "blue pear", "请把红灯关掉", "red red pear"]
    plain = build_vocabulary([*texts, *texts])
    weighed, rows = plain.weighed(plain.transform(texts), np.array([0, 1, 1, 2, 0]))
    again = weighed.transform(texts)
    np.testing.assert_array_equal(rows.starts, again.starts)
    np.testing.assert_array_equal(rows.indices, again.indices)
    np.testing.assert_allclose(rows.values, again.values, rtol=1e-5)


def test_rows_without_a_class_do_not_weigh_ngrams() -> None:
    texts = ["red", "blue", "red", "blue", "green", "green"]
    plain = build_vocabulary(texts)
    rows = plain.transform(texts)
    classes = np.array([0, 1, 0, 1, -100, -100])
    known, _ = plain.weighed(plain.transform(texts[:4]), classes[:4])
    np.testing.assert_allclose(plain.weighed(rows, classes)[0].idf, known.idf)


def test_the_weight_is_the_root_of_the_divergence() -> None:
    texts, classes = ["red", "red", "blue", "blue", "blue"], np.array([0, 1, 1, 1, 1])
    plain = build_vocabulary(texts)
    weighed, _ = plain.weighed(plain.transform(texts), classes)
    prior = np.array([0.2, 0.8])
    (red,) = (int(h) for h in ngrams("red") if h & 1 == 0)
    share = (np.array([1, 1]) + prior) / 3
    expected = np.sqrt((share * np.log(share / prior)).sum() + 0.02)
    assert weighed.idf[list(plain.hashes).index(red)] / plain.idf[list(plain.hashes).index(red)] == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize(("one", "other"), [("比分3-1", "比分31"), ("新房(图)", "新房图"), ("中国制造", "中国创造")])
def test_marks_and_words_of_chinese_are_read(one: str, other: str) -> None:
    assert set(ngrams(one).tolist()) != set(ngrams(other).tolist())


def test_traditional_characters_are_the_same_ngrams() -> None:
    assert sorted(ngrams("請把燈關掉")) == sorted(ngrams("请把灯关掉"))
