"""What is taken out of a web page before its article is looked for, and out of the article that was found."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nlp.blocks import Block

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_REGEX = {"re": "http://exslt.org/regular-expressions"}
_NAMES = "concat(' ', @id, ' ', @class)"
_NOT_ALL = "[not(self::html or self::body or self::main or self::article)]"
# Cards shown when somebody points at a word: in the page they stand in the middle of its sentence.
_HOVER = f"//*[re:test({_NAMES}, 'rollover\\S*-block|tooltip|popover|hovercard', 'i')]{_NOT_ALL}"
# A notice about cookies has something to press and fits a screen, which an article about cookies does not.
_COOKIES = f"//*[re:test({_NAMES}, 'cookie|consent|gdpr', 'i')]{_NOT_ALL}[.//button or .//a or .//input]"
_SCREEN = 1500  # characters
# A post that is quoted is a part of the article; the names of such frames are those of advertisements.
_POSTS = "//blockquote[contains(@class, 'twitter-tweet')]"
_MOST_POSTS = 50
_FRAME = 1.5  # times the text of a post is the most that its frame holds

# A line that points to another article, in the middle of this one.
_POINTER = re.compile(
    r"(related( \w+)?|see (also|more)|(read|watch|more)( (also|more|next|on|from|now))?|don.t miss|"
    r"you (may|might) also like|(延伸|相关|推荐|更多|扩展)(阅读|文章|新闻|报道|内容))\s*([:：].*)?",
    re.IGNORECASE,
)
# What pages say after an article: how to follow it, whose it is, who edited it.
_SIGN_OFF = re.compile(
    r"follow \S+( \S+)? on\b|(subscribe to|sign up (for|to)) (our|receive|get|\S+['’]s)\b|"
    r"^(copyright|©)|all rights reserved|"
    r"^[（(【\[]?(责任编辑|责编|编辑|校对|审核)\s*[:：]|版权(声明|所有)|(请勿|谢绝|禁止|不得)(擅自)?转载|转载请|"
    r"扫.{0,6}二维码|扫码关注|(关注|搜索).{0,12}公众号",
    re.IGNORECASE,
)
_LONGEST = 300  # characters of such a line; a longer paragraph tells more than that


def mend(tree: "HtmlElement") -> None:
    """Take cards and notices out of a page, and unwrap the posts that it quotes."""
    notices = [found for found in tree.xpath(_COOKIES, namespaces=_REGEX) if len(found.text_content()) < _SCREEN]
    for element in [*tree.xpath(_HOVER, namespaces=_REGEX), *notices]:
        if element.getparent() is not None:
            element.drop_tree()
    for post in tree.xpath(_POSTS)[:_MOST_POSTS]:
        _unname(post)


def _unname(post: "HtmlElement") -> None:
    size = len(post.text_content())
    post.attrib.clear()
    for frame in post.iterancestors("div", "figure"):
        if len(frame.text_content()) > _FRAME * size:
            return
        frame.tag = "div"
        frame.attrib.clear()


def without_asides(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without lines that point elsewhere, and without those that only close the page."""
    kept = [block for block in blocks if len(block.text) > _LONGEST or not _POINTER.fullmatch(block.text)]
    while len(kept) > 1 and len(kept[-1].text) <= _LONGEST and _SIGN_OFF.search(kept[-1].text):
        kept.pop()
    return kept
