"""The encoder in ONNX Runtime, on the CPU: exported once into a cache, checked against torch, opened from there.

    <cache>/<key>-fp32/graph.onnx, graph.json      the encoder and what was found when it was checked
    <cache>/<key>-int8/graph.onnx, graph.json      the same with int8 weights, for classifiers alone

The key names weights, feature layers and library, so a graph that is out of date is never found; one that is damaged
is made again. Whatever goes wrong is an `EncoderError`, and the caller goes on with torch.
"""

import hashlib
import json
import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.backends import Backend, Ids, Vectors
from nlp.encoder import POOLING
from nlp.errors import EncoderError
from nlp.folders import sha256, sync
from nlp.minilm import pad, read_tokenizer

_log = logging.getLogger(__name__)
_RECIPE = 2  # goes up when graphs are made in another way
_TOKENS = 256  # the fastest of 96 to 640 on CLINC150
_GRAPH, _FACTS = "graph.onnx", "graph.json"
_FOLDER = re.compile(r"[0-9a-f]{16}-(fp32|int8)")
AGREEMENT = 0.9999  # least cosine between torch and ONNX Runtime on each text of the sample
SAMPLE = (
    "hi",
    "How do I reset my password?",
    "你好，怎么重置密码？",
    "退款会在购买后三十天内支付。 Refunds are paid within thirty days of the purchase.",
    "The office opens at nine and closes at six, except on public holidays and on the last Friday of the month.",
    "what's the wi-fi password in room 4.12 & who do I e-mail (it's urgent!!) about v2.0-beta? 谢谢",
    "A longer passage about how passwords are reset, step by step. " * 12,
    "",
)


class OnnxBackend:
    """See `nlp.backends.Backend`."""

    tokens = _TOKENS

    def __init__(self, path: Path, folder: Path, *, serves: bool = False) -> None:
        """`folder` is the encoder's, with its tokenizer. What `serves` reads one message at a time and leaves a core to
        whatever receives, logs and sends meanwhile; on two cores that is worth half the processor time."""
        self._path = path
        self._folder = folder
        self._session = _open(path, serves=serves)

    def forward(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        """See `nlp.backends.Backend.forward`."""
        sentence, features = self._session.run(None, {"ids": ids, "mask": mask})
        return sentence, features

    def quantized(self) -> "OnnxBackend":
        """See `nlp.backends.Backend.quantized`: made once, beside the one with full precision."""
        from nlp.backends.onnx_export import quantize

        def build(path: Path) -> dict[str, float]:
            quantize(self._path, path)
            return {"features": agreement(OnnxBackend(path, self._folder), self, _sample_ids(self._folder))[1]}

        full = self._path.parent
        graphs = Graphs(full.parent, full.name.removesuffix("-fp32"))
        return OnnxBackend(graphs.get("int8", build), self._folder, serves=True)


def open_onnx(cache: Path, folder: Path, weights_sha256: str) -> OnnxBackend:
    """The encoder of `folder`, from the cache or exported into it now, which takes a few seconds.

    Raises:
        EncoderError: it cannot be written or opened, or differs from torch.
    """
    key = json.dumps([_RECIPE, weights_sha256, POOLING, runtime_version()])
    graphs = Graphs(cache, hashlib.sha256(key.encode()).hexdigest()[:16])
    return OnnxBackend(graphs.get("fp32", lambda path: _export_checked(folder, path)), folder)


def agreement(one: Backend, other: Backend, texts: list[list[int]]) -> tuple[float, float]:
    """The least cosine of sentences and of features over tokenised texts, each alone and all in one batch."""
    least = [1.0, 1.0]
    for batch in [*([text] for text in texts), texts]:
        pairs = zip(one.forward(*pad(batch)), other.forward(*pad(batch)), strict=True)
        least = [min(low, float((a * b).sum(axis=1).min())) for low, (a, b) in zip(least, pairs, strict=True)]
    return least[0], least[1]


def _export_checked(folder: Path, path: Path) -> dict[str, float]:
    from nlp.backends.onnx_export import export_encoder
    from nlp.backends.torch_backend import TorchBackend, load_bert

    model = load_bert(folder, "eager")
    export_encoder(model, path)
    sentence, features = agreement(OnnxBackend(path, folder), TorchBackend(model, "cpu"), _sample_ids(folder))
    if not min(sentence, features) >= AGREEMENT:
        raise EncoderError(
            f"the exported encoder agrees with torch to {min(sentence, features):.5f} only, {AGREEMENT} is needed"
        )
    return {"sentence": sentence, "features": features}


def _sample_ids(folder: Path) -> list[list[int]]:
    return [row.ids for row in read_tokenizer(folder).encode_batch(list(SAMPLE))]


def _open(path: Path, *, serves: bool) -> Any:
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    threads = torch.get_num_threads()  # the cores, or OMP_NUM_THREADS
    options.intra_op_num_threads = max(1, threads - 1) if serves else threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")  # waiting threads leave the core to others
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises classes of its own that share no public base
        raise EncoderError(
            f"encoder graph {str(path)!r} cannot be opened by ONNX Runtime: remove its folder"
        ) from error


def runtime_version() -> str:
    """The version of ONNX Runtime, which optimises graphs in its own way."""
    import onnxruntime

    return str(onnxruntime.__version__)


@dataclass(frozen=True)
class Graphs:
    """The graphs of one network in a cache folder of their own; those of another key are removed."""

    cache: Path
    key: str

    def get(self, precision: str, build: Callable[[Path], Mapping[str, float]]) -> Path:
        """The intact graph of this precision, built now where there is none.

        Raises:
            EncoderError: it cannot be built or written.
        """
        folder = self.cache / f"{self.key}-{precision}"
        if folder.exists():
            if _is_intact(folder):
                return folder / _GRAPH
            _log.warning("encoder graph %r is damaged; it is made again", str(folder))
        try:
            self._write(folder, build)
        except OSError as error:
            raise EncoderError(f"encoder cache {str(self.cache)!r} cannot be written: {error.strerror}") from error
        return folder / _GRAPH

    def _write(self, folder: Path, build: Callable[[Path], Mapping[str, float]]) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=self.cache))
        try:
            facts = {"agreement": dict(build(scratch / _GRAPH)), "sha256": sha256(scratch / _GRAPH)}
            (scratch / _FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")
            scratch.chmod(0o755)
            for path in (scratch / _GRAPH, scratch / _FACTS):
                sync(path)
            if not _is_intact(folder):  # another process may have made it meanwhile
                shutil.rmtree(folder, ignore_errors=True)
                scratch.rename(folder)
            self._drop_stale()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _drop_stale(self) -> None:
        for path in self.cache.iterdir():
            if _FOLDER.fullmatch(path.name) and not path.name.startswith(self.key):
                shutil.rmtree(path, ignore_errors=True)


def _is_intact(folder: Path) -> bool:
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return bool(facts["sha256"] == sha256(folder / _GRAPH))
    except (OSError, ValueError, TypeError, KeyError):
        return False
