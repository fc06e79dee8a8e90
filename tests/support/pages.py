"""Small web pages in English and Chinese, with the furniture that pages have: menus, comments, banners, walls."""

EN = (
    "The town council of Millbrook voted on Tuesday to rebuild the old harbour wall, which was damaged by the storms of "
    "last winter.",
    "Work begins in March and will take eighteen months, according to the engineer Ruth Palmer, who led the survey of "
    "the wall.",
    "The council expects to spend 4.2 million euros, of which the region pays a third and the port the remainder.",
    "Fishermen asked for a temporary quay, and the council promised to build one before the first stone is moved.",
)
ZH = (
    "米尔布鲁克镇议会周二投票决定重建旧港口的防波堤，这道堤坝在去年冬天的风暴中严重受损，多处出现裂缝。",
    "工程将于明年三月开工，预计需要十八个月，负责勘察的工程师帕尔默说，先修东段，再修西段。",
    "议会预计花费四百二十万欧元，其中三分之一由大区承担，其余部分由港口管理局支付，分三年付清。",
    "渔民要求修建一座临时码头，议会答应在动工之前建好，并且保证不影响今年秋季的捕捞作业。",
)
MENU = "<nav><ul>{}</ul></nav>".format("".join(f'<li><a href="/{n}">{n}</a></li>' for n in ("Home", "Sport", "首页", "体育")))
COOKIES = (
    '<div id="cookie-banner" class="cookie-consent"><p>We use cookies to improve this site. 本网站使用 Cookie 改善体验。</p>'
    "<button>Accept</button></div>"
)
SCRIPT = "<script>window.tracker = {secret: 'not an article'};</script><style>p {color: red}</style>"
FOOTER = "<footer><p>© 2024 Millbrook Post. All rights reserved. 版权所有</p></footer>"


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body: str, title: str = "", head: str = "") -> str:
    """A page with menu, banner, script and footer around `body`."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}{SCRIPT}</head>'
        f"<body>{MENU}{COOKIES}{body}{FOOTER}{SCRIPT}</body></html>"
    )


def news(title: str, texts: tuple[str, ...], author: str, date: str, picture: str) -> str:
    head = (
        f'<meta name="author" content="{author}"><meta property="article:published_time" content="{date}T08:30:00Z">'
        f'<meta property="og:title" content="{title}">'
    )
    figure = f'<figure><img src="/wall.jpg" alt="{picture}"><figcaption>{picture}</figcaption></figure>'
    body = f"<main><article><h1>{title}</h1>{figure}{paragraphs(texts)}</article></main>"
    return page(body, title, head)


def forum(title: str, texts: tuple[str, ...], comments: tuple[str, ...]) -> str:
    said = "".join(f'<li class="comment"><p>{text}</p></li>' for text in comments)
    body = f'<article><h1>{title}</h1>{paragraphs(texts)}</article><section id="comments"><h2>Comments</h2><ol class="comment-list">{said}</ol></section>'
    return page(body, title)


def front_page(teasers: list[tuple[str, str]]) -> str:
    """Several articles, each with its headline and the line below it."""
    cards = "".join(
        f'<article><h2><a href="/{number}">{title}</a></h2><p>{line}</p></article>'
        for number, (title, line) in enumerate(teasers)
    )
    return page(f"<main>{cards}</main>", "Millbrook Post")
