"""Retrieval: dense and lexical ranking on one scale, in one code path for every caller.

Each ranker's score is turned into evidence (log-odds) by constants fitted on the training halves of SQuAD 1.1 and
CMRC 2018 (`python -m benchmarks.fit_fusion`). The dense ranker counts only as far as the encoder knows the words
of the question, so text that the encoder cannot read is ranked by its words alone.
"""

import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.encoder import Encoded, Encoder, Vectors, trust
from nlp.errors import IndexDamaged
from nlp.filters import EVERYTHING, Filter, Label
from nlp.index import VectorIndex
from nlp.lexical import LexicalIndex, remove_lexical
from nlp.types import Hit

_MANIFEST = "manifest.json"
_VECTORS = "vectors.safetensors"
_LEXICAL = "lexical"
_FORMAT = 3


@dataclass(frozen=True)
class Fusion:
    """Scores to evidence: `bias + trust * (dense * cosine + lexical * share) + (1 - trust) * lexical_alone * share`.

    `share` is the lexical score in [0, 1], `trust` in [0, 1] how far the encoder can be relied on for this question.
    """

    bias: float = -7.9
    trusted_bias: float = -1.0
    dense: float = 4.8
    lexical: float = 12.6
    lexical_alone: float = 22.8

    def score(self, cosine: float, share: float, trusted: float) -> float:
        """The fused score in [0, 1]."""
        evidence = self.bias + trusted * (self.trusted_bias + self.dense * cosine + self.lexical * share)
        return _sigmoid(evidence + (1 - trusted) * self.lexical_alone * share)


class Retriever:
    """Finds passages by meaning and by words. Both indexes hold the same keys, except after a crash."""

    def __init__(
        self,
        encoder: Encoder,
        vectors: VectorIndex | None = None,
        lexical: LexicalIndex | None = None,
        fusion: Fusion = Fusion(),
        depth: int = 50,
    ) -> None:
        self.encoder = encoder
        self.vectors = VectorIndex(encoder.dimension) if vectors is None else vectors
        self.lexical = LexicalIndex() if lexical is None else lexical
        self.fusion = fusion
        self._depth = depth

    def __len__(self) -> int:
        return len(self.vectors)

    def update(
        self,
        remove: Collection[int],
        keys: Sequence[int],
        texts: Sequence[str],
        vectors: Vectors,
        labels: Sequence[Label] = (),
    ) -> None:
        """Remove some keys and add others, with the texts (n), unit vectors (n, d) and labels (n) of their passages."""
        self.vectors.remove(remove)
        self.vectors.add(keys, vectors, labels)
        self.lexical.update(remove, zip(keys, texts, strict=True), labels)

    def replace(
        self,
        documents: Collection[int],
        keys: Sequence[int],
        texts: Sequence[str],
        vectors: Vectors,
        labels: Sequence[Label],
    ) -> None:
        """Remove all that is labelled with some documents, and add passages as `update` does.

        Doing so twice is doing so once, even where one index has seen more of it than the other.
        """
        self.vectors.remove(self.vectors.keys_of(documents))
        self.vectors.add(keys, vectors, labels)
        self.lexical.update((), zip(keys, texts, strict=True), labels, documents)

    def search(
        self, question: str, limit: int = 10, excluded: Collection[int] = (), wanted: Filter = EVERYTHING
    ) -> list[Hit]:
        """The best passages for a question that `wanted` admits, best first, leaving out the excluded keys."""
        return self.search_encoded(question, self.encoder.encode([question], "query"), limit, excluded, wanted)

    def search_encoded(
        self,
        question: str,
        encoded: Encoded,
        limit: int = 10,
        excluded: Collection[int] = (),
        wanted: Filter = EVERYTHING,
    ) -> list[Hit]:
        """As `search`, for a question that is encoded already (one row)."""
        trusted = float(trust(encoded.coverage)[0])
        depth = max(self._depth, limit)
        lexical = dict(self.lexical.search(question, depth, excluded, wanted))
        dense = dict(self.vectors.search(encoded.vectors[0], depth, excluded, wanted)) if trusted else {}
        missing = [key for key in lexical if key not in dense] if trusted else []
        dense.update(zip(missing, self.vectors.cosines(encoded.vectors[0], missing), strict=True))
        # A passage beyond the depth of the lexical ranking scores at most what its last one does.
        floor = min(lexical.values()) if len(lexical) >= depth else 0.0
        hits = [
            self._hit(key, dense.get(key, 0.0), lexical.get(key, floor), trusted)
            for key in dense.keys() | lexical.keys()
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[:limit]

    def _hit(self, key: int, cosine: float, share: float, trusted: float) -> Hit:
        return Hit(key, self.fusion.score(cosine, share, trusted), max(0.0, cosine) * trusted, share)

    @property
    def fits(self) -> bool:
        """False when one index holds more than the other."""
        return len(self.vectors) == len(self.lexical)

    def save(self, folder: Path, generation: int) -> None:
        """Write the dense index and the manifest; the lexical index, opened in `folder`, is on disk already."""
        folder.mkdir(parents=True, exist_ok=True)
        self.vectors.save(folder / _VECTORS)
        manifest = {
            "format": _FORMAT,
            "encoder": self.encoder.fingerprint,
            "generation": generation,
            "count": len(self),
        }
        scratch = folder / f"{_MANIFEST}.new"
        scratch.write_text(json.dumps(manifest), encoding="utf-8")
        scratch.replace(folder / _MANIFEST)

    @classmethod
    def load(cls, encoder: Encoder, folder: Path) -> tuple["Retriever", int]:
        """The retriever saved in `folder`, and the knowledge generation that it was built from.

        The lexical index, which is on disk at every change, may be ahead: `replace` all that changed since then.

        Raises:
            IndexDamaged: there is none, it is for another encoder, or it does not fit its manifest.
        """
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            described = (manifest["format"], manifest["encoder"], manifest["count"])
            generation = int(manifest["generation"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"no usable index in {str(folder)!r}") from error
        vectors, lexical = VectorIndex.load(folder / _VECTORS), LexicalIndex(folder / _LEXICAL)
        if described != (_FORMAT, encoder.fingerprint, len(vectors)):
            raise IndexDamaged(f"the index in {str(folder)!r} does not fit its manifest")
        return cls(encoder, vectors, lexical), generation

    @classmethod
    def create(cls, encoder: Encoder, folder: Path) -> "Retriever":
        """An empty retriever whose caches will live in `folder`; what was there is removed."""
        _clear(folder)
        return cls(encoder, lexical=LexicalIndex(folder / _LEXICAL))

    @staticmethod
    def move(source: Path, folder: Path) -> None:
        """Put the caches of one folder in the place of another's; until the last step `folder` holds none."""
        _clear(folder)
        for name in (_LEXICAL, _VECTORS, _MANIFEST):
            (source / name).rename(folder / name)


def build(encoder: Encoder, texts: Iterable[tuple[int, str]]) -> Retriever:
    """A retriever in memory over keyed texts."""
    retriever, items = Retriever(encoder), list(texts)
    bodies = [text for _, text in items]
    retriever.update((), [key for key, _ in items], bodies, encoder.encode(bodies).vectors)
    return retriever


def _clear(folder: Path) -> None:
    (folder / _MANIFEST).unlink(missing_ok=True)
    (folder / _VECTORS).unlink(missing_ok=True)
    remove_lexical(folder / _LEXICAL)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))
