"""How much a sentence of a text is worth, by what kind of text it is.

Weights of abstracts and of other texts are ridge regressions, within each text, of what a sentence is worth to a
summary by ROUGE-1, 2 and L: `python -m benchmarks.fit_summaries --papers scitldr/train.jsonl`. Those of other texts are
drawn towards equal shares of position, centrality and length, since few texts speak for them. On English news the first
sentences beat whatever was tried, so there the place decides, and the rest only where places hardly differ any more:
lead is what is shipped for short summaries of it. Chinese news is weighed like other texts but for a small advantage
of the first sentences: on the six articles of the training half that takes ROUGE-1, 2 and L from 0.481, 0.287 and 0.298
to 0.490, 0.304 and 0.362, and the first sentence is still the one that is chosen first.
"""

import re
from collections.abc import Mapping
from typing import Literal

from nlp.summary.features import NAMES, Matrix, Weighed
from nlp.summary.wording import has_dateline
from nlp.types import Document, Language

Genre = Literal["article", "paper", "thread"]
Kind = Literal["news", "news-zh", "text", "paper", "thread"]

_BEGINNING: Mapping[Language, int] = {"en": 300, "zh": 120}  # characters in which news says when it happened
_ABSTRACT = 3_000  # characters in which a paper says what it is about
_DAYS = re.compile(
    r"\bon (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:yesterday|reporters)\b"
    "|本报讯|新华社|昨[天日晚夜]|今[天日晨早]|日前|近日|上周|下周|星期[一二三四五六日天]|记者|据悉"
    r"|\d+月\d+日(?:起|正式|全部|宣布|通车|发布)",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"\b(?:this|our) (?:paper|thesis)\b|\bwe (?:\w+ly )?(?:also )?(?:propose|introduce|present|show|demonstrate|prove|"
    r"study|investigate|analy[sz]e|develop)\b|本文|本研究|我们提出(?:了)?一",
    re.IGNORECASE,
)
_TEXT = {
    "central": 0.029, "near": 0.013, "first": 0.003, "opens": 0.014, "title": 0.022, "length": 0.040, "figures": 0.004,
    "last": 0.020,
}  # fmt: skip
WEIGHTS: Mapping[Kind, Mapping[str, float]] = {
    "news": {"lead": 0.30, "central": 0.05, "near": 0.025, "title": 0.015, "length": 0.015},
    "news-zh": _TEXT | {"lead": 0.010},
    "text": _TEXT,
    "paper": {
        "central": 0.051, "near": 0.022, "lead": -0.004, "first": 0.011, "last": 0.003, "opens": 0.007, "title": 0.242,
        "titled": 0.075, "length": 0.018, "figures": 0.001, "proposes": 0.087, "shows": 0.025, "studies": 0.039,
        "names": 0.003, "results": -0.007, "complains": -0.015,
    },
    "thread": {"central": 0.10, "near": 0.05, "length": 0.10, "figures": 0.02},
}  # fmt: skip


def worth(weighed: Weighed, kind: Kind) -> Matrix:
    """The worth (n,) of sentences, as the ROUGE that each brings more than others of it; only differences count."""
    weights = WEIGHTS[kind]
    found: Matrix = weighed.features @ [weights.get(name, 0.0) for name in NAMES]
    return found


def kind_of(document: Document, genre: Genre) -> Kind:
    """What kind of text an article is: a paper if it speaks like one, news if it begins with a day, else neither."""
    if genre != "article":
        return genre
    if _PAPER.search(document.text[:_ABSTRACT]):
        return "paper"
    is_news = has_dateline(document.text) or _DAYS.search(document.text[: _BEGINNING[document.language]])
    if not is_news:
        return "text"
    return "news-zh" if document.language == "zh" else "news"
