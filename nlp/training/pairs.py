"""What a retriever learns from: questions with a passage that answers each, and passages that do not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.model_store import DataSnapshot
from nlp.text import detect_language
from nlp.types import Language


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage that answers it, as it is embedded (`nlp.types.embedded`).

    `negatives` look like it and do not answer, the likest first. `weight` >= 0 is how much the pair teaches beside one
    of weight 1; `origin` names the row that it comes from.
    """

    question: str
    positive: str
    negatives: tuple[str, ...] = ()
    weight: float = 1.0
    origin: str = ""

    @property
    def language(self) -> Language:
        """The language of the question."""
        return detect_language(self.question)


def snapshot(pairs: Sequence[Pair], sources: Sequence[str] = ()) -> DataSnapshot:
    """The fingerprint of a training set; the order of its rows does not matter."""
    rows = sorted("\x1f".join((p.question, p.positive, *p.negatives, f"{p.weight:.6g}")) for p in pairs)
    digest = hashlib.sha256("\x1e".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
    return DataSnapshot(digest, len(rows), tuple(sources))
