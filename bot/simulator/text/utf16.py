"""Counting text as Telegram counts it: in UTF-16 code units, two for every character beyond U+FFFF."""

from bisect import bisect_right
from itertools import accumulate


def units(text: str) -> int:
    """The length of `text`."""
    return len(text) + sum(char > "\uffff" for char in text)


def positions(text: str) -> list[int]:
    """Where each character of `text` begins, and at last where the text ends."""
    return list(accumulate((units(char) for char in text), initial=0))


def cut(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` units, behind white space if there is some in their second half."""
    pieces: list[str] = []
    while units(text) > limit:
        window = text[: bisect_right(positions(text), limit) - 1]
        space = max(window.rfind("\n"), window.rfind(" ")) + 1
        end = space if space > len(window) // 2 else len(window)
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]
