"""Personal data taken out of text before anything is learned from it.

Rules find it by form and by what stands beside it, in English and in Chinese; a placeholder such as `<email>` stands
for what was there, so that a text still reads as what it asks for. Where two rules overlap, all that either found goes.
Dates, prices, versions, counts and measures are no personal data and stay.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from nlp.learning.personal.matching import Rule, plain
from nlp.learning.personal.numbers import NUMBER_RULES
from nlp.learning.personal.online import ONLINE_RULES
from nlp.learning.personal.people import PEOPLE_RULES
from nlp.learning.personal.places import PLACE_RULES
from nlp.text import clean
from nlp.types import Span

RULES: tuple[Rule, ...] = (*ONLINE_RULES, *NUMBER_RULES, *PLACE_RULES, *PEOPLE_RULES)
KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))
_HIDING = dict.fromkeys((0xAD, 0x34F, 0x61C, 0x180E, *range(0x2060, 0x2070), *range(0xE0000, 0xE0080)))


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text without personal data, and how many pieces of each kind were taken out of it."""

    text: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Found:
    span: Span
    rank: int


def scrub(text: str) -> Scrubbed:
    """`text` without control and zero-width characters, with `<kind>` in place of each piece of personal data.

    The kinds are those of `KINDS`: key, url, email, ip, handle, card, id, phone, address and name.
    """
    text = clean(text).translate(_HIDING)
    copy = plain(text)
    found = [_Found(span, rank) for rank, rule in enumerate(RULES) for span in rule.find(copy)]
    counts: Counter[str] = Counter()
    parts, place = [], 0
    for piece in _merged(found):
        kind = RULES[piece.rank].kind
        parts += [text[place : piece.span.start], f"<{kind}>"]
        place = piece.span.end
        counts[kind] += 1
    return Scrubbed("".join([*parts, text[place:]]), dict(counts))


def _merged(found: list[_Found]) -> list[_Found]:
    """The pieces in order, those that overlap joined under the kind of the earliest rule."""
    joined: list[_Found] = []
    for piece in sorted(found, key=lambda piece: (piece.span.start, -piece.span.end)):
        last = joined[-1] if joined else None
        if last is not None and piece.span.start < last.span.end:
            whole = Span(last.span.start, max(last.span.end, piece.span.end))
            joined[-1] = _Found(whole, min(last.rank, piece.rank))
        else:
            joined.append(piece)
    return joined
