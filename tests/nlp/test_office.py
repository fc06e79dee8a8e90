"""Slides, sheets, books, tables and records to text with its places."""

import json
from datetime import date
from pathlib import Path

import pytest

from nlp.documents import read_document
from nlp.errors import DocumentError
from nlp.types import Document
from tests.support.office import epub, pptx, xlsx


def read(folder: Path, name: str, content: str | bytes) -> Document:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_document(path)


def found(document: Document) -> list[tuple[str, str, int | None]]:
    return [(document.text[s.span.start : s.span.end], s.heading, s.page) for s in document.sections]


def test_slides_are_pages_with_their_titles_tables_and_notes(tmp_path: Path) -> None:
    slides = [("Travel policy", "Trains are second class.\n飞机只坐经济舱。"), ("Limits", "Per night:")]
    data = pptx(*slides, table=[["city", "limit"], ["Paris", "200"], ["北京", "500"]], notes="Ask Bo.")
    document = read(tmp_path, "a.pptx", data)
    assert document.title == "Travel policy"
    assert found(document) == [
        ("Trains are second class.", "", 1),
        ("飞机只坐经济舱。", "", 1),
        ("Per night:", "Limits", 2),
        ("city: Paris | limit: 200", "Limits", 2),
        ("city: 北京 | limit: 500", "Limits", 2),
        ("Ask Bo.", "Limits", 2),
    ]


def test_sheets_are_headings_and_rows_lines(tmp_path: Path) -> None:
    head: list[object] = ["item", "price", "since", "share"]
    prices: list[list[object]] = [[], head, ["tea", 2.5, date(2026, 3, 1), True], [None, 3.0, None]]
    document = read(
        tmp_path, "a.xlsx", xlsx({"Prices": prices, "人员": [["姓名"], ["小博"]], "Lists": [["x"], ["y"]]}, ["Lists"])
    )
    assert document.title == "a"
    assert found(document) == [
        ("item: tea | price: 2.5 | since: 2026-03-01 | share: True", "Prices", None),
        ("price: 3", "Prices", None),
        ("姓名: 小博", "人员", None),
    ]


def test_a_workbook_has_the_title_that_it_was_given(tmp_path: Path) -> None:
    assert read(tmp_path, "a.xlsx", xlsx({"S": [["a"], ["b"]]}, title="Price list")).title == "Price list"


def test_a_book_has_its_chapters_in_order(tmp_path: Path) -> None:
    data = epub("The harbour", "<h1>One</h1><p>It was built in 1890.</p>", "<h1>二</h1><p>它还在用。</p>")
    document = read(tmp_path, "a.epub", data)
    assert document.title == "The harbour"
    assert found(document)[1:] == [("It was built in 1890.", "One", None), ("它还在用。", "二", None)]


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "a.csv",
            'city,limit\nParis,"200,\nmost"\n\n北京,5,x\n',
            ["city: Paris | limit: 200, most", "city: 北京 | limit: 5 | x"],
        ),
        ("a.csv", "city;limit\nParis;1,5\n", ["city: Paris | limit: 1,5"]),
        ("a.tsv", "city\tlimit\nParis, France\t200\n", ["city: Paris, France | limit: 200"]),
        ("a.json", '[{"a": {"b": 2}, "c": true, "d": null, "e": ["f", 1]}]', ["a.b: 2 | c: true | e: f, 1"]),
        ("a.jsonl", '{"a": "b"}\n{"a": "北京", "c": [{"n": 1}, 2]}\n', ["a: b", "a: 北京 | c: n: 1 | c: 2"]),
    ],
)
def test_rows_and_records_are_lines_with_names(tmp_path: Path, name: str, text: str, lines: list[str]) -> None:
    document = read(tmp_path, name, text)
    assert document.title == "a"
    assert [line for line, _, _ in found(document)] == lines


def test_keys_above_records_are_headings(tmp_path: Path) -> None:
    value = {"name": "Dawen", "limits": {"food": 20, "by": {"city": 3}}, "people": [{"name": "Bo"}], "tags": ["a"]}
    assert found(read(tmp_path, "a.json", json.dumps(value))) == [
        ("name: Dawen", "", None),
        ("food: 20", "limits", None),
        ("city: 3", "limits › by", None),
        ("name: Bo", "people", None),
        ("a", "tags", None),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"a": 1,\n "b": }', "'a.json' is not valid JSON in line 2: correct that line"),
        ("a.json", '{"a": 1}\n{"b": 2}', "in line 2: correct that line, or let the name end in .jsonl"),
        ("a.jsonl", '{"a": 1}\n\n{"b"}\n', "'a.jsonl' is not valid JSON in line 3: correct that line"),
        ("a.csv", 'a,b\n1,"' + "x" * 200_000, "'a.csv' is damaged near line 2: look for a quotation mark"),
    ],
)
def test_data_that_is_damaged_is_named_with_its_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        read(tmp_path, name, text)
    assert caught.value.reason == "unreadable"
