"""Entities that nobody marked: commands, mentions, hashtags, addresses."""

import re
from collections.abc import Iterator, Sequence

from bot.simulator.model import Entity
from bot.simulator.text.utf16 import positions

_DOMAINS = "com|org|net|edu|gov|int|info|io|dev|app|ai|me|co|cn|hk|tw|jp|kr|sg|uk|de|fr|eu|us|in|ru|xyz|top|site"
_REST = r"(?::\d+)?(?:[/?#][^\s<>\"«»\u2000-\u200b\u200e\u200f\u2016-\u206f]*)?"  # port, path, query
# In order of precedence: what an earlier one found, a later one leaves alone.
_PATTERNS = (
    ("url", re.compile(rf"(?<!\w)(?:https?|ftp)://[\w.-]*\w{_REST}", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)),
    ("url", re.compile(rf"(?<![\w@.-])(?:[\w-]+\.)+(?:{_DOMAINS})\b{_REST}", re.IGNORECASE)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{2,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")),
)
_TRAILING = re.compile(r"[.:;,('?!`]+$")
_OPAQUE = frozenset({"pre", "code", "text_link", "text_mention", "custom_emoji"})


def with_detected(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """`entities` and those that can be found in `text` outside code, links and mentions."""
    taken = [(entity.offset, entity.end) for entity in entities if entity.type in _OPAQUE]
    found: list[Entity] = []
    for entity in _candidates(text):
        if all(entity.end <= start or end <= entity.offset for start, end in taken):
            taken.append((entity.offset, entity.end))
            found.append(entity)
    return [*(entity for entity in entities if entity not in found), *found]


def _candidates(text: str) -> Iterator[Entity]:
    places = positions(text)
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            end = match.start() + len(_address(match[0])) if kind == "url" else match.end()
            start = places[match.start()]
            yield Entity.model_validate({"type": kind, "offset": start, "length": places[end] - start})


def _address(words: str) -> str:
    """`words` without what rather belongs to the sentence around: final marks, and brackets opened before it."""
    depth = 0
    for place, char in enumerate(words):
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            words = words[:place]
            break
    return _TRAILING.sub("", words)
