"""From streamed text to claims: sentences with the numbers of the sources that they cite, as soon as each is whole."""

import re
from dataclasses import dataclass

from nlp.errors import GeneratorError
from nlp.text import clean, sentences

MOST_CHARACTERS = 8000  # no answer is that long; a text that is will not end
_NUMBERS = r"\d{1,3}(?:\s*[,，、]\s*\d{1,3})*"
_MARK = re.compile(rf"[\[【［]({_NUMBERS})[\]】］]")
_LEADING = re.compile(rf"\s*(?:[\[【［]{_NUMBERS}[\]】］]\s*)+")
_HALF_A_MARK = re.compile(r"[\[【［][\d\s,，、]*$")
_STOP_BEFORE_MARK = re.compile(r"(?<=[.!?。！？])(?=[\[【［]\d)")
_THINKING = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_BULLET = re.compile(r"^(?:[-*•·]|\d{1,2}[.)、])\s+")
_SPACE_TO_DROP = re.compile(r"\s+(?=[.,;:!?。，；：！？\s])")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence without its marks, and the numbers in them, each once, in order."""

    text: str
    cited: tuple[int, ...]


def claims(text: str) -> list[Claim]:
    """The claims of a whole text. Marks behind a full stop belong to the sentence before it."""
    return [_claim(part) for part in _parts(text)]


class ClaimStream:
    """Takes pieces of a text, cut anywhere, and gives each claim once it is whole."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[Claim]:
        """The claims that this piece completes: those behind which another sentence has begun.

        Raises:
            GeneratorError: the text is longer than any answer.
        """
        self._text += piece
        if len(self._text) > MOST_CHARACTERS:
            raise GeneratorError(f"the generator wrote more than {MOST_CHARACTERS} characters: use another model")
        return self._take(_parts(_HALF_A_MARK.sub("", self._text))[:-1])

    def close(self) -> list[Claim]:
        """The claims that are left when the text has ended."""
        return self._take(_parts(self._text))

    def _take(self, whole: list[str]) -> list[Claim]:
        new = whole[self._given :]
        self._given = max(self._given, len(whole))
        return [_claim(part) for part in new]


def _parts(text: str) -> list[str]:
    """The sentences with their marks."""
    shown = _STOP_BEFORE_MARK.sub(" ", clean(_THINKING.sub("", text)))
    parts: list[str] = []
    for span in sentences(shown):
        part = shown[span.start : span.end]
        marks = _LEADING.match(part)
        if marks and parts and not _MARK.search(parts[-1]):
            parts[-1] += marks[0]
            part = part[marks.end() :]
        if part.strip():
            parts.append(part)
    return parts


def _claim(part: str) -> Claim:
    cited = [int(number) for mark in _MARK.finditer(part) for number in re.findall(r"\d+", mark[1])]
    bare = _MARK.sub("", part).replace("**", "").strip()
    return Claim(_SPACE_TO_DROP.sub("", _BULLET.sub("", bare)).strip(), tuple(dict.fromkeys(cited)))
