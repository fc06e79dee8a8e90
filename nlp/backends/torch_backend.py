"""The encoder in torch: on a GPU, where ONNX Runtime cannot be used, and as the truth that other back ends match.

Many passages at once are computed in bfloat16 where the CPU multiplies whole tiles of it (Intel AMX): 2.4 times as
fast as single precision and within 0.0001 of its cosines. Elsewhere bfloat16 on a CPU is slower, and is not used.
"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from nlp.backends import Ids, Vectors
from nlp.encoder import pool, quiet_transformers
from nlp.errors import EncoderError

_TOKENS_ON_CPU = 256  # larger passes fall out of the caches: 218 texts/s, 106 at 2048 (CLINC150, one core)
_TOKENS_IN_TILES = 2048  # 85 to 110 passages/s, 75 at 1024 and 81 at 4096 (SQuAD, two cores)
_TOKENS_ON_GPU = 16_384  # on an H100 29,000 texts/s; 26,000 at 4,096 and 23,000 at 65,536 (CLINC150)


class TorchBackend:
    """See `nlp.backends.Backend`. `half` computes matrix products in bfloat16, on a GPU alone.

    Raises:
        EncoderError: half precision is asked for on a CPU.
    """

    def __init__(self, model: Any, device: str, *, half: bool = False) -> None:
        if half and not device.startswith("cuda"):
            raise EncoderError(f"half precision was asked for on device {device!r}: it is for GPUs alone")
        self._model = model.to(device)
        self._device = device
        self._half = half
        self.tokens = tokens_at_once(device)

    def forward(self, ids: Ids, mask: Ids) -> tuple[Vectors, Vectors]:
        """See `nlp.backends.Backend.forward`."""
        import torch

        tokens, known = (torch.from_numpy(array).to(self._device) for array in (ids, mask))
        with torch.inference_mode(), self._precision():
            states = self._model(input_ids=tokens, attention_mask=known, output_hidden_states=True).hidden_states
            sentence, features = pool([state.float() for state in states], tokens, known)
        return sentence.cpu().numpy(), features.cpu().numpy()

    def quantized(self) -> "TorchBackend":
        """See `nlp.backends.Backend.quantized`."""
        raise EncoderError("torch serves the encoder, which has int8 weights with ONNX Runtime alone")

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        return torch.autocast("cuda", torch.bfloat16) if self._half else nullcontext()


class TileBackend(TorchBackend):
    """The encoder in bfloat16, for many passages at once on a CPU that has tiles; see `nlp.backends.Backend`."""

    def __init__(self, model: Any) -> None:
        super().__init__(model.bfloat16(), "cpu")
        self.tokens = _TOKENS_IN_TILES

    def quantized(self) -> "TileBackend":
        """See `nlp.backends.Backend.quantized`."""
        raise EncoderError("bfloat16 serves passages alone, and has no int8 weights")


def has_tiles() -> bool:
    """True where the CPU multiplies tiles of bfloat16."""
    import torch

    return torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - torch 2.10 has no public name for it


def tokens_at_once(device: str) -> int:
    """How many tokens, padding included, one pass through the bundled encoder takes at best."""
    return _TOKENS_ON_GPU if device.startswith("cuda") else _TOKENS_ON_CPU


def load_bert(folder: Path, attention: str = "sdpa") -> Any:
    """The model in a folder, ready to infer; `attention` is "sdpa" or "eager"."""
    from transformers import BertModel

    with quiet_transformers():
        model = BertModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False, attn_implementation=attention
        )
    return model.eval()  # type: ignore[no-untyped-call]
