"""Files and pages to text, in a child process, with everything that can be wrong with a file."""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.articles import html_document
from nlp.blocks import markdown_blocks, plain_blocks, unwrap
from nlp.documents import MAX_BYTES, decode, read_document
from nlp.errors import DocumentError
from nlp.sandbox import Limits, SafeReader
from tests.support.files import docx, locked_pdf, pdf

MARKDOWN = """---
front: matter
---
# Travel *policy*

Intro with a [link](https://example.org) and ![a picture](x.png).

## Limits

- 300 euros
- 差旅每晚五百元

| city | limit |
|---|---|
| Paris | 200 |

### In `code`

    indented code
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    reader = SafeReader()
    yield reader
    reader.close()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_markdown_becomes_plain_text_with_headings(tmp_path: Path, reader: SafeReader) -> None:
    document = reader.read(write(tmp_path, "a.md", MARKDOWN))
    assert (document.title, document.language, document.media_type) == ("Travel policy", "en", "text/markdown")
    found = [(document.text[s.span.start : s.span.end], s.heading) for s in document.sections]
    assert found == [
        ("Intro with a link and .", ""),
        ("300 euros", "Limits"),
        ("差旅每晚五百元", "Limits"),
        ("city: Paris | limit: 200", "Limits"),
        ("indented code", "Limits › In code"),
    ]


def test_html_becomes_its_article(tmp_path: Path, reader: SafeReader) -> None:
    body = "<p>" + "The harbour was built in 1890 and still serves the town. " * 5 + "</p>"
    page = f"<nav>Home | Shop</nav><article><h1>Harbour</h1>{body}</article>"
    html = f"<html><head><title>Harbour</title></head><body>{page}</body></html>"
    document = reader.read(write(tmp_path, "a.html", html))
    assert document.title == "Harbour"
    assert "built in 1890" in document.text
    assert "Shop" not in document.text


def test_a_page_without_an_article_is_read_as_it_is() -> None:
    document = html_document("<html><body><p>Short.</p><script>evil()</script></body></html>", "page")
    assert document.text == "Short."


def test_pdf_keeps_its_pages(tmp_path: Path, reader: SafeReader) -> None:
    path = write(tmp_path, "policy.pdf", pdf("The limit is 300 euros.", "Trains are second class."))
    document = reader.read(path)
    assert [(document.text[s.span.start : s.span.end], s.page) for s in document.sections] == [
        ("The limit is 300 euros.", 1),
        ("Trains are second class.", 2),
    ]
    assert document.title == "policy"


def test_docx_keeps_its_headings(tmp_path: Path, reader: SafeReader) -> None:
    document = reader.read(write(tmp_path, "a.docx", docx("手册", "请假需要提前三天申请。")))
    assert (document.title, document.language) == ("手册", "zh")
    assert "提前三天" in document.text


def test_the_title_of_a_word_file_is_its_title(tmp_path: Path, reader: SafeReader) -> None:
    data = docx("Holidays", "Everybody has thirty days.", title="Staff Rules")
    document = reader.read(write(tmp_path, "a.docx", data))
    assert document.title == "Staff Rules"
    assert document.text == "Staff Rules\n\nHolidays\n\nEverybody has thirty days."
    assert [section.heading for section in document.sections] == ["Holidays"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_text_is_read_in_its_encoding(tmp_path: Path, reader: SafeReader, encoding: str) -> None:
    text = "退款会在三十天内支付，请保留收据。"
    assert reader.read(write(tmp_path, "a.txt", text.encode(encoding))).text == text


def test_a_declared_charset_is_tried_first() -> None:
    assert decode("naïve café".encode("latin-1"), "latin-1") == "naïve café"
    assert decode(b'<meta charset="big5">' + "退款".encode("big5")).endswith("退款")
    assert decode(b"\xff\xfe\xfd", "no-such-charset")


@pytest.mark.parametrize(
    ("name", "content", "reason", "words"),
    [
        ("a.xyz", "x", "unsupported", "unknown type '.xyz': supported are .md"),
        ("noending", "x", "unsupported", "unknown type"),
        ("empty.txt", "", "empty", "is an empty file"),
        ("blank.md", " \n\n ", "empty", "holds no text"),
        ("bad.pdf", "%PDF-1.4 but not really", "unreadable", "damaged"),
        ("bad.docx", "not a zip", "unreadable", "damaged"),
        ("scan.pdf", pdf(""), "empty", "run text recognition"),
        ("locked.pdf", locked_pdf(), "protected", "protected by a password"),
    ],
)
def test_a_bad_file_is_named_with_the_remedy(
    tmp_path: Path, reader: SafeReader, name: str, content: str | bytes, reason: str, words: str
) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        reader.read(write(tmp_path, name, content))
    assert caught.value.reason == reason
    assert name in str(caught.value)


def test_a_missing_file_and_a_huge_one(tmp_path: Path, reader: SafeReader) -> None:
    with pytest.raises(DocumentError, match="check the path"):
        reader.read(tmp_path / "nowhere.md")
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="at most 50 MB") as caught:
        reader.read(huge)
    assert caught.value.reason == "too_large"


def test_a_zip_bomb_is_refused_and_the_reader_lives_on(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in zipfile.ZipFile(write(tmp_path, "ok.docx", docx("a", "b"))).namelist():
            archive.writestr(name, b"<w>" + b" " * 400_000_000 if name == "word/document.xml" else b"<x/>")
    reader = SafeReader(Limits(seconds=30, memory=900_000_000))
    with pytest.raises(DocumentError):
        reader.read(path)
    assert reader.read(tmp_path / "ok.docx").text
    reader.close()


def test_a_document_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    reader = SafeReader(Limits(seconds=0.01))
    start = time.perf_counter()
    with pytest.raises(DocumentError, match="took more than") as caught:
        reader.read(write(tmp_path, "a.html", "<p>x</p>" * 100_000))
    assert caught.value.reason == "timeout"
    assert time.perf_counter() - start < 10
    reader.close()


def test_a_result_that_is_too_long_is_refused(tmp_path: Path) -> None:
    reader = SafeReader(Limits(characters=1000))
    with pytest.raises(DocumentError) as caught:
        reader.read(write(tmp_path, "a.txt", "word " * 500))
    assert caught.value.reason in ("too_large", "unreadable")
    reader.close()


def test_a_media_type_overrides_the_ending(tmp_path: Path) -> None:
    assert read_document(write(tmp_path, "page.bin", "# Title\n\nText."), "text/markdown").title == "Title"


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        (
            "a line that was broken by the margin of a page\nand goes on",
            "a line that was broken by the margin of a page and goes on",
        ),
        ("short line\nanother", "short line\nanother"),
        (
            "A sentence that ends here, at the margin of the page.\nNext",
            "A sentence that ends here, at the margin of the page.\nNext",
        ),
        (
            "这是一个被页边断开的很长的句子它有四十列以上\n所以会接起来",
            "这是一个被页边断开的很长的句子它有四十列以上所以会接起来",
        ),
    ],
)
def test_lines_broken_by_a_margin_are_joined(paragraph: str, expected: str) -> None:
    assert unwrap(paragraph) == expected


def test_ligatures_and_radicals_become_letters_and_punctuation_stays() -> None:
    (block,) = plain_blocks("ofﬁce，三⼗天")
    assert block.text == "office，三十天"


def test_nothing_but_pictures_makes_no_blocks() -> None:
    assert [block.text for block in markdown_blocks("![x](y.png)") if block.text] == []


@pytest.mark.parametrize(
    "claim", ["punycode", "Raw-Unicode-Escape", "idna", "undefined", "rot13", "zip", "\0", "x" * 9999]
)
def test_a_claim_that_names_no_charset_is_not_believed(claim: str) -> None:
    data = b"abc-" + b"xn--" * 200_000 + "文字".encode()
    start = time.perf_counter()
    assert decode(data, claim) == data.decode()
    assert time.perf_counter() - start < 2
