"""The transformer architecture: a pre-trained encoder, fine-tuned with its heads on the mean of its last states.

After Devlin et al. 2019, "BERT", with mean pooling (Reimers & Gurevych 2019, "Sentence-BERT"). Support is the energy
of the intent logits (Liu et al. 2020); coverage is the share of tokens that the encoder knows. Fine-tuned whole, it is
stored whole; fine-tuned by adapters (Hu et al. 2022, "LoRA"), only they and the heads are stored, and merged when it is
loaded. `nlp.training.transformer` trains it.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nlp.encoder import pick_device
from nlp.errors import EncoderError, ModelError
from nlp.model_store import Arrays, below
from nlp.pretrained import build_network, load_pretrained
from nlp.router import Scores, energy
from nlp.sequences import Sequences, by_length, join
from nlp.text import clean

if TYPE_CHECKING:
    from nlp.pretrained import Pretrained

_BATCH = 64
ADAPTERS = "adapters"
_CHARACTERS_PER_TOKEN = 16  # longer text is cut before it is tokenised

Floats = NDArray[np.float32]


class TransformerNetwork(nn.Module):
    """Token ids (n, t) and lengths (n,) to logits (n, c)."""

    def __init__(self, encoder: nn.Module, width: int, columns: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(width, columns)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (n, c), all heads side by side."""
        mask = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        states = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        mean = (states * mask[..., None]).sum(dim=1) / lengths[:, None]
        logits: torch.Tensor = self.heads(self.dropout(mean.to(self.heads.weight.dtype)))
        return logits


class SubwordTokenizer:
    """Texts to token ids. `text` is that of a `tokenizer.json`; `unknown` is -1 where nothing is unknown."""

    def __init__(self, text: str, max_tokens: int, pad: int, unknown: int) -> None:
        from tokenizers import Tokenizer

        self.text, self.max_tokens, self.pad, self.unknown = text, max_tokens, pad, unknown
        self._tokenizer = Tokenizer.from_str(text)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)

    def __call__(self, texts: Sequence[str]) -> tuple[Sequences, Floats]:
        """The ids of each text, at least one, and the share (n,) of its tokens that is known."""
        most = self.max_tokens * _CHARACTERS_PER_TOKEN
        encodings = self._tokenizer.encode_batch([clean(text[:most]) for text in texts])
        rows = [encoding.ids or [max(self.unknown, self.pad)] for encoding in encodings]
        return join(rows), np.array([self._coverage(encoding) for encoding in encodings], np.float32)

    def _coverage(self, encoding: Any) -> float:
        inner = [i for i, special in zip(encoding.ids, encoding.special_tokens_mask, strict=True) if not special]
        # Some tokenizers count the unknown token among the special ones, and it is what is asked for here.
        unknown = sum(i == self.unknown for i in encoding.ids)
        count = len([i for i in inner if i != self.unknown]) + unknown
        return 1 - unknown / count if count else 0.0


@dataclass(frozen=True)
class TransformerScorer:
    """See `nlp.router.Scorer`. `stored` is what the encoder is rebuilt from, `adapters` None if it is stored whole."""

    network: TransformerNetwork
    tokenizer: SubwordTokenizer
    intents: int
    stored: Mapping[str, Any]
    adapters: Arrays | None = None
    architecture: str = "transformer"

    def score(self, texts: Sequence[str]) -> Scores:
        """See `nlp.router.Scorer.score`."""
        rows, coverage = self.tokenizer(texts)
        logits = np.zeros((len(rows), self.network.heads.out_features), np.float32)
        device = self.network.heads.weight.device
        with torch.inference_mode():
            for part in by_length(rows.lengths, _BATCH):
                ids, lengths = (torch.from_numpy(array).to(device) for array in rows.batch(part, self.tokenizer.pad))
                logits[part] = self.network(ids, lengths).float().cpu().numpy()
        return Scores(logits, energy(logits[:, : self.intents]), coverage)

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """See `nlp.router.Scorer.to_arrays`."""
        tokenizer = self.tokenizer
        configuration = {
            **self.stored,
            "intents": self.intents,
            "max_tokens": tokenizer.max_tokens,
            "pad": tokenizer.pad,
            "unknown": tokenizer.unknown,
        }
        if self.adapters is not None:
            return configuration, {**self.adapters, **arrays_of(self.network.heads, "heads")}
        text = np.frombuffer(tokenizer.text.encode(), np.uint8)
        return configuration, {"tokenizer": text, **arrays_of(self.network)}


def arrays_of(module: nn.Module, prefix: str = "") -> Arrays:
    """The weights of a module by name, below `prefix` if there is one."""
    return arrays_from(module.state_dict(), prefix)


def arrays_from(state: Mapping[str, torch.Tensor], prefix: str) -> Arrays:
    """Tensors as arrays, below `prefix` if there is one."""
    start = f"{prefix}." if prefix else ""
    return {start + name: value.detach().cpu().numpy() for name, value in state.items()}


def add_adapters(encoder: nn.Module, rank: int, alpha: int, dropout: float = 0.0) -> Any:
    """The encoder with low-rank adapters beside all linear layers, which alone are trained."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules="all-linear")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # one library asks the other for an attribute's old name
        return get_peft_model(encoder, config)


def load_transformer(configuration: Mapping[str, Any], arrays: Arrays, device: str = "auto") -> TransformerScorer:
    """The scorer that `TransformerScorer.to_arrays` described.

    Raises:
        ModelError: its arrays do not fit, its encoder is refused, or the encoder that its adapters need is not here.
        EncoderError: `device` is not known, or not here.
    """
    weights = {name: torch.from_numpy(array) for name, array in arrays.items() if name != "tokenizer"}
    adapters = None
    encoder: Any
    try:
        if "lora" in configuration:
            encoder, text = _adapted(configuration["lora"], weights)
            adapters = {name: array for name, array in arrays.items() if name.startswith("adapters.")}
            weights = {f"heads.{name}": weights[f"heads.{name}"] for name in ("weight", "bias")}
        else:
            encoder, text = build_network(configuration["encoder"]), bytes(arrays["tokenizer"]).decode()
        columns, width = weights["heads.weight"].shape
        if width != encoder.config.hidden_size:
            raise ModelError(f"has heads for {width} features, and its encoder gives {encoder.config.hidden_size}")
        network = TransformerNetwork(encoder, width, columns)
        network.load_state_dict(weights, strict=adapters is None)
    except RuntimeError as error:
        raise ModelError("has arrays that do not fit its network") from error
    tokenizer = SubwordTokenizer(text, *(configuration[name] for name in ("max_tokens", "pad", "unknown")))
    stored = {name: configuration[name] for name in ("lora", "encoder") if name in configuration}
    network = network.to(pick_device(device)).eval()
    return TransformerScorer(network, tokenizer, configuration["intents"], stored, adapters)


def _adapted(lora: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> tuple[Any, str]:
    """The merged encoder and the text of its tokenizer."""
    try:
        base = load_pretrained(lora["base"])
    except EncoderError as error:
        raise ModelError(f"has adapters for an encoder that is not here ({error})") from error
    if base.fingerprint != lora["fingerprint"]:
        raise ModelError(f"has adapters for another encoder than {lora['base'] or 'the bundled one'!r} now is")
    return merge_adapters(base.network, lora["rank"], lora["alpha"], weights), base.tokenizer


def adapters_of(adapted: Any) -> Arrays:
    """The weights of an encoder's adapters, below "adapters"."""
    from peft import get_peft_model_state_dict

    return arrays_from(get_peft_model_state_dict(adapted), ADAPTERS)


def merge_adapters(encoder: nn.Module, rank: int, alpha: int, weights: Mapping[str, torch.Tensor]) -> Any:
    """The encoder with the adapters among `weights`, as `adapters_of` names them, merged into it.

    Raises:
        ModelError: some are missing, or fit nowhere.
    """
    adapted = add_adapters(encoder, rank, alpha)
    set_adapters(adapted, below(weights, ADAPTERS))
    return adapted.merge_and_unload()


def set_adapters(adapted: Any, state: Mapping[str, torch.Tensor]) -> None:
    """Give adapters their weights.

    Raises:
        ModelError: some are missing, or fit nowhere.
    """
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    if set(get_peft_model_state_dict(adapted)) != set(state):
        raise ModelError("has adapters that do not fit its encoder")
    set_peft_model_state_dict(adapted, dict(state))


def describe_encoder(base: "Pretrained", name: str, rank: int, alpha: int) -> dict[str, Any]:
    """What to store of the encoder in the configuration: all of it, or where its adapters belong."""
    if rank:
        return {"lora": {"base": name, "fingerprint": base.fingerprint, "rank": rank, "alpha": alpha}}
    return {"encoder": base.configuration}
