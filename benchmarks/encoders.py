"""No encoder at all, for benchmarks of n-grams alone."""

from collections.abc import Sequence

import numpy as np

from nlp.encoder import TRUST_FLOOR, Encoded, Role


class NoEncoder:
    """Knows nothing of any text, so that a router relies on n-grams alone."""

    fingerprint = "none"
    reading = "none"
    dimension = 1

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:  # noqa: ARG002
        """See `nlp.encoder.Encoder.encode`."""
        return Encoded(np.zeros((len(texts), 1), np.float32), np.zeros(len(texts), np.float32))

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        return self.encode(texts)
