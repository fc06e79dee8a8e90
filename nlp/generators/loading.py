"""Loading chat models, by the rules of `nlp.pretrained`: safetensors only, nobody's code but the library's.

Nothing is fetched from the network unless the configuration allows it.
"""

import importlib.util
import logging
from pathlib import Path
from typing import Any

from nlp.encoder import pick_device, quiet_transformers
from nlp.errors import EncoderError, GeneratorError, ModelError
from nlp.generators import GeneratorConfig
from nlp.generators.chat_model import ChatModel
from nlp.generators.lora import merge_learned
from nlp.pretrained import check_configuration

_log = logging.getLogger(__name__)


def load_chat_model(config: GeneratorConfig) -> ChatModel:
    """The model `config.model`, a folder or a Hugging Face id, on the device, in bfloat16 where that is a GPU.

    What was learned on top of it is merged into it, and its version becomes part of the name. Where that cannot be
    used, the model serves as it is.

    Raises:
        GeneratorError: it cannot be loaded, its configuration names code or kernels to be fetched, or the device or the
            quantization cannot be had here.
    """
    name = config.model
    try:
        device = pick_device(config.device)
        with quiet_transformers():
            network, tokenizer = _load(config, device)
            network, version = _with_learned(network, config)
    except (EncoderError, ModelError) as error:
        raise GeneratorError(f"generator {name!r}: {error}") from error
    except GeneratorError:
        raise
    except Exception as error:  # the library raises whatever its many back ends raise
        raise GeneratorError(
            f"generator {name!r} cannot be loaded ({type(error).__name__}): give a folder with config.json, weights "
            "(safetensors) and tokenizer, or a Hugging Face id that is downloaded, or may be with "
            "DAWEN_GENERATOR_DOWNLOAD=true"
        ) from error
    return ChatModel(Path(name).name + version, network, tokenizer, config.cache == "static")


def _with_learned(network: Any, config: GeneratorConfig) -> tuple[Any, str]:
    """The network with what was learned, and a mark of its version; the network itself where that cannot be used."""
    if config.adapter is None:
        return network, ""
    if config.quantize != "none":
        _log.warning("a quantized generator cannot take up what was learned: it serves as it is")
        return network, ""
    try:
        merged, version = merge_learned(network, config.adapter)
    except ModelError as error:
        _log.warning("%s; the model serves as it is", error)
        return network, ""
    return merged.eval(), f"+{version}"


def _load(config: GeneratorConfig, device: str) -> tuple[Any, Any]:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, PretrainedConfig

    if not config.model:
        raise GeneratorError("generator 'transformers' needs a model: set DAWEN_GENERATOR_MODEL to a folder or an id")
    rules: dict[str, Any] = {"trust_remote_code": False, "local_files_only": not config.download}
    check_configuration(PretrainedConfig.get_config_dict(config.model, local_files_only=not config.download)[0])
    shape = AutoConfig.from_pretrained(config.model, **rules)
    family = AutoModelForSeq2SeqLM if shape.is_encoder_decoder else AutoModelForCausalLM
    network: Any = family.from_pretrained(
        config.model,
        config=shape,
        use_safetensors=True,
        dtype="bfloat16" if device != "cpu" else "float32",  # SDPA is the library's own choice where a model has it
        **_quantization(config, device),
        **rules,
    )
    if config.quantize == "none":
        network.to(device)
    return network.eval(), AutoTokenizer.from_pretrained(config.model, **rules)


def _quantization(config: GeneratorConfig, device: str) -> dict[str, Any]:
    if config.quantize == "none":
        return {}
    if device == "cpu" or importlib.util.find_spec("bitsandbytes") is None:
        raise GeneratorError(
            f"quantization {config.quantize!r} needs a GPU and the library bitsandbytes, and this machine lacks one of "
            "them: pip install bitsandbytes, or set DAWEN_GENERATOR_QUANTIZE=none"
        )
    import torch
    from transformers import BitsAndBytesConfig

    nf4 = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
    )
    return {"quantization_config": nf4, "device_map": {"": device}}
