"""Which sentences are shown: the worthiest that differ from each other and can be read where they stand.

A sentence that leans on the one before it (`nlp.summary.wording.leans`) is taken only when that one is taken already;
else it is passed over for the next best, unless nothing else is left.
"""

from collections.abc import Callable

from nlp.summary.features import Matrix, Weighed
from nlp.summary.reading import Sentence
from nlp.summary.wording import LONGEST, leans
from nlp.text import length

_REDUNDANCY = 0.05  # of worth, for a sentence that equals one taken (maximal marginal relevance, Carbonell 1998)
_SAME = 0.75  # likeness from which on a sentence says what another has said


def choose(weighed: Weighed, worth: Matrix, count: int) -> list[int]:
    """The places of at most `count` sentences, in reading order."""
    found = weighed.sentences
    leaning = [leans(sentence.text) for sentence in found]
    brief = [length(sentence.text) <= LONGEST for sentence in found]
    chosen: list[int] = []
    likeness = worth * 0.0
    left = list(range(len(found)))
    while left and len(chosen) < count:
        pool = _prefer(left, lambda i: not leaning[i] or (i - 1 in chosen and _follows(found[i - 1], found[i])))
        pool = _prefer(pool, lambda i: bool(likeness[i] < _SAME))
        pool = _prefer(pool, brief.__getitem__)
        best = max(pool, key=lambda i: worth[i] - _REDUNDANCY * likeness[i])
        chosen.append(best)
        left.remove(best)
        likeness = likeness.clip(min=weighed.likeness[best])
    return sorted(chosen)


def headline(weighed: Weighed, worth: Matrix) -> int:
    """The place of the worthiest sentence that stands alone and quotes nobody."""
    texts = [sentence.text for sentence in weighed.sentences]
    pool = _prefer(list(range(len(texts))), lambda i: not leans(texts[i]) and texts[i][0] not in "\"“‘'「『")
    return max(pool, key=worth.__getitem__)


def _prefer(places: list[int], wanted: Callable[[int], bool]) -> list[int]:
    return [place for place in places if wanted(place)] or places


def _follows(before: Sentence, after: Sentence) -> bool:
    """True for neighbours in the text, over the end of a paragraph too."""
    if before.paragraph == after.paragraph:
        return after.place == before.place + 1
    return after.paragraph == before.paragraph + 1 and after.opens
