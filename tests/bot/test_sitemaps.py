"""Sitemaps over a web server on this machine: indexes, other hosts, limits, and what cannot be fetched."""

import pytest

from bot.errors import FetchError
from bot.reading import SourceReader
from bot.sitemaps import is_sitemap, list_pages
from nlp.errors import DocumentError
from tests.support.web import Server, page


def urlset(*links: str) -> bytes:
    listed = "".join(f"<url><loc>{link}</loc></url>" for link in links)
    return page(f"<urlset>{listed}</urlset>".encode(), kind="application/xml")


def index(*links: str) -> bytes:
    listed = "".join(f"<sitemap><loc>{link}</loc></sitemap>" for link in links)
    return page(f"<sitemapindex>{listed}</sitemapindex>".encode(), kind="text/xml; charset=utf-8")


async def test_the_pages_of_a_sitemap_each_once(server: Server, sources: SourceReader) -> None:
    links = [f"{server.base}/a", f"{server.base}/b.pdf", f"{server.base}/a"]
    server.pages = {"/sitemap.xml": urlset(*links)}
    listing = await list_pages(f"{server.base}/sitemap.xml", sources)
    assert (listing.pages, listing.complaints) == ((f"{server.base}/a", f"{server.base}/b.pdf"), ())


async def test_an_index_leads_to_its_sitemaps_and_round_no_circle(server: Server, sources: SourceReader) -> None:
    base = server.base
    server.pages = {
        "/all.xml": index(f"{base}/1.xml", f"{base}/more.xml", f"{base}/gone.xml"),
        "/more.xml": index(f"{base}/all.xml", f"{base}/2.xml"),
        "/1.xml": urlset(f"{base}/one"),
        "/2.xml": urlset(f"{base}/two"),
        "/gone.xml": page(b"", status="404 Not Found"),
    }
    listing = await list_pages(f"{base}/all.xml", sources)
    assert listing.pages == (f"{base}/one", f"{base}/two")
    assert listing.complaints == (f"'{base}/gone.xml' answered with status 404 (a part of '{base}/all.xml')",)


async def test_other_hosts_are_left_out_and_counted(server: Server, sources: SourceReader) -> None:
    links = [f"{server.base}/a", "http://example.org/b", "http://[bad", "file:///etc/passwd"]
    server.pages = {"/sitemap.xml": urlset(*links)}
    listing = await list_pages(f"{server.base}/sitemap.xml", sources)
    assert listing.pages == (f"{server.base}/a",)
    assert listing.complaints == (
        f"'{server.base}/sitemap.xml' lists 3 of 4 links on other hosts: add those by themselves if they are wanted",
    )


async def test_there_is_a_limit_on_pages_and_sitemaps(
    server: Server, sources: SourceReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sitemaps.MAX_PAGES", 2)
    monkeypatch.setattr("bot.sitemaps.MAX_SITEMAPS", 2)
    base = server.base
    server.pages = {
        "/all.xml": index(f"{base}/1.xml", f"{base}/2.xml"),
        "/1.xml": urlset(*(f"{base}/{number}" for number in range(3))),
    }
    listing = await list_pages(f"{base}/all.xml", sources)
    assert listing.pages == (f"{base}/0", f"{base}/1")
    assert listing.complaints == (
        f"'{base}/all.xml' leads to more than 2 sitemaps: add the others one by one",
        f"'{base}/all.xml' lists 3 pages, of which the first 2 are read: add its parts or the other pages one by one",
    )


async def test_pages_that_robots_txt_forbids_are_left_out_and_counted(server: Server, sources: SourceReader) -> None:
    base = server.base
    server.pages = {
        "/sitemap.xml": urlset(f"{base}/a", f"{base}/private/b", f"{base}/private/c", f"http://a%5B@{base[7:]}/d"),
        "/robots.txt": page(b"User-agent: *\nDisallow: /private/", kind="text/plain"),
    }
    listing = await list_pages(f"{base}/sitemap.xml", sources)
    assert listing.pages == (f"{base}/a",)
    assert listing.complaints == (
        f"'{base}/sitemap.xml' lists 3 pages that robots.txt asks not to crawl: add them by their links if you may",
    )


async def test_what_is_no_sitemap_is_said_to_be_none(server: Server, sources: SourceReader) -> None:
    server.pages = {"/a.xml": page(b"<p>x</p>"), "/b.xml": page(b"<rss/>", kind="application/xml")}
    with pytest.raises(FetchError) as fetched:
        await list_pages(f"{server.base}/a.xml", sources)
    assert fetched.value.reason == "type"
    with pytest.raises(DocumentError, match=r"'b\.xml' is XML of type 'rss', not a sitemap"):
        await list_pages(f"{server.base}/b.xml", sources)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/sitemap.xml", True),
        ("https://a.org/SITEMAP.XML?page=1#x", True),
        ("https://a.org/sitemap", False),
        ("https://a.org/?file=a.xml", False),
    ],
)
def test_a_link_that_ends_in_xml_is_a_sitemap(url: str, expected: bool) -> None:
    assert is_sitemap(url) is expected
