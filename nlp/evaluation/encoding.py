"""How fast texts become vectors: this encoder beside sentence-transformers' own `encode`, on the same texts."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nlp.encoder import BUNDLED, bundled_folder, quiet_transformers


def sentence_transformers_encode(encoder: str, device: str) -> Callable[[Sequence[str]], Any]:
    """How sentence-transformers embeds texts with the same weights, as its manual says to do it."""
    from sentence_transformers import SentenceTransformer

    source = str(bundled_folder()) if encoder == BUNDLED else encoder
    with quiet_transformers():
        model = SentenceTransformer(
            source, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def texts_per_second(
    ways: Sequence[Callable[[Sequence[str]], Any]], texts: Sequence[str], rounds: int = 3
) -> list[float]:
    """For each way to encode: texts per second, the median of rounds in which all take turns."""
    times = [[_seconds(way, texts) for way in ways] for _ in range(rounds)]
    return [len(texts) / float(median) for median in np.median(times, axis=0)]


def _seconds(way: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    start = time.perf_counter()
    way(texts)
    return time.perf_counter() - start
