"""Which sentences are shown: the worthiest that differ from each other and can be read where they stand.

A sentence that leans on the one before it (`nlp.summary.wording.leans`) is taken only when that one is taken already;
else it is passed over for the next best, unless nothing else is left. Of sentences cast in one mould
(`nlp.summary.moulds`) two are taken, and never a third, unless the text holds nothing else.
"""

from collections.abc import Collection, Sequence
from itertools import compress

from nlp.summary.features import Matrix, Weighed
from nlp.summary.moulds import mould, same_mould
from nlp.summary.reading import Sentence
from nlp.summary.wording import LONGEST, leans
from nlp.text import length

_REDUNDANCY = 0.02  # of worth, for a sentence that equals one taken (maximal marginal relevance, Carbonell 1998)
_QUOTES = "\"“‘'「『"
_SAME = 0.75  # likeness from which on a sentence says what another has said
_OF_A_MOULD = 2  # sentences of one mould that a summary has at most


def choose(weighed: Weighed, worth: Matrix, count: int) -> list[int]:
    """The places of at most `count` sentences, in reading order; fewer where all others are of moulds seen twice."""
    found = weighed.sentences
    leaning = [leans(sentence.text) for sentence in found]
    brief = [length(sentence.text) <= LONGEST for sentence in found]
    moulds = [mould(sentence.text) for sentence in found]
    most = count if all(same_mould(moulds[0], other) for other in moulds) else _OF_A_MOULD
    chosen: list[int] = []
    likeness, alike = worth * 0.0, [0] * len(found)
    left = list(range(len(found)))
    while left and len(chosen) < count:
        pool = _prefer(left, [not leaning[i] or _is_led(i, chosen, found) for i in left])
        pool = _prefer(pool, [bool(likeness[i] < _SAME) for i in pool])
        pool = _prefer(pool, [brief[i] for i in pool])
        gain = worth - _REDUNDANCY * likeness
        best = max(pool, key=gain.__getitem__)
        chosen.append(best)
        likeness = likeness.clip(min=weighed.likeness[best])
        alike = [seen + same_mould(moulds[best], other) for seen, other in zip(alike, moulds, strict=True)]
        left = [i for i in left if i != best and alike[i] < most]
    return sorted(chosen)


def headline(weighed: Weighed, worth: Matrix) -> int:
    """The place of the worthiest sentence that stands alone and quotes nobody."""
    texts = [sentence.text for sentence in weighed.sentences]
    alone = [not leans(text) and text[0] not in _QUOTES for text in texts]
    return max(_prefer(range(len(texts)), alone), key=worth.__getitem__)


def _prefer(places: Sequence[int], wanted: Sequence[bool]) -> Sequence[int]:
    """Those that are wanted, or all of them where none is."""
    return list(compress(places, wanted)) or places


def _is_led(place: int, chosen: Collection[int], found: Sequence[Sentence]) -> bool:
    """True where the sentence right before it in the text, be it the end of the last paragraph, is chosen."""
    if place - 1 not in chosen:
        return False
    before, after = found[place - 1], found[place]
    if before.paragraph == after.paragraph:
        return after.place == before.place + 1
    return after.paragraph == before.paragraph + 1 and after.opens
