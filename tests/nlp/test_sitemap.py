"""Sitemaps and their indexes, read in the child process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.errors import DocumentError
from nlp.sandbox import SafeReader
from nlp.sitemap import Sitemap

SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    reader = SafeReader()
    yield reader
    reader.close()


def write(folder: Path, text: str) -> Path:
    path = folder / "sitemap.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("space", [f' xmlns="{SPACE}"', ""])
def test_pages_and_sitemaps_are_told_apart(reader: SafeReader, tmp_path: Path, space: str) -> None:
    image = '<i:image xmlns:i="urn:images"><i:loc>http://a.org/x.png</i:loc></i:image>'
    pages = f"<url><loc> http://a.org/1 </loc>{image}</url><url><loc>http://a.org/文?a&amp;b</loc></url><url/>"
    found = reader.sitemap(write(tmp_path, f"<urlset{space}>{pages}</urlset>"))
    assert found == Sitemap(pages=("http://a.org/1", "http://a.org/文?a&b"))
    index = f"<sitemapindex{space}><sitemap><loc>http://a.org/s.xml</loc></sitemap></sitemapindex>"
    assert reader.sitemap(write(tmp_path, index)) == Sitemap(sitemaps=("http://a.org/s.xml",))


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        (
            "<rss><channel/></rss>",
            "unsupported",
            "'sitemap.xml' is XML of type 'rss', not a sitemap: check the address",
        ),
        ("<urlset>", "unreadable", "'sitemap.xml' is no XML, or is damaged: check the address"),
        ("words", "unreadable", "'sitemap.xml' is no XML, or is damaged: check the address"),
        (f"{BOMB}<urlset><url><loc>&b;</loc></url></urlset>", "unreadable", "'sitemap.xml' defines entities"),
    ],
)
def test_what_is_no_sitemap_is_named(reader: SafeReader, tmp_path: Path, text: str, reason: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        reader.sitemap(write(tmp_path, text))
    assert caught.value.reason == reason
    assert str(caught.value).startswith(words)
