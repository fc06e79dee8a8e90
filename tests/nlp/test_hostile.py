"""Hundreds of documents made to do harm: each ends in time, in a text or in a sentence, and costs the parent little.

The heaviest, which keep a child busy until it is killed, are left to `python -m tests.support.hostile`, but for a few.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from nlp.errors import DocumentError
from nlp.sandbox import CHAT, SafeReader
from tests.support.hostile import FAMILIES

pytestmark = pytest.mark.slow
SECONDS = 4
MEMORY = 256_000_000
REASONS = {"unreadable", "empty", "too_large", "mismatch", "protected", "timeout"}
LEFT_OUT = frozenset(
    """
ahr-100000.html arrays.pdf articles.html ascii-long.html ascii85.pdf attribute.html attributes.docx
attributes.epub attributes.html attributes.xlsx b-1000.html backticks.html base64-long.html big5-long.html
blank.txt bloc-1000.html bloc-100000.html boxes.pdf brackets.html brackets.md breaks.html breaks.md bz2-long.html
cdata.html cells.html closed-arrays.pdf closed.docx closed.epub closed.html closed.xlsx cmap.pdf code.html
columns.md comment.html comments.html cp037-long.html curves.pdf data.html date.html dates.html deep.docx
deep.epub dicts.pdf div-100000.html emphasis.md empty.csv ends.html entities.html entities.md escapes.md fences.md
flate.pdf flates.pdf font-100000.html form.html frames.html frameset.html front.md gb18030-long.html headings.md
heads.csv heads.tsv hex-long.html hz-long.html idna-long.html image.pdf images.md iso-2022-jp-long.html
json-ld-name.html json-ld.html keys.json keys.jsonl koi8-r-long.html latin-1-long.html letters.pdf letters.txt
levels.md line.html line.txt lines.jsonl links.html links.md lists.html lists.md long.csv long.tsv lzw.pdf mail.md
many-paragraphs.txt margins.txt mbcs-long.html metas.html million.html mixed.html name.docx name.epub name.xlsx
names.pdf newlines.html newlines.txt no-entities.html nul.html numbers.html opened-a.html opened.html operands.pdf
p-1000.html p-100000.html pairs.md palmos-long.html paragraphs.html paragraphs.txt parens.pdf plaintext.html
predictor.pdf punycode-long.html questions.csv questions.tsv questions.txt ragged.csv ragged.tsv
raw_unicode_escape-long.html references.md restores.pdf returns.txt rot13-long.html rows.html rows.json rows.jsonl
rows.md runs.pdf saves.pdf script.html sele-100000.html separators.csv separators.tsv shift_jis-long.html
siblings.docx siblings.epub siblings.pptx siblings.xlsx small.docx small.epub spaces.html spaces.txt
span-100000.html stars.html strong.md style.html svg-100000.html tabl-100000.html tables.html tabs.txt
template.html text.html texts.json texts.jsonl title.html titles.html tree-kids.pdf twice.docx ul<-1000.html
ul<-100000.html undefined-long.html underlines.md unicode_escape-long.html utf-32-long.html utf-7-long.html
utf-8-long.html wide.csv wide.tsv widths.pdf words.pdf x-none-long.html x-y-100000.html zip-long.html
""".split()
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How reading ended: the reason for a refusal or nothing, the sentence, the seconds it took."""

    name: str
    reason: str
    said: str
    seconds: float


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    reader = SafeReader(replace(CHAT, seconds=SECONDS))
    yield reader
    reader.close()


def outcome(reader: SafeReader, path: Path) -> Outcome:
    start, reason, said = time.perf_counter(), "", ""
    try:
        reader.read(path).text.encode()
    except DocumentError as error:
        reason, said = error.reason, str(error)
    return Outcome(path.name, reason, said, time.perf_counter() - start)


def test_a_chat_waits_ten_seconds_at_most() -> None:
    assert CHAT.seconds <= 8.5


@pytest.mark.parametrize("kind", FAMILIES)
def test_hostile_documents_end_in_time_and_in_a_sentence(reader: SafeReader, tmp_path: Path, kind: str) -> None:
    paths = []
    for name, data in FAMILIES[kind]():
        if name not in LEFT_OUT:
            paths.append(tmp_path / name)
            paths[-1].write_bytes(data)
    process = psutil.Process()
    before = process.memory_info().rss
    with ThreadPoolExecutor(CHAT.children) as pool:
        outcomes = list(pool.map(lambda path: outcome(reader, path), paths))
    assert process.memory_info().rss - before < MEMORY
    for found in outcomes:
        assert found.seconds < SECONDS + 3, found
        assert found.reason in {"", *REASONS}, found
        assert not found.said or found.said.startswith(repr(found.name)), found
        assert "Traceback" not in found.said


def test_good_documents_are_read_after_all_that(reader: SafeReader, tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("# Rules\n\n港口八点开放。")
    assert reader.read(path).text == "Rules\n\n港口八点开放。"
