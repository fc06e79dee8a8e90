"""What people write behind /summarize and /digest: how long it should be, and since when."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Size = Literal["short", "usual", "long"]

MOST_POINTS = 20
_SIZES: dict[str, Size] = {
    **dict.fromkeys(("short", "brief", "shorter", "短", "简短", "简单"), "short"),
    **dict.fromkeys(("long", "detailed", "longer", "长", "详细"), "long"),
}
_POINTS = ((600, 3), (1500, 4), (3000, 5), (6000, 6))  # below so many words and Chinese characters, so many points
_MOST_USUAL = 7
_SHORT, _LONG = 0.5, 2.0
_UNITS = {"m": "minutes", "分钟": "minutes", "h": "hours", "小时": "hours", "d": "days", "天": "days", "w": "weeks"}
_SINCE = re.compile(rf"(\d{{1,4}})\s*({'|'.join(_UNITS)})", re.IGNORECASE)
_DAYS = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1}
LONGEST = timedelta(days=7)  # how long talk is kept


@dataclass(frozen=True, slots=True)
class Wish:
    """How long a summary should be: a number of points, or a size; `text` is what else was written."""

    text: str
    points: int | None = None
    size: Size = "usual"

    def count(self, units: int) -> int:
        """How many points a text of so many words and Chinese characters takes."""
        if self.points:
            return self.points
        usual = next((points for below, points in _POINTS if units < below), _MOST_USUAL)
        factor = {"short": _SHORT, "usual": 1.0, "long": _LONG}[self.size]
        return max(1, round(usual * factor))


def wish_of(text: str) -> Wish:
    """The wish at the beginning or at the end of what is written behind the command."""
    words = text.split()
    for place in (0, -1):
        if words and (wish := _as_wish(words[place])):
            rest = text.strip().removeprefix(words[0]) if place == 0 else text.rstrip().removesuffix(words[-1])
            return Wish(rest.strip(), wish.points, wish.size)
    return Wish(text.strip())


def _as_wish(word: str) -> Wish | None:
    if word.isascii() and word.isdecimal() and 1 <= int(word[:4]) <= MOST_POINTS:
        return Wish("", int(word))
    size = _SIZES.get(word.lower())
    return Wish("", size=size) if size else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of talk: what was said since a moment, at most so many messages."""

    since: datetime
    messages: int


def stretch_of(text: str, now: datetime, most: int) -> Stretch | None:
    """The stretch that "50", "2h", "3 天" or "yesterday" names, a day without a word; None for anything else."""
    text = text.strip().lower()
    if not text:
        return Stretch(now - timedelta(days=1), most)
    if text.isascii() and text.isdecimal():
        return Stretch(now - LONGEST, min(int(text[:6]), most)) if int(text[:6]) else None
    if text in _DAYS:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return Stretch(midnight - timedelta(days=_DAYS[text]), most)
    found = _SINCE.fullmatch(text)
    if found is None or not int(found[1]):
        return None
    back = timedelta(**{_UNITS[found[2]]: int(found[1])})
    return Stretch(now - min(back, LONGEST), most)
