"""Chinese in terms of English words."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.gloss import CHOICES, Glossary, glossary, hand_chosen, in_english, read_senses, senses

SMALL = Glossary({"关掉": "turn off", "灯": "light", "请": "please", "把": "", "关": "close"})


@pytest.mark.parametrize(
    ("text", "gloss"),
    [
        ("请把灯关掉", "please light turn off"),
        ("請把燈關掉", "please light turn off"),
        ("关掉 the Lamp, 3", "turn off the lamp 3"),
        ("turn off", "turn off"),
        ("龘", ""),
        ("", ""),
    ],
)
def test_words_are_put_in_english_and_the_rest_stays(text: str, gloss: str) -> None:
    assert SMALL.gloss(text) == gloss


def test_a_run_is_cut_into_the_longest_words() -> None:
    assert SMALL.segment("请关掉灯") == ["请", "关掉", "灯"]
    assert Glossary({"北京": "", "北京大学": "", "大学生": "", "生": ""}).segment("北京大学生") == ["北京", "大学生"]


@given(st.text(alphabet="请把灯关掉龘一", max_size=60))
def test_nothing_of_a_run_is_lost(run: str) -> None:
    assert "".join(SMALL.segment(run)) == run


def test_senses_are_short_and_without_remarks(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.txt.gz"
    lines = [
        "# a remark of the dictionary",
        "燈 灯 [deng1] /lamp/light/CL:盞|盏[zhan3]/",
        "王 王 [Wang2] /surname Wang/",
        "王 王 [wang2] /king or monarch/best or strongest of its type/",
        "看書 看书 [kan4 shu1] /to read; to study/(of a book) opened/",
        "no entry",
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert read_senses(path) == {
        "灯": ["lamp", "light"],
        "王": ["king or monarch", "best or strongest of its type"],
        "看书": ["read", "opened"],
    }


def test_the_dictionary_and_the_choices_are_there() -> None:
    assert len(glossary()) > 100_000
    assert glossary().gloss("怎么重置我的密码") == "how reset my password"


def test_threads_that_need_it_together_read_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[float] = []

    @lru_cache(maxsize=1)
    def read() -> Glossary:
        reads.append(time.monotonic())
        time.sleep(0.05)
        return Glossary({})

    monkeypatch.setattr("nlp.gloss._read_glossary", read)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: glossary(), range(4)))) == 1
    assert len(reads) == 1
    known = senses()
    chosen = CHOICES.read_text(encoding="utf-8").splitlines()
    assert hand_chosen()["密码"] == "password"
    assert len([line for line in chosen if line.partition("\t")[0] in known]) > 1500
    words = [line.partition("\t")[0] for line in chosen if not line.startswith("#")]
    assert len(words) == len(set(words))


def test_only_chinese_is_put_in_english() -> None:
    assert in_english("Turn off the Lamp, please.") == "Turn off the Lamp, please."
    assert in_english("医生在哪儿？") == "doctor at where"
