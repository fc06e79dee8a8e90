"""Words as hashes: how texts are split, cut and counted."""

import numpy as np

from nlp.sequences import by_length, join
from nlp.tokens import FIRST_WORD, UNKNOWN, WordTokenizer, count_words, hash_word, number_words


def words(text: str, most: int = 50) -> list[int]:
    (row,) = WordTokenizer(most).hashes([text])
    return [int(word) for word in row]


def test_english_is_split_by_rules_and_chinese_into_characters() -> None:
    assert words("Don't  stop!\n我要VPN，") == [
        hash_word(w) for w in ("do", "n't", "stop", "!", "我", "要", "vpn", ",")
    ]


def test_forms_that_mean_the_same_are_one() -> None:
    assert words("ＨＥＬＬＯ") == words("hello")
    assert words("密碼") == words("密码")


def test_words_that_spacy_has_numbers_for_are_known_as_they_are_met() -> None:
    assert words("the dep root mark xpos") == [hash_word(w) for w in ("the", "dep", "root", "mark", "xpos")]


def test_texts_without_words_have_none() -> None:
    assert [words(text) for text in ("", "  \n", "\ud800", "\x00")] == [[], [], [], []]


def test_of_long_texts_the_ends_are_kept() -> None:
    text = " ".join(f"w{number}" for number in range(100))
    assert words(text, 4) == [hash_word(w) for w in ("w0", "w1", "w98", "w99")]
    assert len(words("x" * 1_000_000)) == 2  # what is left of both ends
    assert words("一" * 500_000, 10) == [hash_word("一")] * 10


def test_nothing_of_a_text_stays_behind() -> None:
    tokenizer = WordTokenizer(10)
    tokenizer.hashes(["warm up 好"])
    before = len(tokenizer._english.vocab.strings), len(tokenizer._chinese.vocab.strings)
    tokenizer.hashes(["zyzzyva qwertyuiop 龘"])
    assert (len(tokenizer._english.vocab.strings), len(tokenizer._chinese.vocab.strings)) == before


def test_frequent_words_are_numbered_and_others_unknown() -> None:
    rows = WordTokenizer(50).hashes(["a a a b b c", "b", ""])
    known = count_words(rows, 2, 10)
    assert sorted(known.tolist()) == sorted([hash_word("a"), hash_word("b")])
    assert count_words(rows, 1, 1).tolist() in ([hash_word("a")], [hash_word("b")])
    numbered = number_words(rows, known)
    a, b = (FIRST_WORD + known.tolist().index(hash_word(word)) for word in "ab")
    assert [row.tolist() for row in numbered] == [[a, a, a, b, b, UNKNOWN], [b], [UNKNOWN]]
    assert number_words(rows, count_words([], 1, 10))[1].tolist() == [UNKNOWN]


def test_batches_are_padded_and_of_like_length() -> None:
    rows = join([[5, 6, 7], [8], [9, 9]])
    matrix, lengths = rows.batch([1, 0], pad=0)
    assert (matrix.tolist(), lengths.tolist()) == ([[8, 0, 0], [5, 6, 7]], [1, 3])
    assert [part.tolist() for part in by_length(rows.lengths, 2)] == [[1, 2], [0]]
    assert len(join([])) == 0
    assert matrix.dtype == np.int64
