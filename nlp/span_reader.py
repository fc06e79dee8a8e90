"""Close reading: sentences read together with the question, for how well they answer and for their short answers.

It reads what the bundled encoder's vocabulary knows, English, whichever encoder finds the passages. On a CPU it runs in
ONNX Runtime with int8 weights where there is a folder to keep the graph in, else in torch. The int8 weights halve the
time; on 70 questions of SQuAD's training articles the best sentence stayed the same each time.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlp.backends import Ids, Vectors
from nlp.backends.torch_backend import tokens_at_once
from nlp.encoder import BUNDLED_SHA256, bundled_folder, pick_device, trust
from nlp.errors import EncoderError
from nlp.folders import sha256
from nlp.minilm import known_share, pad, passes, read_tokenizer
from nlp.model_store import Arrays
from nlp.types import Span

if TYPE_CHECKING:
    from nlp.backends.onnx_backend import OnnxBackend

_log = logging.getLogger(__name__)
LONGEST, LONGEST_QUESTION = 96, 40  # tokens of a pair and of its question
_LONGEST_ANSWER = 20  # tokens
_WEIGHTS = "model.safetensors"
_RECIPE = 2  # goes up when graphs are made in another way
_AGREEMENT = 0.01  # greatest difference of a score between torch and ONNX Runtime
_LIGHT_AGREEMENT = 2.0  # and between full and int8 weights, where it was up to 1.24
_SAMPLE = ("When does the office open?", ("It opens at nine.", "Fish is served on Fridays, and soup on Mondays.", ""))

Forward = Callable[[Ids, Ids], tuple[Vectors, Vectors]]


@dataclass(frozen=True, slots=True)
class SpanReading:
    """`score`: log-odds that a text answers; `span`: its likeliest short answer, of probability `sure` in [0, 1]."""

    score: float
    span: Span
    sure: float


class SpanReader:
    """Reads texts for a question. `forward` computes a `nlp.span_network.SpanNetwork`, `tokens` in a pass at best."""

    def __init__(self, tokenizer: Any, forward: Forward, tokens: int) -> None:
        self._tokenizer = tokenizer
        self.forward = forward
        self.tokens = tokens

    def trust(self, question: str) -> float:
        """How far to rely on a reading for this question, in [0, 1]: not at all where its words are not known."""
        return reading_trust(self._tokenizer, question)

    def read(self, question: str, texts: Sequence[str]) -> list[SpanReading]:
        """One reading a text; of long ones the beginning is read."""
        rows = encode_pairs(self._tokenizer, question, texts)
        ids = [row.ids for row in rows]
        found: dict[int, SpanReading] = {}
        for picked in passes(ids, list(range(len(rows))), self.tokens):
            scores, places = self.forward(*pad([ids[i] for i in picked]))
            for i, score, place in zip(picked, scores, places, strict=True):
                found[i] = SpanReading(float(score), *_likeliest(place, rows[i].offsets))
        return [found[i] for i in range(len(rows))]


def pair_tokenizer(folder: Path) -> Any:
    """The tokenizer of an encoder's folder, for pairs of a question and a text that is cut where it is too long."""
    tokenizer = read_tokenizer(folder)
    tokenizer.enable_truncation(LONGEST, strategy="longest_first")
    return tokenizer


def reading_trust(tokenizer: Any, question: str) -> float:
    """See `SpanReader.trust`."""
    ids = tokenizer.encode(question, add_special_tokens=False).ids
    known = known_share(ids, tokenizer.token_to_id("[UNK]"))
    return float(trust(np.array([known], np.float32))[0])


def encode_pairs(tokenizer: Any, question: str, texts: Sequence[str]) -> list[Any]:
    """The encodings of a question, cut where it is too long, with each of the texts."""
    offsets = tokenizer.encode(question, add_special_tokens=False).offsets[:LONGEST_QUESTION]
    asked = question[: offsets[-1][1]] if offsets else ""
    encodings: list[Any] = tokenizer.encode_batch([(asked, text) for text in texts])
    return encodings


def _likeliest(places: NDArray[np.float32], offsets: Sequence[tuple[int, int]]) -> tuple[Span, float]:
    """The span whose start and end are likeliest together, from their logits (t, 2), and its probability."""
    logits = places[: len(offsets)].astype(np.float64)
    shares = np.exp(logits - logits.max(axis=0))
    shares /= shares.sum(axis=0)
    pairs = np.triu(np.outer(shares[:, 0], shares[:, 1]))
    pairs -= np.triu(pairs, _LONGEST_ANSWER)
    start, end = divmod(int(pairs.argmax()), len(pairs))
    span = Span(offsets[start][0], offsets[end][1])
    return span, float(pairs[start, end]) if span.start < span.end else 0.0


def load_span_reader(
    arrays: Arrays, device: str = "auto", cache: Path | None = None, base: Path | None = None
) -> SpanReader:
    """The reader of trained arrays (`nlp.span_network.arrays_of`) on the bundled encoder, or on that of a folder.

    Raises:
        EncoderError: the encoder is not installed, or the device is not known. ModelError: the arrays do not fit.
    """
    source = _Source(arrays, base or bundled_folder(), sha256(base / _WEIGHTS) if base else BUNDLED_SHA256)
    chosen = pick_device(device)
    if chosen == "cpu" and cache is not None:
        try:
            graph = _open_graph(cache, source)
            return SpanReader(source.tokenizer, graph.forward, graph.tokens)
        except EncoderError as error:
            _log.warning("%s; torch reads instead", error)
    return SpanReader(source.tokenizer, _in_torch(source.network(), chosen), tokens_at_once(chosen))


class _Source:
    """What a reader is made from: trained arrays, and the encoder that they belong to."""

    def __init__(self, arrays: Arrays, folder: Path, weights_sha256: str) -> None:
        self.arrays = arrays
        self.folder = folder
        self._weights_sha256 = weights_sha256
        self.tokenizer = pair_tokenizer(folder)

    @property
    def digest(self) -> str:
        """Names encoder and arrays, and how graphs are made of them."""
        from nlp.backends.onnx_backend import runtime_version

        digest = hashlib.sha256(f"{_RECIPE} {self._weights_sha256} {runtime_version()}".encode())
        for name, array in sorted(self.arrays.items()):
            digest.update(name.encode() + array.tobytes())
        return digest.hexdigest()[:16]

    def network(self, attention: str = "sdpa") -> Any:
        """The network in torch."""
        from nlp.pretrained import load_pretrained
        from nlp.span_network import merged_network

        network = merged_network(load_pretrained(str(self.folder)), self.tokenizer.token_to_id("[SEP]"), self.arrays)
        network.encoder.set_attn_implementation(attention)
        return network


def _in_torch(network: Any, device: str) -> Forward:
    import torch

    network = network.to(device)

    def forward(ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        with torch.inference_mode():
            scores, places = network(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
        return scores.cpu().numpy(), places.cpu().numpy()

    return forward


def _open_graph(cache: Path, source: _Source) -> "OnnxBackend":
    from nlp.backends.onnx_backend import Graphs, OnnxBackend
    from nlp.backends.onnx_export import export_spans, quantize

    def build(path: Path) -> dict[str, float]:
        network = source.network("eager")
        export_spans(network, path)
        return _compared(path, _in_torch(network, "cpu"), source, _AGREEMENT)

    def lighten(path: Path) -> dict[str, float]:
        quantize(full, path)
        return _compared(path, OnnxBackend(full, source.folder).forward, source, _LIGHT_AGREEMENT)

    graphs = Graphs(cache / "spans", source.digest)
    full = graphs.get("fp32", build)
    return OnnxBackend(graphs.get("int8", lighten), source.folder, serves=True)


def _compared(path: Path, truth: Forward, source: _Source, most: float) -> dict[str, float]:
    """How far the scores of a graph are from those of another way to compute them.

    Raises:
        EncoderError: further than `most`.
    """
    from nlp.backends.onnx_backend import OnnxBackend

    ids, mask = pad([row.ids for row in encode_pairs(source.tokenizer, *_SAMPLE)])
    difference = float(np.abs(OnnxBackend(path, source.folder).forward(ids, mask)[0] - truth(ids, mask)[0]).max())
    if not difference <= most:
        raise EncoderError(f"the exported reader differs from the trained one by {difference:.3f}, and may by {most}")
    return {"difference": difference}
