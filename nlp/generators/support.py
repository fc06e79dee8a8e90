"""Whether the cited passages support a claim. What they do not support is not said.

A claim must cite sources that were given. In each it is laid beside the two neighbouring sentences that are closest to
it, and these must hold every number and every name of the claim, deny where it denies, and share enough of its words,
weighed by how rare they are in the documents. With fewer words in common, or in another language, it is the encoder
that must find the two alike, where it knows their languages; elsewhere such a claim is refused.

`WORDS_LEAST` and `ALIKE` stand in the middle of the gap between rewordings and false claims in
`tests/nlp/generators/test_support.py` with the bundled encoder (0.13 to 0.28 and 0.33 to 0.68); the other two are
stricter by judgement.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.encoder import Encoder, trust
from nlp.generators.base import Task
from nlp.generators.claims import Claim
from nlp.generators.numbers import numbers
from nlp.lexical import terms
from nlp.reader import AskedQuestion, Reader, spans_of
from nlp.text import detect_language, fold, has_han, words
from nlp.types import Evidence, Passage, Statement

WORDS_ALONE = 0.6  # share of the claim's rarity in the cited sentences that suffices by itself
WORDS_LEAST = 0.2  # share that is needed where the encoder finds them alike
ALIKE = 0.5  # cosine that a claim with few words in common must reach
ALIKE_ACROSS = 0.75  # cosine that a claim in another language must reach
_KNOWN = 0.5  # trust in both vectors below which a cosine says nothing
_WORTH_CITING = 0.15  # share of a claim's rarity that a passage must hold to be shown among its sources

_NAME = re.compile(r"(?<![.!?:\"“‘(]\s)(?<!^)\b[A-Z][\w'’-]*|\b\w*\d\w*[A-Za-z]\w*|\b[A-Za-z]+\d\w*|\b[A-Z]{2,}\b")
_LATIN = re.compile(r"[A-Za-z][\w-]*")
_NO_NAMES = frozenset("i i'm i'd i'll i've ok a".split())
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unable|forbidden|prohibited)\b|n['’]t\b|不|没|无|未|禁止|勿"
)
_DENIES_NOTHING = re.compile(r"不但|不仅|不同|不少|不断|不过|无论|未来|没错|\bnot only\b|\bno matter\b|\bno\.\s?\d")


@dataclass(frozen=True, slots=True)
class _Window:
    """Two neighbouring sentences of a passage, the first of which, or the second, is `evidence`."""

    evidence: Evidence
    text: str
    share: float


class SupportChecker:
    """Checks claims with the encoder and the corpus that the reader reads with."""

    def __init__(self, encoder: Encoder, reader: Reader) -> None:
        self._encoder = encoder
        self._reader = reader

    def check(self, claim: Claim, task: Task) -> tuple[Statement, tuple[Evidence, ...]] | None:
        """The claim as a statement with one sentence of evidence for each passage it stands on; None if unsupported."""
        if not claim.text or not claim.cited or not all(1 <= n <= len(task.sources) for n in claim.cited):
            return None
        asked = self._reader.ask(claim.text, self._encoder.encode([claim.text]))
        cited = [task.sources[number - 1] for number in claim.cited]
        windows = [window for passage in cited if (window := _closest(asked, passage, task))]
        if not windows or not self._supports(asked, windows):
            return None
        best = max(window.share for window in windows)
        kept = [w for w in windows if w.share >= _WORTH_CITING or w.share == best]
        return Statement(claim.text, tuple(w.evidence.passage.key for w in kept)), tuple(w.evidence for w in kept)

    def _supports(self, asked: AskedQuestion, windows: Sequence[_Window]) -> bool:
        together = "\n".join(window.text for window in windows)
        if not (numbers(asked.text) <= numbers(together) and _denies(asked.text) == _denies(together)):
            return False
        if detect_language(asked.text) != detect_language(together):
            return names(asked.text) <= word_set(together) and self._alike(asked, windows) >= ALIKE_ACROSS
        if not names(asked.text) <= word_set(together):
            return False
        share = asked.share(set(terms(together)))
        return share >= WORDS_ALONE or (share >= WORDS_LEAST and self._alike(asked, windows) >= ALIKE)

    def _alike(self, asked: AskedQuestion, windows: Sequence[_Window]) -> float:
        """The best cosine between the claim and a window, in [-1, 1]; 0 where the encoder does not know them."""
        if asked.trust.encoder < _KNOWN:
            return 0.0
        encoded = self._encoder.encode([text for w in windows for text in (w.text, w.evidence.text)])
        cosines = np.where(trust(encoded.coverage) >= _KNOWN, encoded.vectors @ asked.vector, 0.0)
        return float(cosines.max())


def names(text: str) -> frozenset[str]:
    """The names in a sentence, folded: capitalised words inside it, mixtures with digits; in Chinese, Latin words."""
    pattern = _LATIN if has_han(text) and detect_language(text) == "zh" else _NAME
    return frozenset(w for match in pattern.finditer(text) for w in words(fold(match[0]))) - _NO_NAMES


def word_set(text: str) -> frozenset[str]:
    """The words of a text, folded, among which its names are looked for."""
    return frozenset(words(fold(text)))


def _denies(text: str) -> bool:
    return bool(_DENIES.search(_DENIES_NOTHING.sub(" ", fold(text))))


def _closest(asked: AskedQuestion, passage: Passage, task: Task) -> _Window | None:
    """The sentence of a passage that shares most with the claim, with a neighbour where that adds to it."""
    spans = spans_of(passage)
    if not spans:
        return None
    texts = [passage.text[span.start : span.end] for span in spans]
    shares = [asked.share(set(terms(text))) for text in texts]
    best = max(range(len(spans)), key=shares.__getitem__)
    around = [texts[best]]
    neighbours = [place for place in (best - 1, best + 1) if 0 <= place < len(spans)]
    if neighbours:
        beside = max(neighbours, key=lambda place: asked.share(set(terms(texts[place])) - set(terms(texts[best]))))
        if asked.share(set(terms(texts[beside])) - set(terms(texts[best]))):
            around.append(texts[beside])
    text = "\n".join([passage.title, passage.heading, *around]).strip()
    score = next((e.score for e in task.reading.evidence if (e.passage.key, e.span) == (passage.key, spans[best])), 0.0)
    return _Window(Evidence(passage, spans[best], score), text, asked.share(set(terms(text))))


def merge(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Each sentence once, in the order in which the statements cite them."""
    return tuple({(item.passage.key, item.span): item for item in evidence}.values())
