"""Files that are not what they say, or that were made to do harm: one clear sentence each, and the reader lives on."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.errors import DocumentError
from nlp.sandbox import SafeReader
from tests.support.files import docx, locked_pdf, pdf
from tests.support.hostile.archives import with_directory
from tests.support.office import archive, encrypted_office, epub, old_office, pptx, with_part, xlsx

WORD = docx("Rules", "Text.")
BOOK = xlsx({"S": [["a"], ["b"]]})
SHOW = pptx(("Title", "Text."))
NOVEL = epub("Title", "<p>Text.</p>")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NOISE = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    reader = SafeReader()
    yield reader
    reader.close()


def complaint(reader: SafeReader, folder: Path, name: str, content: bytes) -> tuple[str, str]:
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        reader.read(path)
    assert str(caught.value).startswith(repr(name))
    return caught.value.reason, str(caught.value).removeprefix(f"{name!r} ")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.docx", pdf("Text."), "seems to be a PDF file: rename it so that it ends in .pdf"),
        ("a.pdf", WORD, "seems to be a Word file: rename it so that it ends in .docx"),
        ("a.txt", BOOK, "seems to be an Excel workbook: rename it so that it ends in .xlsx"),
        ("a.docx", SHOW, "seems to be a PowerPoint file: rename it so that it ends in .pptx"),
        ("a.pptx", NOVEL, "seems to be an EPUB book: rename it so that it ends in .epub"),
        ("a.docx", archive({"a.txt": "x"}), "seems to be an archive: unpack it and add the files in it"),
        ("a.docx", archive({"inner.zip": archive({"b.docx": WORD})}), "seems to be an archive: unpack it and add"),
        ("a.xlsx", old_office(), "seems to be an Office file of before 2007: save it as .docx, .pptx or .xlsx"),
        ("a.pdf", PNG, "seems to be a picture: run text recognition on it"),
        ("a.md", b"\x1f\x8b\x08" + NOISE, "seems to be an archive: unpack it"),
        ("a.docx", b"{\\rtf1 Text.}", "seems to be a rich text file: save it as .docx"),
        ("a.txt", b"\x7fELF" + NOISE, "seems to be a program: add documents only"),
        ("a.txt", NOISE, "holds binary data, not text: check where it comes from"),
        ("a.csv", NOISE, "holds binary data, not text: check where it comes from"),
    ],
)
def test_a_file_of_another_type_is_named_as_what_it_is(
    reader: SafeReader, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    reason, said = complaint(reader, tmp_path, name, content)
    assert reason == "mismatch"
    assert said.startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "MZ is two letters.",
        "BMW builds cars.",
        "GIF8 is short.",
        "Rar! said the crow.",
        "A file begins with %PDF-1.7.",
        "PK stands for parking.",
    ],
)
def test_words_that_look_like_a_signature_are_text(reader: SafeReader, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert reader.read(tmp_path / "a.txt").text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark_is_no_binary_data(reader: SafeReader, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("Plain text in wide letters.".encode(encoding))
    assert reader.read(tmp_path / "a.txt").text == "Plain text in wide letters."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", encrypted_office()),
        ("a.xlsx", encrypted_office()),
        ("a.pptx", encrypted_office()),
        ("a.pdf", locked_pdf()),
        ("a.epub", epub("Title", "<p>x</p>", locked=True)),
    ],
)
def test_a_password_is_named_as_the_reason(reader: SafeReader, tmp_path: Path, name: str, content: bytes) -> None:
    assert complaint(reader, tmp_path, name, content) == (
        "protected",
        "is protected by a password: remove it first",
    )


def test_a_book_with_locked_fonts_is_read(reader: SafeReader, tmp_path: Path) -> None:
    fonts = '<encryption><CipherReference URI="OPS/font.otf"/></encryption>'
    (tmp_path / "a.epub").write_bytes(with_part(NOVEL, "META-INF/encryption.xml", fonts))
    assert "Text." in reader.read(tmp_path / "a.epub").text


@pytest.mark.parametrize(
    ("name", "package", "part"),
    [
        ("a.docx", WORD, "word/document.xml"),
        ("a.xlsx", BOOK, "xl/worksheets/sheet1.xml"),
        ("a.pptx", SHOW, "ppt/slides/slide1.xml"),
        ("a.epub", NOVEL, "OPS/c0.xhtml"),
    ],
)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    reader: SafeReader, tmp_path: Path, name: str, package: bytes, part: str
) -> None:
    reason, said = complaint(reader, tmp_path, name, with_part(package, part, b"<x>" + b" " * 60_000_000))
    assert reason == "too_large"
    assert said == "would unpack to 60 MB, too much for what it is: save it again, or split it"


def test_an_archive_of_very_many_parts_is_refused(reader: SafeReader, tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"word/{number}.xml": b"" for number in range(20_001)}
    reason, said = complaint(reader, tmp_path, "a.docx", archive({"word/document.xml": "<x/>", **parts}))
    assert reason == "too_large"
    assert said.startswith("would unpack to 20,002 parts")


def test_an_archive_that_lies_about_its_sizes_does_no_harm(reader: SafeReader, tmp_path: Path) -> None:
    bomb = with_part(WORD, "word/document.xml", b"<x>" + b" " * 60_000_000)
    with zipfile.ZipFile(io.BytesIO(bomb)) as packed:
        size = packed.getinfo("word/document.xml").file_size
    lie = bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert complaint(reader, tmp_path, "a.docx", lie)[0] == "unreadable"


@pytest.mark.parametrize(("field", "value"), [("compress_type", 99), ("compress_type", 14), ("extract_version", 255)])
def test_an_unknown_way_of_packing_is_named_as_the_reason(
    reader: SafeReader, tmp_path: Path, field: str, value: int
) -> None:
    package = with_directory(WORD, lambda entry: setattr(entry, field, value))
    assert complaint(reader, tmp_path, "a.docx", package) == (
        "unreadable",
        "is packed in a way that is not known here: save it again, or with another program",
    )


def test_an_archive_within_a_document_is_not_opened(reader: SafeReader, tmp_path: Path) -> None:
    inner = archive({"bomb.txt": b" " * 50_000_000})
    (tmp_path / "a.docx").write_bytes(with_part(WORD, "word/embeddings/inner.zip", inner))
    assert reader.read(tmp_path / "a.docx").text == "Rules\n\nText."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.docx", WORD[:-100], "is damaged, perhaps cut short: get it or save it again"),
        ("a.xlsx", BOOK[: len(BOOK) // 2], "is damaged, perhaps cut short: get it or save it again"),
        ("b.docx", with_part(WORD, "word/document.xml", "<w:document"), "is damaged or not what its ending says"),
        ("b.xlsx", with_part(BOOK, "xl/workbook.xml", "no xml"), "is damaged or not what its ending says"),
        ("b.pptx", with_part(SHOW, "ppt/slides/slide1.xml", "no xml"), "is damaged or not what its ending says"),
        ("b.epub", with_part(NOVEL, "OPS/book.opf", "no xml"), "is damaged or not what its ending says"),
        ("b.pdf", pdf("Text.")[:60], "is damaged or not what its ending says"),
    ],
)
def test_a_damaged_file_is_said_to_be_damaged(
    reader: SafeReader, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    reason, said = complaint(reader, tmp_path, name, content)
    assert reason == "unreadable"
    assert said.startswith(words)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub", "a.csv", "a.json", "a.jsonl", "a.tsv"])
def test_an_empty_file_is_said_to_be_empty(reader: SafeReader, tmp_path: Path, name: str) -> None:
    assert complaint(reader, tmp_path, name, b"") == ("empty", "is an empty file: nothing to read")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", xlsx({"S": []})),
        ("a.pptx", pptx(("", ""))),
        ("a.csv", b"\n\n"),
        ("a.json", b"{}"),
        ("a.pdf", pdf("")),
    ],
)
def test_a_file_without_text_is_told_apart(reader: SafeReader, tmp_path: Path, name: str, content: bytes) -> None:
    assert complaint(reader, tmp_path, name, content) == (
        "empty",
        "holds no text: if it is a scan, run text recognition on it first",
    )


def test_entities_and_outside_files_are_not_followed(reader: SafeReader, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'
    for name, package, part, root in [
        ("a.docx", WORD, "word/document.xml", "w:document"),
        ("a.xlsx", BOOK, "xl/workbook.xml", "workbook"),
        ("a.epub", NOVEL, "OPS/book.opf", "package"),
    ]:
        (tmp_path / name).write_bytes(with_part(package, part, f"{evil}<{root}>&e;</{root}>"))
        with pytest.raises(DocumentError):
            reader.read(tmp_path / name)
