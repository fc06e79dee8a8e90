"""Messages of made-up people for the tests of what is learned from them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nlp.learning.samples import Sample
from nlp.text import detect_language
from nlp.training.data import Example

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=300)
THINGS_EN = "invoice router printer badge laptop holiday salary parking canteen projector headset contract".split()
THINGS_ZH = "发票 路由器 打印机 工牌 电脑 年假 工资 车位 食堂 投影仪 耳机 合同".split()
SEEDS = [
    *(
        Example(f"where can I find the {thing} please", "question", "office", f"en:{n}")
        for n, thing in enumerate(THINGS_EN)
    ),
    *(
        Example(f"please order a new {thing} for me", "request", "office", f"en:1{n}")
        for n, thing in enumerate(THINGS_EN)
    ),
    *(Example(f"请问{thing}在什么地方可以找到", "question", "office", f"zh:{n}") for n, thing in enumerate(THINGS_ZH)),
    *(Example(f"麻烦帮我重新订一个{thing}吧", "request", "office", f"zh:1{n}") for n, thing in enumerate(THINGS_ZH)),
]


def sample(number: int, text: str, intent: str = "question", **more: Any) -> Sample:
    """The message of a number: its person, chat and hour follow from it unless `more` says otherwise."""
    fields: dict[str, Any] = {
        "topic": "office",
        "language": detect_language(text),
        "origin": f"message:{number}",
        "person": number,
        "conversation": f"chat:{number // 3}",
        "said_at": START + timedelta(hours=number),
        "weight": 0.4,
        "consented": True,
        "established": 1,
    }
    return Sample(text=text, intent=intent, **{**fields, **more})
