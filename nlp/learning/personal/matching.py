"""What the rules share: a copy of the text that is easy to match, and how a rule is written.

The copy has a character for each character of the text, so places found in it are places in the text. Full-width and
other compatibility characters become plain ones, every decimal digit of any script 0 to 9, every dash `-` and every
space that does not end a line a plain one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlp.types import Span

Finder = Callable[[str], Iterator[Span]]
_SHOWN_ALIKE = {**dict.fromkeys("‐‑‒–—―−", "-"), "’": "'", "‘": "'", "\t": " "}
LATIN = "A-Za-zÀ-ÖØ-öø-žƀ-ɏ"  # letters; `\w` would take Chinese characters for letters of a word beside them
AHEAD = "(?<![A-Za-z0-9])"  # `\b` sees no boundary between a Chinese character and a Latin letter
BEHIND = "(?![A-Za-z0-9])"


class _Plain(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain_character(chr(code))
        return plain


def _plain_character(character: str) -> str:
    if character in _SHOWN_ALIKE:
        return _SHOWN_ALIKE[character]
    if character.isspace() and character != "\n":
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


_PLAIN = _Plain()


def plain(text: str) -> str:
    """The copy of `text` that rules match, as long as it."""
    return text.translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of personal data and how to find it in a plain text."""

    kind: str
    find: Finder


def pattern(expression: str, flags: int = 0, check: Callable[[str], bool] | None = None) -> Finder:
    """A finder of a regular expression: of its group `it` where it has one; `check` may refuse what matched."""
    compiled = re.compile(expression, flags)
    group = "it" if "it" in compiled.groupindex else 0

    def find(text: str) -> Iterator[Span]:
        for match in compiled.finditer(text):
            if check is None or check(match[group]):
                yield Span(*match.span(group))

    return find


def digits(text: str) -> str:
    """The digits of `text`."""
    return "".join(filter(str.isdigit, text))
