"""The article of a page, on small pages of every kind in both languages, and on pages that mean harm."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp.articles import html_document
from nlp.documents import read_document
from nlp.errors import DocumentError
from nlp.sandbox import SafeReader
from tests.support.pages import EN, ZH, article, page, paragraphs

BOTH = pytest.mark.parametrize("texts", [EN, ZH], ids=["en", "zh"])
COMMENTS = (
    "I think this is far too expensive for our small town, really.",
    "我觉得这对我们小镇来说实在太贵了，完全没有必要。",
)


def body(texts: Sequence[str]) -> str:
    return "\n\n".join(texts)


@BOTH
def test_an_article_is_found_among_the_furniture(texts: Sequence[str]) -> None:
    document = html_document(article("Harbour 港口", texts), "page")
    assert document.text == f"Harbour 港口\n\n{body(texts)}"
    assert document.title == "Harbour 港口"
    assert document.language == ("zh" if texts is ZH else "en")


@BOTH
def test_comments_are_left_out(texts: Sequence[str]) -> None:
    said = "".join(f'<li class="comment"><p>{text}</p></li>' for text in COMMENTS * 3)
    after = f'<section id="comments"><h2>Comments</h2><ol class="comment-list">{said}</ol></section>'
    assert html_document(article("Harbour", texts, after), "").text == f"Harbour\n\n{body(texts)}"


@BOTH
def test_an_old_page_of_lines_and_breaks_is_read(texts: Sequence[str]) -> None:
    html = page(f"<div class='content'>{'<br><br>'.join(texts)}</div>")
    assert html_document(html, "").text == body(texts)


@BOTH
def test_a_front_page_is_read_as_its_teasers(texts: Sequence[str]) -> None:
    cards = "".join(f"<article><h2><a href='/x'>Headline {text[:9]}</a></h2><p>{text}</p></article>" for text in texts)
    document = html_document(page(f"<main>{cards}</main>", "Millbrook Post"), "")
    assert document.text == "\n\n".join(f"Headline {text[:9].strip()}\n\n{text}" for text in texts)
    assert [section.heading for section in document.sections] == [f"Headline {text[:9].strip()}" for text in texts]


@BOTH
def test_other_articles_beside_the_main_one_are_left_out(texts: Sequence[str]) -> None:
    teaser = "<article><h3><a href='/x'>Another story</a></h3><p>What else happened in town.</p></article>"
    html = article("Harbour", tuple(texts) * 3, f'<div class="related">{teaser * 5}</div>')
    assert "What else happened" not in html_document(html, "").text


@BOTH
def test_an_article_that_only_a_script_holds_is_read(texts: Sequence[str]) -> None:
    told = json.dumps({"@graph": [{"@type": "NewsArticle", "articleBody": "\n".join(texts)}]})
    html = page(f'<div id="app"></div><script type="application/ld+json">{told}</script>')
    assert html_document(html, "").text == body(texts)


@BOTH
def test_a_short_page_is_read_without_its_cookie_banner(texts: Sequence[str]) -> None:
    assert html_document(page(f"<div><p>{texts[0]}</p></div>"), "").text == texts[0]


def test_what_points_elsewhere_or_closes_the_page_is_left_out() -> None:
    html = article("Harbour", (EN[0], "Related: The port in pictures", *EN[1:], "Follow us on Twitter and Facebook."))
    assert html_document(html, "").text == f"Harbour\n\n{body(EN)}"
    html = article("Harbour", (*EN, "Few in the town subscribe to that view, and many sign up for the work."))
    assert html_document(html, "").text.endswith("sign up for the work.")
    html = article("港口", (ZH[0], "延伸阅读：港口的历史", *ZH[1:], "责任编辑：王芳", "扫码关注本报公众号"))
    assert html_document(html, "").text == f"港口\n\n{body(ZH)}"


def test_a_quoted_post_belongs_to_the_article_and_a_hover_card_does_not() -> None:
    quote = '<blockquote class="twitter-tweet"><p>Finally a wall!</p>— Ann (@ann)</blockquote>'
    post = f'<div class="social-embed">{quote}</div>'
    card = '<span class="tooltip"><span>Ruth Palmer was born in Leeds.</span></span>'
    html = page(
        f"<article><h1>Wall</h1><p>{EN[0]}</p>{post}<p>Said Ruth Palmer{card} today.</p>{paragraphs(EN)}</article>"
    )
    text = html_document(html, "").text
    assert "Finally a wall!" in text
    assert "Said Ruth Palmer today." in text


def test_text_that_looks_like_markup_stays_as_it_was_written() -> None:
    rich = "Use <b>snake_case_names</b> and 2*3*4, an <i>em</i>phasis, <a href='x'>a link</a>, &lt;div&gt; and # signs."
    code = "<pre><code>def f():\n    return 1\n</code></pre>"
    table = "<table><tr><th>city</th><th>limit</th></tr><tr><td>Paris</td><td>200</td></tr></table>"
    html = page(
        f"<article><h1>Guide</h1>{paragraphs(EN)}<p>{rich}</p><ul><li>one item</li></ul>{code}{table}</article>"
    )
    found = html_document(html, "").text.split("\n\n")[-4:]
    plain = "Use snake_case_names and 2*3*4, an emphasis, a link, <div> and # signs."
    assert found == [plain, "one item", "def f():\n    return 1", "city: Paris | limit: 200"]


@BOTH
@pytest.mark.parametrize("tag", ["<div>", "<span>", "<ul><li>", "<table><tr><td>", "<b>"])
def test_text_a_hundred_thousand_deep_is_found(tag: str, texts: Sequence[str]) -> None:
    assert texts[0] in html_document(f"<html><body>{tag * 100_000}{texts[0]}", "").text


@pytest.mark.parametrize("name", ["paragraphs", "one line", "table"])
def test_megabytes_are_read_whole(name: str) -> None:
    made = {
        "paragraphs": "<p>The harbour was built in 1890.</p>" * 40_000,
        "one line": f"<p>{'word ' * 400_001}</p>",
        "table": f"<table>{'<tr><td>a</td><td>1</td></tr>' * 40_000}</table>",
    }[name]
    document = html_document(f"<html><head><title>Long</title></head><body>{made}</body></html>", "")
    assert document.title == "Long"
    assert len(document.text) > 250_000


@pytest.mark.parametrize(
    "html",
    ["", " ", "<!DOCTYPE html>", "<html></html>", "<!-- only this -->", "<script>evil()</script>", "<?php echo 1 ?>"],
)
def test_a_page_without_text_is_named(tmp_path: Path, html: str) -> None:
    assert html_document(html, "page").text == ""
    path = tmp_path / "page.html"
    path.write_text(html or "\n")
    with pytest.raises(DocumentError, match=r"'page\.html' holds no text"):
        read_document(path)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("just words", "just words"),
        ("<frameset><frame src=a><noframes>Use the <a href=x>plain page</a></noframes></frameset>", "plain page"),
        ("<body><p>a\x00b\x01c</p>", "abc"),
        ("<body><p>a\ud800 b</p>", "a b"),
        ('<?xml version="1.0" encoding="utf-16"?><html><body><p>words</p></body></html>', "words"),
        ('<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><html><body><p>&b; hi</p>', "hi"),
        ("<body><p>x</p><script type='application/ld+json'>" + "[" * 100_000 + "</script>", "x"),
        ('<body><p>x</p><script type=\'application/ld+json\'>{"@type": "Article", "articleBody": 5}</script>', "x"),
    ],
)
def test_odd_pages_are_read_as_far_as_possible(html: str, text: str) -> None:
    assert text in html_document(html, "").text


def test_a_wrong_charset_is_seen_through(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(article("港口", ZH).replace("utf-8", "us-ascii").encode("gb18030"))
    assert read_document(path).text == f"港口\n\n{body(ZH)}"


@pytest.mark.slow
def test_what_a_page_says_of_itself_comes_out_of_the_sandbox(tmp_path: Path) -> None:
    head = (
        '<meta name="author" content="李安"><meta property="article:published_time" content="2024-03-05T08:30:00Z">'
        '<meta property="og:image:alt" content="海浪越过堤坝">'
    )
    path = tmp_path / "page.html"
    path.write_text(article("港口", ZH, "<p>登录后继续阅读</p>", head), encoding="utf-8")
    reader = SafeReader()
    document = reader.read(path)
    reader.close()
    assert (document.author, document.date, document.picture) == ("李安", "2024-03-05", "海浪越过堤坝")
    assert document.partial
    assert document == read_document(path)
