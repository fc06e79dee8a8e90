"""Back ends of the bundled encoder: what turns token ids into pooled vectors, torch or ONNX Runtime.

Tokenising, sorting and coverage belong to `nlp.encoder.MiniLMEncoder`, once; a back end only computes.
"""

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
Choice = Literal["auto", "torch", "onnx"]
CHOICES: tuple[Choice, ...] = ("auto", "torch", "onnx")


class Backend(Protocol):
    """Computes the encoder."""

    @property
    def tokens(self) -> int:
        """How many tokens, padding included, one pass takes at best."""
        ...

    def forward(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        """Unit vectors of sentences (n, d) and their features (n, k d), from padded ids and mask (n, t)."""
        ...

    def quantized(self) -> "Backend":
        """One with int8 weights, whose features classifiers may read.

        Raises:
            EncoderError: there is none for this back end, or it cannot be made.
        """
        ...
