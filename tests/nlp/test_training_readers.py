"""Data files: JSON Lines, CSV and TSV, compressed or not, and what is wrong with them."""

import gzip
from pathlib import Path

import pytest

from nlp.errors import DataError
from nlp.training.data import Example, read_examples

ROWS = [
    Example("hello, you", "greeting", "other"),
    Example('say "hi"\nthere', "greeting", None),
    Example("怎么", "q", "t"),
]


def write(path: Path, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def read(path: Path) -> list[Example]:
    return [Example(e.text, e.intent, e.topic) for e in read_examples(path)]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_and_lines_say_the_same(tmp_path: Path, ending: str, mark: str) -> None:
    tables = {
        "a.csv": 'id,text,label,topic\r\n1,"hello, you",greeting,other\r\n'
        '2,"say ""hi""\nthere",greeting,\r\n3,怎么,q,t\r\n',
        "a.tsv": 'intent\tscenario\ttext\ngreeting\tother\thello, you\ngreeting\t\t"say ""hi""\nthere"\nq\tt\t怎么\n',
        "a.jsonl": '{"text": "hello, you", "label": "greeting", "topic": "other"}\n'
        '{"text": "say \\"hi\\"\\nthere", "label": "greeting"}\n{"text": "怎么", "intent": "q", "scenario": "t"}\n',
    }
    for name, content in tables.items():
        assert read(write(tmp_path / (name + ending), mark + content)) == ROWS


def test_rows_of_a_table_know_their_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\na,x\nb,y\n")
    assert [example.origin for example in read_examples(path)] == ["a.csv:2", "a.csv:3"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "has no rows"),
        ("a.csv", "text,label\n", "has no rows"),
        ("a.csv", "text,class\na,b\n", r"has no column 'label' \(or 'intent'\), only 'text', 'class'"),
        ("a.csv", "question;label\na;b\n", "has no column 'text' and no column 'label'"),
        ("a.tsv", "text\tlabel\na\n", "line 2 has more or fewer cells than the header"),
        ("a.csv", "text,label\na,b,c\n", "line 2 has more or fewer cells than the header"),
        ("a.csv", 'text,label\n"a"b,c\n', "line 2 cannot be read"),
        ("a.csv", "text,label\na,\n", "a.csv:2 lacks a 'text' or a 'label'"),
        ("a.csv", b"text,label\n\xff,x\n", "is not UTF-8"),
        ("a.jsonl.gz", b'{"text": "\xff"}', "is not UTF-8"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_examples(write(tmp_path / name, content))
    assert name in str(caught.value)


CUT_SHORT = gzip.compress(b'{"text": "a", "label": "b"}' * 99)[:-9]


@pytest.mark.parametrize("content", [b"not compressed", CUT_SHORT], ids=["not compressed", "cut short"])
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.jsonl\.gz' is not an intact \.gz file"):
        read_examples(path)
