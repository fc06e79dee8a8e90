"""Web pages to articles: what was written, without menus, comments, notices and calls to subscribe.

trafilatura finds the article, in the mode that would rather leave out than take in: on pages of news and blogs that is
right more often, in Chinese too. What stands here finds a text where that mode finds none, or a small part of it.
"""

import re
from copy import deepcopy
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

from nlp.blocks import Block, assemble
from nlp.markup import tree_blocks
from nlp.page_cleaning import mend, without_asides
from nlp.page_facts import read_facts
from nlp.text import clean
from nlp.types import Document

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# A page of more is a book or a table, over which trafilatura and the search for its date would take a minute.
_MOST_ELEMENTS = 12_000
_MOST_CHARACTERS = 2_000_000
_SHORT = 3000  # characters: a longer text is an article, whatever else the page holds
_SHARE = 0.2  # of the page, below which a short text is doubted
_MUCH_MORE = 2  # times as long is what another way must find to be believed instead
_FEWEST_TEASERS = 3
_LONGEST_TEASER = 600  # characters
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # it names an encoding, and the page is text already
_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?[a-z]+)", re.IGNORECASE)
_UNSEEN = ("script", "style", "title")
_FURNITURE = ("nav", "footer", "aside", "form", "script", "style", "noscript", "template", "head")
_HEADLINE = ".//*[self::h1 or self::h2 or self::h3 or self::h4][.//a or ancestor::a]"


def html_document(html: str, fallback_title: str) -> Document:
    """The article of an HTML page, or its teasers where it is a front page; without text where the page has none."""
    tree = _parse(html)
    if tree is None:
        return assemble([], fallback_title, "text/html")
    if len(html) > _MOST_CHARACTERS or sum(1 for _ in tree.iter()) > _MOST_ELEMENTS:
        facts, blocks = read_facts(_head(tree)), _whole(tree)
    else:
        facts = read_facts(tree)
        mend(tree)
        blocks = (not facts.is_article and _teasers(tree)) or _article(tree, facts.body)
    document = assemble(without_asides(blocks) or _bare(html), fallback_title, "text/html", title=facts.title)
    return replace(document, author=facts.author, date=facts.date, picture=facts.picture, partial=facts.partial)


def _parse(html: str) -> "HtmlElement | None":
    """The tree of a page; None for a page without any element."""
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    try:
        text = _DECLARATION.sub("", clean(html))
        return document_fromstring(text, parser=HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8"))
    except ParserError:
        return None


def _head(tree: "HtmlElement") -> "HtmlElement":
    from lxml.html import Element

    page = Element("html")
    page.extend(deepcopy(tree.findall("head")))
    return page


def _article(tree: "HtmlElement", told: str) -> list[Block]:
    """The article that trafilatura finds, or what a script of the page told of it, or the whole page."""
    found = _extract(tree, careful=True)
    if _size(found) < _SHORT and _size(found) < _SHARE * _size(_whole(tree)):
        found = _longer(found, _extract(tree, careful=False))
    return _longer(found, _bare(told)) or _whole(tree)


def _longer(found: list[Block], other: list[Block]) -> list[Block]:
    return other if _size(other) > _MUCH_MORE * _size(found) else found


def _size(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _extract(tree: "HtmlElement", *, careful: bool) -> list[Block]:
    from trafilatura import bare_extraction

    found: Any = bare_extraction(tree, include_comments=False, favor_precision=careful)
    return [] if found is None else tree_blocks(found.body)


def _whole(tree: "HtmlElement") -> list[Block]:
    """All that the page says outside of its menus, forms and footers."""
    rest = deepcopy(tree)
    for element in list(rest.iter(*_FURNITURE)):
        if element.getparent() is not None:
            element.drop_tree()
    return tree_blocks(rest)


def _teasers(tree: "HtmlElement") -> list[Block]:
    """The headlines of a front page with the lines below them; none where something on the page is an article."""
    cards = [card for card in tree.xpath("//article[not(ancestor::article)]") if card.xpath(_HEADLINE)]
    texts = [tree_blocks(card) for card in cards]
    sizes = [_size(text) for text in texts]
    if len(cards) < _FEWEST_TEASERS or max(sizes) > _LONGEST_TEASER or 2 * sum(sizes) < _size(_whole(tree)):
        return []
    return [block for text in texts for block in text]


def _bare(html: str) -> list[Block]:
    """Every line between the tags, whatever they are: for what lxml cuts off, which nests 256 deep and no deeper."""
    lines: list[str] = []
    unseen = ""
    for piece in _TAG.split(html):
        name = _NAME.match(piece)
        if name is None:
            lines += [] if unseen else piece.splitlines()
        elif not unseen and name[1].casefold() in _UNSEEN:
            unseen = name[1].casefold()
        elif name[1].casefold() == f"/{unseen}":
            unseen = ""
    texts = (" ".join(clean(unescape(line)).split()) for line in lines)
    return [Block(text) for text in texts if text]
