"""Pre-trained encoders as networks to be trained further: safetensors only, and nobody's code but the library's.

A configuration can name code to be fetched and run ("auto_map"), or kernels to be fetched from a hub
("_attn_implementation_internal"); one that does is refused, wherever it comes from.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlp.encoder import BUNDLED, bundled_folder, quiet_transformers
from nlp.errors import EncoderError, ModelError

if TYPE_CHECKING:
    from torch import nn

_REFUSED = frozenset(
    "auto_map attn_implementation _attn_implementation _attn_implementation_internal experts_implementation "
    "_experts_implementation _experts_implementation_internal quantization_config".split()
)
_PRIVATE = ("_name_or_path", "transformers_version", "architectures")  # of no use to a stored model
_OFFSET_POSITIONS = ("roberta", "camembert", "mpnet", "longformer")  # their positions begin after the padding's


@dataclass(frozen=True)
class Pretrained:
    """An encoder without pooling layer. `tokenizer` is the text of a `tokenizer.json`; `unknown` its id, -1 for none.

    `positions` is how many tokens it can read; `fingerprint` changes with any weight.
    """

    network: "nn.Module"
    configuration: dict[str, Any]
    tokenizer: str
    pad: int
    unknown: int
    positions: int
    fingerprint: str


def load_pretrained(name: str = "") -> Pretrained:
    """The encoder `name`: a folder or a Hugging Face id, empty for the bundled one.

    Raises:
        EncoderError: it cannot be loaded, or its configuration names code or kernels to be fetched.
    """
    source = str(bundled_folder()) if name in ("", BUNDLED) else name
    try:
        with quiet_transformers():
            return _load(source)
    except (EncoderError, ModelError) as error:
        raise EncoderError(f"encoder {name!r} {error}") from error
    except Exception as error:  # the library raises whatever its many back ends raise
        raise EncoderError(
            f"encoder {name!r} cannot be loaded for training: give a folder with config.json, model.safetensors and "
            "tokenizer.json, or a Hugging Face id that this machine can reach"
        ) from error


def _load(source: str) -> Pretrained:
    from transformers import AutoConfig, AutoModel, AutoTokenizer, PretrainedConfig

    check_configuration(PretrainedConfig.get_config_dict(source)[0])
    config = AutoConfig.from_pretrained(source, trust_remote_code=False)
    network = AutoModel.from_pretrained(
        source, config=config, use_safetensors=True, trust_remote_code=False, dtype="float32"
    )
    tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    if not tokenizer.is_fast:
        raise EncoderError("has no tokenizer.json: save its tokenizer in that form first")
    raw = {k: v for k, v in json.loads(network.config.to_json_string(use_diff=False)).items() if k not in _PRIVATE}
    return Pretrained(
        without_pooler(network),
        raw,
        tokenizer.backend_tokenizer.to_str(),
        tokenizer.pad_token_id or 0,
        -1 if tokenizer.unk_token_id is None else tokenizer.unk_token_id,
        min(_positions(raw), tokenizer.model_max_length),
        digest(network),
    )


def build_network(configuration: Mapping[str, Any]) -> "nn.Module":
    """The network of a stored configuration, with weights yet to be filled in.

    Raises:
        ModelError: it is of no known type, or names code or kernels to be fetched.
    """
    from transformers import AutoConfig, AutoModel

    check_configuration(configuration)
    try:
        config = AutoConfig.for_model(**configuration)
        model = AutoModel.from_config(config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"has the configuration of no known encoder ({configuration.get('model_type')!r})") from error
    network: nn.Module = without_pooler(model)
    return network


def check_configuration(raw: Mapping[str, Any]) -> None:
    """Refuse a configuration that names code or kernels to be fetched.

    Raises:
        ModelError: it does.
    """
    for key, value in raw.items():
        if key in _REFUSED and value is not None:
            raise ModelError(f"has {key!r} in its configuration, which is refused: remove it, or use another encoder")
        if isinstance(value, Mapping):
            check_configuration(value)


def without_pooler(network: Any) -> Any:
    """The network without a layer that mean pooling has no use for."""
    if getattr(network, "pooler", None) is not None:
        network.pooler = None
    return network


def _positions(raw: Mapping[str, Any]) -> int:
    most = int(raw.get("max_position_embeddings") or 512)
    offset = any(name in str(raw.get("model_type")) for name in _OFFSET_POSITIONS)
    return most - 2 if offset else most


def digest(network: "nn.Module") -> str:
    """A SHA-256 over the names and values of all weights."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
