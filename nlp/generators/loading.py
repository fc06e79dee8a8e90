"""Loading chat models, by the rules of `nlp.pretrained`: safetensors only, nobody's code but the library's.

Nothing is fetched from the network unless the configuration allows it.
"""

import importlib.util
from pathlib import Path
from typing import Any

from nlp.encoder import pick_device, quiet_transformers
from nlp.errors import EncoderError, GeneratorError, ModelError
from nlp.generators import GeneratorConfig
from nlp.generators.chat_model import ChatModel
from nlp.pretrained import check_configuration


def load_chat_model(config: GeneratorConfig) -> ChatModel:
    """The model `config.model`, a folder or a Hugging Face id, on the device, in bfloat16 where that is a GPU.

    Raises:
        GeneratorError: it cannot be loaded, its configuration names code or kernels to be fetched, or the device or the
            quantization cannot be had here.
    """
    name = config.model
    try:
        device = pick_device(config.device)
        with quiet_transformers():
            network, tokenizer = _load(config, device)
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
    return ChatModel(Path(name).name, network, tokenizer, config.cache == "static")


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
