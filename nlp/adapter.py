"""What a retriever has learned: a small change of the question's vector before the dense search.

The vector q of a question becomes q + (q A) B at unit length, with A (d, r) and B (r, d) of low rank r, trained by
`nlp.training.retriever`. Vectors of passages stay as the encoder makes them, so one index serves every version, and
changing the version needs no index built anew. Only the dense search sees the change: what compares sentences with the
question, as the reader does, takes the encoder's own vector.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nlp.encoder import Encoded, Encoder, Vectors
from nlp.errors import ModelError
from nlp.model_store import Arrays, read_model

KIND, ARCHITECTURE = "retriever", "query-adapter"
ENCODER = "encoder"  # where the configuration of a stored adapter names its encoder


@dataclass(frozen=True, eq=False)
class QueryAdapter:
    """`down` (d, r) and `up` (r, d), float32, for the vectors of the encoder with the fingerprint `encoder`."""

    down: Vectors
    up: Vectors
    encoder: str
    version: str = "unsaved"

    def apply(self, vectors: Vectors) -> Vectors:
        """The changed vectors (n, d), at unit length; zero stays zero."""
        moved = vectors + (vectors @ self.down) @ self.up
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        scaled: Vectors = np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 0)
        return scaled

    def adapt(self, encoded: Encoded) -> Encoded:
        """Encoded questions as the dense search shall see them."""
        return replace(encoded, vectors=self.apply(encoded.vectors))

    def to_arrays(self) -> Arrays:
        """The arrays as they are stored."""
        return {"down": self.down, "up": self.up}


def load_adapter(folder: Path, encoder: Encoder) -> QueryAdapter:
    """The adapter in a model folder.

    Raises:
        ModelError: the folder holds no intact one, or one for another encoder.
    """
    manifest, arrays = read_model(folder)
    if manifest.kind != KIND or set(arrays) != {"down", "up"}:
        raise ModelError(f"{str(folder)!r} holds no adapter of a retriever: choose another version")
    found = str(manifest.configuration.get(ENCODER))
    if found != encoder.fingerprint:
        raise ModelError(
            f"retriever {manifest.version!r} was trained with encoder {found!r}, and the present one is "
            f"{encoder.fingerprint!r}: train it again"
        )
    down, up = arrays["down"], arrays["up"]
    fits = down.shape == up.shape[::-1] and down.shape[:1] == (encoder.dimension,)
    if not (fits and np.isfinite(down).all() and np.isfinite(up).all()):
        raise ModelError(f"retriever {manifest.version!r} does not fit its encoder: train it again")
    return QueryAdapter(down.astype(np.float32), up.astype(np.float32), found, manifest.version)
