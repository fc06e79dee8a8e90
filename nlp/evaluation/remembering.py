"""An encoder that remembers, so that a text that was embedded once need not be embedded again."""

from collections.abc import Sequence

import numpy as np

from nlp.encoder import TRUST_FLOOR, Encoded, Encoder, Role


class RememberingEncoder:
    """Remembers the features that it computes; serves them from memory only once `recalling` is set.

    So speed is measured on the encoder itself, and what follows the measurement does without it. A text that is not
    remembered is computed in either case.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, tuple[np.ndarray, np.float32]] = {}
        self.recalling = False

    @property
    def reading(self) -> str:
        """The encoder's own."""
        return self._encoder.reading

    @property
    def fingerprint(self) -> str:
        """See `nlp.encoder.Encoder.fingerprint`."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """See `nlp.encoder.Encoder.dimension`."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`; passed through."""
        return self._encoder.encode(texts, role, floor)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        if not self.recalling:
            encoded = self._encoder.features(texts)
            self._known.update(zip(texts, zip(encoded.vectors, encoded.coverage, strict=True), strict=True))
            return encoded
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing or not texts:
            encoded = self._encoder.features(missing)
            self._known.update(zip(missing, zip(encoded.vectors, encoded.coverage, strict=True), strict=True))
            if not texts:
                return encoded
        vectors, coverage = zip(*(self._known[text] for text in texts), strict=True)
        return Encoded(np.stack(vectors), np.array(coverage, np.float32))
