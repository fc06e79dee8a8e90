"""What a web page says of its article: title, author, date, lead picture, and whether there is more to pay for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from nlp.text import clean, has_han

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SCRIPTS = ".//script[@type='application/ld+json']"
_DEEPEST = 8  # levels at which an article is looked for in what a script says; authors nest few, attackers many
_ARTICLE = re.compile(r"Article|Posting|Report")
_ALTERNATIVES = (
    "//meta[@property='og:image:alt' or @name='twitter:image:alt' or @property='twitter:image:alt']/@content",
    "(//article|//main)//figure[.//img]//figcaption",
    "(//article|//main)//img[string-length(@alt) > 3]/@alt",
)
_LONGEST_ALTERNATIVE = 300
# What editors' programs put there instead: names of files, of the site, of the one who took it.
_NO_PICTURE = re.compile(r"\b(logo|icon|avatar|mugshot|headshot)\b|\.(jpe?g|png|gif|webp|svg)$", re.IGNORECASE)
_AUTHORS = "//meta[@name='author' or @property='article:author']/@content | //*[@rel='author' or @itemprop='author']"
_LONGEST_AUTHOR = 80
# A line above the article, of which the date is the page's own; a date in a sentence may be any.
_DATE_LINES = "//body//*[not(ancestor-or-self::nav or ancestor-or-self::header or ancestor-or-self::footer)]/text()"
_ZH_DATE = re.compile(r"(?<!\d)(?<!今天是)((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日(?=\s|$)(?!\s*星期)")
_LONGEST_DATE_LINE = 60
_WALL = re.compile(
    r"(subscribe|sign in|log in|register|create an account)( now| today)? to (continue|keep) reading|"
    r"to (continue reading|read the (full|rest of th[ei]s?) (article|story)),? (please )?(subscribe|sign|log|register)|"
    r"(article|story|content) is (for|available to|reserved for|exclusive to) (paying |paid )?(subscribers|members)|"
    r"(订阅|付费|登录|开通会员|成为会员|购买)后?(即可|可|才能|方可)?(继续)?(阅读|查看)(全文|完整|剩余|余下)|"
    r"(订阅|付费|登录|开通会员|成为会员)后?(即可|可|才能|方可)?继续阅读|本文(为|是|系)(付费|会员|订阅)|"
    r"(剩余|余下).{0,12}(订阅|付费|会员)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """`date` is an ISO date; what the page does not say is empty.

    `is_article` where it says that it is one, not a list of them; `body` is the article as a script of the page
    tells it.
    """

    title: str = ""
    author: str = ""
    date: str = ""
    picture: str = ""
    partial: bool = False
    is_article: bool = False
    body: str = ""


def read_facts(tree: "HtmlElement") -> Facts:
    """What a page says of its article."""
    from trafilatura import extract_metadata

    found = extract_metadata(tree, date_config=_date_settings())
    articles = list(_articles(tree))
    return Facts(
        title=_line(found.title),
        author=_line(found.author)[:_LONGEST_AUTHOR] or _author(tree),
        date=found.date or _chinese_date(tree),
        picture=_picture(tree),
        partial=any(_is_false(article.get("isAccessibleForFree")) for article in articles) or _has_wall(tree),
        is_article=len(articles) == 1 or "article" in tree.xpath("//meta[@property='og:type']/@content"),
        body=max(
            (clean(body) for item in articles if isinstance(body := item.get("articleBody"), str)), key=len, default=""
        ),
    )


def _date_settings() -> dict[str, Any]:
    """Dates that the page marks as its own: others in its text, such as that of its copyright, would be guesses."""
    today = datetime.now(tz=UTC).date()
    return {"original_date": True, "extensive_search": False, "max_date": today.isoformat()}


def _line(text: object) -> str:
    return " ".join(clean(str(text or "")).split())


def _author(tree: "HtmlElement") -> str:
    """The author named by the markup: trafilatura passes over names of two characters, which are usual in Chinese."""
    names = (_line(found if isinstance(found, str) else found.text_content()) for found in tree.xpath(_AUTHORS))
    return next((name for name in names if 1 < len(name) <= _LONGEST_AUTHOR and "//" not in name), "")


def _chinese_date(tree: "HtmlElement") -> str:
    """The date of a line such as "2023年5月1日 来源：新华社", a form that htmldate takes no notice of."""
    for line in tree.xpath(_DATE_LINES):
        if len(line) <= _LONGEST_DATE_LINE and (found := _ZH_DATE.search(line)):
            try:
                return date(*map(int, found.groups())).isoformat()
            except ValueError:
                continue
    return ""


def _picture(tree: "HtmlElement") -> str:
    """What the lead picture shows: what the page says for those who cannot see it, else its caption."""
    for path in _ALTERNATIVES:
        for found in tree.xpath(path):
            text = _line(found if isinstance(found, str) else found.text_content())
            if (" " in text or has_han(text)) and not _NO_PICTURE.search(text):
                return text[:_LONGEST_ALTERNATIVE]
    return ""


def _has_wall(tree: "HtmlElement") -> bool:
    texts = tree.xpath("//body//text()[not(parent::script or parent::style or parent::noscript)]")
    return _WALL.search(" ".join(" ".join(texts).split())) is not None


def _is_false(value: object) -> bool:
    return str(value).rpartition("/")[2].casefold() == "false"


def _articles(tree: "HtmlElement") -> Iterator[dict[str, Any]]:
    """The articles that scripts of the page describe as schema.org does."""
    for script in tree.iterfind(_SCRIPTS):
        try:
            yield from _search(json.loads(script.text or "", strict=False), _DEEPEST)
        except (ValueError, RecursionError):
            continue


def _search(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth:
        for item in value:
            yield from _search(item, depth - 1)
    elif isinstance(value, dict) and depth:
        if _ARTICLE.search(str(value.get("@type", ""))):
            yield value
        for item in value.values():
            yield from _search(item, depth - 1)
