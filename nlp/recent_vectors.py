"""Vectors of sentences that were compared with a question lately: knowledge that is asked about is encoded once."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoder

Vectors = NDArray[np.float32]


class RecentVectors:
    """Keeps the vectors of the `most` texts that were asked for last, of any encoder; any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._using = threading.Lock()

    def of(self, texts: Sequence[str], encoder: Encoder) -> Vectors:
        """The vectors (n, d) that `encoder` gives the texts, n >= 1."""
        keys = [(encoder.fingerprint, text) for text in texts]
        with self._using:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            found.update(zip(missing, encoder.encode([text for _, text in missing]).vectors, strict=True))
        with self._using:
            self._keep(found)
        return np.stack([found[key] for key in keys])

    def _keep(self, found: dict[tuple[str, str], Vectors]) -> None:
        for key, vector in found.items():
            self._kept[key] = vector
            self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
