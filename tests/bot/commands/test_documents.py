"""`dawen ingest`, `dawen documents` and `dawen summarize`."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.apps import HANDBOOK_EN, HANDBOOK_ZH
from tests.support.files import docx, locked_pdf, pdf
from tests.support.office import encrypted_office, pptx, with_part
from tests.support.terminal import Terminal, write_lines

ARTICLE = " ".join(
    f"Sentence number {n} tells about the harbour, its ships and the people who work there." for n in range(9)
)

BOMB = with_part(docx("a", "b"), "word/document.xml", b" " * 60_000_000)
FAQ_EN = """\
{"question": "Who approves travel?", "answer": "Your manager does.\\n\\nAsk two weeks before. Then book."}
{"question": "Where are bicycles parked?", "answer": "Behind the bakery."}
{"question": "When does the office open?", "answer": "At nine."}
"""
FAQ_ZH = """\
问：年假有几天？
答：年假十五天。满十年的二十天。

提前一周申请。

问：自行车停在哪里？
答：面包店后面。

问：办公室几点开门？
答：九点。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two handbooks in a folder."""
    path = tmp_path / "docs"
    path.mkdir()
    (path / "handbook.md").write_text(HANDBOOK_EN, encoding="utf-8")
    (path / "手册.md").write_text(HANDBOOK_ZH, encoding="utf-8")
    return path


def test_a_folder_is_added_once_and_listed_and_removed(terminal: Terminal, folder: Path) -> None:
    first = terminal("ingest", folder, "--json").json
    assert (first["added"], first["replaced"], first["unchanged"], first["failed"]) == (2, 0, 0, [])
    assert {(d["title"], d["change"]) for d in first["documents"]} == {("Handbook", "added"), ("员工手册", "added")}
    again = terminal("ingest", folder, "--json").json
    assert (again["added"], again["replaced"], again["unchanged"]) == (0, 0, 2)

    listed = terminal("documents", "list", "--json").json["documents"]
    assert {(d["title"], d["language"]) for d in listed} == {("Handbook", "en"), ("员工手册", "zh")}
    assert sum(d["chunks"] for d in listed) == sum(d["chunks"] for d in first["documents"])
    assert terminal("documents", "--json").json["documents"] == listed
    table = terminal("documents").out
    assert "Handbook" in table
    assert "员工手册" in table

    removed = terminal("documents", "remove", folder / "手册.md", "--json").json["removed"]
    assert [d["title"] for d in removed] == ["员工手册"]
    assert terminal("documents", "remove", "Handbook").out == "removed: Handbook\n"
    assert terminal("documents", "list", "--json").json == {"documents": []}
    assert terminal("documents", "remove", "Handbook").complaint.startswith("no document is called 'Handbook'")


def test_a_title_that_several_documents_have_removes_none_of_them(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(f"# Rules\n\nText of {name}.")
    terminal("ingest", tmp_path / "a.md", tmp_path / "b.md")
    numbers = [d["id"] for d in terminal("documents", "--json").json["documents"]]
    assert terminal("documents", "remove", "Rules").complaint == (
        f"2 documents are called 'Rules', none was removed: name one by its number ({numbers[0]}, {numbers[1]})"
    )
    assert len(terminal("documents", "--json").json["documents"]) == 2
    assert terminal("documents", "remove", tmp_path / "b.md").out == "removed: Rules\n"
    assert terminal("documents", "remove", numbers[0]).out == "removed: Rules\n"


def test_what_is_unchanged_is_only_named(terminal: Terminal, folder: Path) -> None:
    terminal("ingest", folder / "handbook.md")
    assert terminal("ingest", folder / "handbook.md").out == "unchanged: handbook.md\n"


def test_one_source_that_fails_is_counted_as_one(terminal: Terminal, folder: Path) -> None:
    assert terminal("ingest", "nowhere.md").complaint == "1 of 1 source was not added"
    assert terminal("ingest", "nowhere.md", folder).err.splitlines()[-1] == "dawen: 1 of 3 sources was not added"


def test_bad_files_do_not_stop_the_good_ones(terminal: Terminal, folder: Path) -> None:
    (folder / "empty.txt").write_text("")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 but not really")
    (folder / "scan.pdf").write_bytes(pdf(""))
    outcome = terminal("ingest", folder / "nowhere.md", folder, "--json")
    assert outcome.code == 1
    assert outcome.json["added"] == 2
    reasons = {Path(failure["source"]).name: failure["error"] for failure in outcome.json["failed"]}
    assert "check the path" in reasons["nowhere.md"]
    assert "empty file" in reasons["empty.txt"]
    assert "damaged" in reasons["broken.pdf"]
    assert "run text recognition" in reasons["scan.pdf"]
    assert all(name in reason for name, reason in reasons.items())
    assert outcome.err.splitlines()[-1] == "dawen: 4 of 6 sources were not added"
    assert len(terminal("documents", "--json").json["documents"]) == 2


HOSTILE = {
    "scan.pdf": (pdf(""), "'scan.pdf' holds no text: if it is a scan, run text recognition on it first"),
    "locked.pdf": (locked_pdf(), "'locked.pdf' is protected by a password: remove it first"),
    "locked.xlsx": (encrypted_office(), "'locked.xlsx' is protected by a password: remove it first"),
    "empty.csv": (b"", "'empty.csv' is an empty file: nothing to read"),
    "bomb.docx": (BOMB, "'bomb.docx' would unpack to 60 MB, too much for what it is: save it again, or split it"),
    "false.docx": (pdf("Text."), "'false.docx' seems to be a PDF file: rename it so that it ends in .pdf"),
    "noise.txt": (bytes(range(256)), "'noise.txt' holds binary data, not text: check where it comes from"),
    "cut.pptx": (pptx(("T", "x"))[:-60], "'cut.pptx' is damaged, perhaps cut short: get it or save it again"),
    "bad.json": (b"{", "'bad.json' is not valid JSON in line 1: correct that line"),
}


def test_every_hostile_file_is_one_sentence_and_the_next_goes_on(terminal: Terminal, folder: Path) -> None:
    for name, (content, _) in HOSTILE.items():
        (folder / name).write_bytes(content)
    with (folder / "huge.txt").open("wb") as huge:
        huge.truncate(500_000_000)
    outcome = terminal("ingest", folder)
    said = [line.removeprefix("failed: ") for line in outcome.err.splitlines() if line.startswith("failed: ")]
    expected = [sentence for _, sentence in HOSTILE.values()]
    assert sorted(said) == sorted([*expected, "'huge.txt' has 500 MB, at most 50 MB are read: split it"])
    assert outcome.err.splitlines()[-1] == "dawen: 10 of 12 sources were not added"
    assert outcome.out.splitlines()[-1] == "total: 2 added, 10 failed"
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    listed = terminal("documents", "--json").json["documents"]
    assert {document["title"] for document in listed} == {"Handbook", "员工手册"}


def test_a_pattern_adds_what_matches_and_the_total_is_said(terminal: Terminal, folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "prices.csv").write_text("item,price\ntea,2\n")
    outcome = terminal("ingest", "docs/**/*.csv", "docs/h*.md", "docs/handbook.md")
    assert outcome.code == 0
    assert outcome.out.splitlines() == ["added: prices (1 passage)", "added: Handbook (2 passages)", "total: 2 added"]
    assert terminal("ingest", "docs/*.pdf").complaint == "1 of 1 source was not added"


@pytest.mark.parametrize(
    ("name", "content", "question", "answer"),
    [
        (
            "faq.jsonl",
            FAQ_EN,
            "Who approves travel to Paris?",
            "Your manager does.\n\nAsk two weeks before. Then book.",
        ),
        ("常见问题.md", FAQ_ZH, "年假有几天？", "年假十五天。满十年的二十天。\n提前一周申请。"),
    ],
)
def test_an_entry_answers_whole(
    terminal: Terminal, tmp_path: Path, name: str, content: str, question: str, answer: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    added = terminal("ingest", tmp_path / name, "--json").json["documents"]
    assert [document["chunks"] for document in added] == [3]
    told = terminal("ask", question, "--json").json
    assert told["answer"] == answer
    assert [source["quote"] for source in told["sources"]] == [answer]


class Site(BaseHTTPRequestHandler):
    """A site with a sitemap, two pages of which one is gone, and a link to another host."""

    def do_GET(self) -> None:
        """Answer from the path."""
        host = f"http://{self.headers['Host']}"
        links = [f"{host}/rules", f"{host}/gone", "http://example.org/x"]
        listed = "".join(f"<url><loc>{link}</loc></url>" for link in links)
        pages = {
            "/sitemap.xml": ("application/xml", f"<urlset>{listed}</urlset>"),
            "/rules": ("text/plain", "Bicycles are parked behind the bakery."),
        }
        kind, body = pages.get(self.path, ("text/plain", ""))
        self.send_response(200 if self.path in pages else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_sitemap_adds_its_pages(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAWEN_FETCH_PRIVATE", "true")
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{site.server_address[1]}"
        outcome = terminal("ingest", f"{base}/sitemap.xml")
        site.shutdown()
    assert outcome.out.splitlines() == ["added: rules (1 passage)", "total: 1 added, 2 failed"]
    assert f"failed: '{base}/sitemap.xml' lists 1 of 3 links on other hosts" in outcome.err
    assert f"failed: '{base}/gone' answered with status 404" in outcome.err
    assert outcome.code == 1


def test_what_failed_is_said_without_json_too(terminal: Terminal, tmp_path: Path) -> None:
    outcome = terminal("ingest", tmp_path / "nowhere.md", "~nobody/x", "/dev/zero", "x" * 300, "http://127.0.0.1:1/")
    assert outcome.complaint == "5 of 5 sources were not added"
    said = [line for line in outcome.err.splitlines() if line.startswith("failed: ")]
    assert [line.endswith("does not exist: check the path") for line in said[:4]] == [True, True, False, True]
    assert "'/dev/zero' is neither a file nor a folder" in said[2]
    assert "127.0.0.1" in said[4]


def test_titles_are_shown_as_they_are(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a [b].md").write_text("# Title [/b] :smile:\n\nThe ratio is 1:100:200 here.")
    added = terminal("ingest", tmp_path / "a [b].md")
    assert added.out == "added: Title [/b] :smile: (1 passage)\n"
    assert "a [b].md" in added.err
    assert "Title [/b] :smile:" in terminal("documents").out
    assert "1:100:200" in terminal("ask", "What is the ratio?").out


def test_texts_and_files_are_summarised_in_their_own_sentences(terminal: Terminal, tmp_path: Path) -> None:
    summary = terminal("summarize", ARTICLE, "--sentences", "2", "--json").json
    assert set(summary) >= {"title", "author", "date", "language", "headline", "sentences", "facts", "characters"}
    assert (len(summary["sentences"]), summary["language"], summary["characters"]) == (2, "en", len(ARTICLE))
    assert all(sentence in ARTICLE for sentence in summary["sentences"])
    (tmp_path / "harbour.md").write_text(f"# Harbour\n\n{ARTICLE}")
    lines = terminal("summarize", tmp_path / "harbour.md").out.splitlines()
    assert lines[0] == "Harbour"
    assert [line[:2] for line in lines[1:]] == ["• "] * 3
    assert terminal("summarize", "~100 people came to the harbour.").out == "• ~100 people came to the harbour.\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.pdf", "'nowhere.pdf' does not exist: check the path"),
        ("no/where", "'no/where' does not exist: check the path"),
        ("  ", "the text is empty: give a file, a link, or a text in quotes"),
        ("seeds", "'seeds' is a folder: name one of its files"),
        ("blank.md", "'blank.md' holds no text"),
        ("http://10.0.0.1/", "10.0.0.1"),
    ],
)
def test_what_cannot_be_summarised_is_named(terminal: Terminal, tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "blank.md").write_text(" \n")
    write_lines(tmp_path / "seeds" / "more.md", [])
    assert words in terminal("summarize", source).complaint


def test_documents_lie_in_the_database_that_is_set(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere/mine.db"
    terminal("ingest", folder, DAWEN_DATABASE=url)
    assert (tmp_path / "elsewhere" / "mine.db").exists()
    assert not (tmp_path / "home" / "dawen.db").exists()
    assert len(json.loads(terminal("documents", "--json", DAWEN_DATABASE=url).out)["documents"]) == 2
