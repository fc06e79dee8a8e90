"""Author, date, picture and paywall, as far as a page tells them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from nlp.articles import html_document
from nlp.types import Document
from tests.support.pages import EN, ZH, article


def read(texts: Sequence[str] = EN, after: str = "", head: str = "") -> Document:
    return html_document(article("Harbour", texts, after, head), "")


def test_nothing_is_made_up() -> None:
    document = read(after="<p>He said so on May 4, 2019. 他在1998年5月1日的会上说。</p>")
    assert (document.author, document.date, document.picture, document.partial) == ("", "", "", False)


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ('<meta name="author" content="Ann Lee">', "Ann Lee"),
        ('<meta name="author" content="李安">', "李安"),
        ('<meta property="article:author" content="https://example.org/ann">', ""),
    ],
)
def test_the_author_is_named(head: str, author: str) -> None:
    assert read(head=head).author == author


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ('<time datetime="2024-03-05T08:30">5 March</time>', "2024-03-05"),
        ("<div class='info'>2023年05月01日 来源：本报</div>", "2023-05-01"),
        ("<p>发布于2023年5月1日 08:30</p>", "2023-05-01"),
        ("<p>今天是2023年5月1日</p>", ""),
        ("<p>2023年5月1日 星期一</p>", ""),
        ("<p>2023年13月1日 来源：本报</p>", ""),
    ],
)
def test_the_date_is_that_of_the_article(line: str, date: str) -> None:
    assert read(ZH, line).date == date


def test_a_date_to_come_is_none() -> None:
    later = datetime.now(tz=UTC).year + 2
    assert read(head=f'<meta property="article:published_time" content="{later}-03-05">').date == ""


@pytest.mark.parametrize(
    ("figure", "picture"),
    [
        (
            "<figure><img src='a.jpg' alt='Old wall'><figcaption>Waves over the wall</figcaption></figure>",
            "Waves over the wall",
        ),
        ("<img src='a.jpg' alt='Waves over the wall'>", "Waves over the wall"),
        ("<img src='a.jpg' alt='海浪越过堤坝'>", "海浪越过堤坝"),
        (
            "<img src='a.jpg' alt='site logo big'><img src='b.jpg' alt='my wall.jpg'><img src='c.jpg' alt='IMG_2034'>",
            "",
        ),
    ],
)
def test_the_lead_picture_is_told(figure: str, picture: str) -> None:
    assert read(after=figure).picture == picture


@pytest.mark.parametrize(
    "wall",
    [
        "Subscribe to continue reading",
        "To read the full story, subscribe now.",
        "This article is for subscribers only.",
        "Already a member? Log in to keep reading.",
        "本文为付费内容",
        "登录后即可阅读全文",
        "剩余60%内容，订阅后可查看",
        "开通会员后继续阅读",
    ],
)
def test_a_wall_is_seen(wall: str) -> None:
    assert read(after=f"<div><p>{wall}</p></div>").partial


@pytest.mark.parametrize(
    ("free", "partial"), [("False", True), (False, True), ("http://schema.org/False", True), (True, False)]
)
def test_a_page_may_say_in_a_script_that_it_is_not_free(free: object, partial: bool) -> None:
    told = json.dumps({"@type": "NewsArticle", "isAccessibleForFree": free})
    assert read(head=f'<script type="application/ld+json">{told}</script>').partial is partial


def test_an_article_about_subscriptions_is_whole() -> None:
    assert not read(
        (*EN, "Readers subscribe to papers, and register with the town to vote. 会员可以登录网站阅读新闻。")
    ).partial
