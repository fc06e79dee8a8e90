"""Small deterministic models: they load no weights and say the same thing every time."""

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np

from nlp.encoder import TRUST_FLOOR, Encoded, Role, reliable
from nlp.router import Router
from nlp.text import FUNCTION_WORDS, TOKEN, fold, is_han
from nlp.training.configs import FusedConfig
from nlp.training.data import Example

DIMENSION = 192  # enough that texts without a common word are hardly alike by chance
_LIGHT = 0.2  # of words like "the", which say little about likeness


class BagEncoder:
    """Adds up a fixed random vector per English word; knows no Chinese, like the bundled encoder."""

    dimension = DIMENSION

    def __init__(self, fingerprint: str = "bag") -> None:
        self.fingerprint = fingerprint
        self.reading = "bag"
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`."""
        self.calls.append(list(texts))
        rows = [_encode(text) for text in texts]
        vectors = np.array([vector for vector, _ in rows], np.float32).reshape(len(rows), DIMENSION)
        coverage = np.array([share for _, share in rows], np.float32)
        vectors[coverage <= floor] = 0
        return Encoded(vectors, coverage)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        return reliable(self.encode(texts))


def _encode(text: str) -> tuple[np.ndarray, float]:
    tokens = TOKEN.findall(fold(text))
    words = [token for token in tokens if not is_han(token)]
    units = len(words) + sum(len(token) for token in tokens if is_han(token))
    total = sum((_vector(word) for word in words), np.zeros(DIMENSION))
    norm = np.linalg.norm(total)
    return (total / norm if norm else total), (len(words) / units if units else 0.0)


@cache
def _vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    weight = _LIGHT if word in FUNCTION_WORDS else 1.0
    return weight * np.random.default_rng(seed).normal(size=DIMENSION)


EXAMPLES = [
    Example(text, intent, topic, f"test:{number}")
    for number, (text, intent, topic) in enumerate(
        [
            ("how do i reset my password", "question", "technology"),
            ("what is the refund policy", "question", "business"),
            ("when does the office open", "question", "business"),
            ("where can i find the vpn settings", "question", "technology"),
            ("怎么重置密码", "question", "technology"),
            ("退款政策是什么", "question", "business"),
            ("办公室几点开门", "question", "business"),
            ("在哪里可以找到设置", "question", "technology"),
            ("hello there", "greeting", "other"),
            ("good morning", "greeting", "other"),
            ("hi everybody", "greeting", "other"),
            ("hey", "greeting", "other"),
            ("你好呀", "greeting", "other"),
            ("大家早上好", "greeting", "other"),
            ("嗨你好", "greeting", "other"),
            ("您好", "greeting", "other"),
            ("turn on the lights", "out_of_scope", "other"),
            ("book me a taxi", "out_of_scope", "other"),
            ("play some music", "out_of_scope", "other"),
            ("order a pizza", "out_of_scope", "other"),
            ("帮我开灯", "out_of_scope", "other"),
            ("给我叫辆出租车", "out_of_scope", "other"),
            ("放一首歌", "out_of_scope", "other"),
            ("点一份披萨", "out_of_scope", "other"),
            ("summarize this article", "summarize", "other"),
            ("give me the gist of the text", "summarize", "other"),
            ("tl;dr please", "summarize", "other"),
            ("sum up the page", "summarize", "other"),
            ("概括一下这篇文章", "summarize", "other"),
            ("总结全文要点", "summarize", "other"),
            ("这篇文章讲了什么", "summarize", "other"),
            ("帮我做个摘要", "summarize", "other"),
        ]
    )
]


def small_router(encoder: BagEncoder | None = None) -> Router:
    """A router trained on `EXAMPLES` in a fraction of a second."""
    # seconds of imports that the nodes of a cluster, which only open the encoder, do without
    from nlp.training import run
    from nlp.training.router import train_router

    return run(train_router(EXAMPLES, encoder or BagEncoder(), FusedConfig(iterations=15)))
