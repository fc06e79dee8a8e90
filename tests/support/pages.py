"""Small web pages in English and Chinese, with the furniture that pages have: menus, comments, banners, scripts."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

EN = (
    "The town council of Millbrook voted on Tuesday to rebuild the harbour wall, which a storm damaged last winter.",
    "Work begins in March and will take eighteen months, according to Ruth Palmer, who led the survey of the wall.",
    "The council expects to spend 4.2 million euros, of which the region pays a third and the port the remainder.",
    "Fishermen asked for a temporary quay, and the council promised to build one before the first stone is moved.",
)
ZH = (
    "米尔布鲁克镇议会周二投票决定重建旧港口的防波堤，这道堤坝在去年冬天的风暴中严重受损，多处出现裂缝。",
    "工程将于明年三月开工，预计需要十八个月，负责勘察的工程师帕尔默说，先修东段，再修西段。",
    "议会预计花费四百二十万欧元，其中三分之一由大区承担，其余部分由港口管理局支付，分三年付清。",
    "渔民要求修建一座临时码头，议会答应在动工之前建好，并且保证不影响今年秋季的捕捞作业。",
)
_MENU = (
    '<nav><ul><li><a href="/a">Home</a></li><li><a href="/b">Sport</a></li><li><a href="/c">体育</a></li></ul></nav>'
)
_COOKIES = (
    '<div id="cookie-banner" class="cookie-consent"><p>We use cookies to improve this site. 本网站使用 Cookie。</p>'
    "<button>Accept</button></div>"
)
_SCRIPT = "<script>window.tracker = {secret: 'not an article'};</script><style>p {color: red}</style>"
_FOOTER = "<footer><p>© 2024 Millbrook Post. All rights reserved. 版权所有</p></footer>"


def paragraphs(texts: Sequence[str]) -> str:
    """The texts as HTML paragraphs."""
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body: str, title: str = "", head: str = "") -> str:
    """A page with menu, banner, scripts and footer around `body`."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}{_SCRIPT}</head>'
        f"<body>{_MENU}{_COOKIES}{body}{_FOOTER}{_SCRIPT}</body></html>"
    )


def article(title: str, texts: Sequence[str], after: str = "", head: str = "") -> str:
    """A page with one article, and `after` it whatever follows it on the page."""
    return page(f"<main><article><h1>{title}</h1>{paragraphs(texts)}</article>{after}</main>", title, head)


def write_pages(folder: Path, pages: Mapping[str, tuple[str, str]]) -> Path:
    """A data folder as `dawen evaluate articles` reads it: for each page its HTML and its true text."""
    (folder / "html").mkdir(parents=True)
    rows = [
        {"id": name, "url": f"https://example.org/{name}", "articleBody": text} for name, (_, text) in pages.items()
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "ground_truth.jsonl").write_text(lines, encoding="utf-8")
    for name, (html, _) in pages.items():
        (folder / "html" / f"{name}.html.gz").write_bytes(gzip.compress(html.encode()))
    return folder
